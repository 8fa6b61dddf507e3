//! `GenerateCredentialReport` and `GetCredentialReport`.

use aws_smithy_types::base64;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{csv, date_time};
use crate::{
    call::Call,
    state::{State, credential_reports::Stage},
    wire::AwsError,
    world::CredentialReport,
};

/// Asks for a report.
pub(super) fn generate(state: &State, call: &Call<'_>) -> Value {
    let id = &call.caller.account;
    let takes_ms = match state.account(id) {
        Some(account) => account.credential_report.takes_ms,
        None => CredentialReport::default().takes_ms,
    };
    let takes = SignedDuration::from_millis(i64::try_from(takes_ms).unwrap_or(i64::MAX));
    match state.reports.request(id, state.clock.now(), takes) {
        Stage::Absent | Stage::Expired => json!({
            "State": "STARTED",
            "Description": "No report exists. Starting a new report generation task",
        }),
        Stage::Running => json!({"State": "INPROGRESS"}),
        Stage::Valid(_) => json!({"State": "COMPLETE"}),
    }
}

/// The report, if there is a valid one.
pub(super) fn get(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let id = &call.caller.account;
    let (code, status, message) = match state.reports.stage(id, state.clock.now()) {
        Stage::Valid(generated) => return Ok(written(state, id, generated)),
        Stage::Absent => (
            "ReportNotPresent",
            410,
            "No report has been generated for this account.",
        ),
        Stage::Expired => (
            "ReportExpired",
            410,
            "The most recent report has expired. Generate a new one.",
        ),
        Stage::Running => ("ReportInProgress", 404, "A report is being generated."),
    };
    Err(AwsError::new(code, status, message))
}

fn written(state: &State, id: &str, generated: Timestamp) -> Value {
    let account = state.account(id);
    let given = account.and_then(|account| account.credential_report.content.clone());
    let content = given.unwrap_or_else(|| csv::report(state, id, generated));
    json!({
        "Content": base64::encode(content),
        "ReportFormat": "text/csv",
        "GeneratedTime": date_time(generated),
    })
}
