//! Why a census had nothing to report.

use keycensus_core::settings::SettingsError;
use thiserror::Error;

/// Why a census had nothing to report. Everything else is a gap in coverage,
/// in the files and the digest. The variant's name is the invocation's
/// `errorType`.
#[derive(Debug, Error)]
pub enum CensusError {
    /// A setting does not exist, does not hold, or the world outside does not
    /// agree with it.
    #[error(transparent)]
    SettingsError(#[from] SettingsError),
    /// The organization's accounts could not be listed.
    #[error("cannot list the organization's accounts from account {scanner}: {reason}")]
    OrganizationUnreadable {
        /// The account the census runs in.
        scanner: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// No account could be entered.
    #[error("no account could be entered: {reason}")]
    NothingReachable {
        /// The first refusal, and what would be right.
        reason: String,
    },
    /// There was no time left before the run had to end.
    #[error("there was no time left {to}")]
    OutOfTime {
        /// For what: "to write the report before …".
        to: String,
    },
    /// An object of the report bucket, the bucket itself, or what is kept in the folder, could not be
    /// read.
    #[error("{location} could not be read: {reason}")]
    BucketUnreadable {
        /// The bucket, and the key if there is one; or the path.
        location: String,
        /// What is wrong.
        reason: String,
    },
    /// The object of a lease is not one that a census writes.
    #[error("the lease {location} could not be read: {reason}")]
    LeaseUnreadable {
        /// The bucket and key.
        location: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A stage of a run needs the plan of an earlier stage.
    #[error("there is no plan of run {run_id} with these settings: {reason}")]
    NoPlan {
        /// The run.
        run_id: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// A person ended the run before its report.
    #[error("the run was interrupted")]
    Interrupted {
        /// Whether all that was read is kept, and another run can go on with it.
        is_kept: bool,
    },
    /// The report could not be written.
    #[error("the report could not be written to {location}: {reason}")]
    ReportNotWritten {
        /// The bucket and key, or the path.
        location: String,
        /// What is wrong.
        reason: String,
    },
    /// The report is written, but the digest could not be sent.
    #[error("the digest could not be sent to {topic}: {reason}")]
    DigestNotSent {
        /// The topic's ARN.
        topic: String,
        /// What is wrong.
        reason: String,
    },
}

impl CensusError {
    /// The word for the kind of error: what an invocation calls `errorType`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::SettingsError(_) => "SettingsError",
            Self::OrganizationUnreadable { .. } => "OrganizationUnreadable",
            Self::NothingReachable { .. } => "NothingReachable",
            Self::OutOfTime { .. } => "OutOfTime",
            Self::BucketUnreadable { .. } => "BucketUnreadable",
            Self::LeaseUnreadable { .. } => "LeaseUnreadable",
            Self::NoPlan { .. } => "NoPlan",
            Self::Interrupted { .. } => "Interrupted",
            Self::ReportNotWritten { .. } => "ReportNotWritten",
            Self::DigestNotSent { .. } => "DigestNotSent",
        }
    }
}
