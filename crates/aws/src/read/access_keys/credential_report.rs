//! Getting an account's credential report: asking for it, and waiting until it is
//! there.

use std::time::Duration;

use aws_sdk_iam::types::ReportStateType;
use jiff::Timestamp;
use keycensus_core::model::credential_report::CredentialReport;

use crate::{
    services::iam::Iam,
    transport::call_error::{CallError, Failure},
};

/// How long to wait before looking whether a report is there; each time twice as
/// long …
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// … but not longer than this …
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// … and not more often: about two minutes.
const LOOKS: u32 = 18;

/// A credential report, as it was generated.
#[derive(Debug)]
pub(crate) struct GeneratedReport {
    pub(crate) report: CredentialReport,
    /// When it was generated.
    pub(crate) generated_at: Timestamp,
    /// Whether it was generated for this census. What has happened since an older
    /// one was generated is not in it.
    pub(crate) is_new: bool,
}

/// Error codes that mean "not yet": there is none, an old one, or one in the
/// making
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html>).
const NOT_YET: [&str; 3] = ["ReportNotPresent", "ReportExpired", "ReportInProgress"];

/// Gets the credential report of the account. A report of the last 4 hours is
/// taken as it is: IAM would not make another.
pub(crate) async fn credential_report(iam: &Iam<'_>) -> Result<GeneratedReport, CallError> {
    let mut is_new = false;
    let mut wait = FIRST_WAIT;
    let mut look = 0;
    loop {
        look += 1;
        let mut refused = None;
        let is_ready = match iam.generate_credential_report().await {
            Ok(Some(ReportStateType::Complete)) => true,
            Ok(state) => {
                is_new |= state == Some(ReportStateType::Started);
                false
            }
            // Too many were asked for; one of them will be there soon.
            Err(error) if &*error.code == "LimitExceeded" => false,
            // A caller that may not ask for a report may still read one that exists.
            Err(error) if error.failure == Failure::Refused => {
                refused = Some(error);
                true
            }
            Err(error) => return Err(error),
        };
        if !is_ready || look > 1 {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        match iam.credential_report().await {
            Ok((report, generated_at)) => {
                return Ok(GeneratedReport {
                    report,
                    generated_at,
                    is_new,
                });
            }
            Err(error) => {
                // What was refused first is what is to be allowed.
                let error = refused.unwrap_or(error);
                if look == LOOKS || !NOT_YET.contains(&&*error.code) {
                    return Err(error);
                }
            }
        }
    }
}
