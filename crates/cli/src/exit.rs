//! Exit codes.

use std::process::ExitCode;

use keycensus_aws::error::CensusError;
use keycensus_core::judge::{changes::ChangeCounts, summary::Summary};

use crate::stored::Failed;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing is flagged and coverage is complete.
    Clean,
    /// An error that no argument can mend.
    Internal,
    /// Usage, settings, or what they name.
    Usage,
    /// Keys are flagged; coverage is complete.
    Flagged,
    /// Coverage is not complete, whether or not keys are flagged; of two reports,
    /// that nothing differs which could be seen, and not everything could.
    Incomplete,
    /// Two reports differ.
    Different,
    /// By Ctrl-C (SIGINT), before it was done.
    Interrupted,
    /// By SIGTERM, before it was done.
    Terminated,
}

impl Exit {
    /// The code that scripts see.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Flagged => 3,
            Self::Incomplete => 4,
            Self::Different => 5,
            // 128 and the number of the signal, as shells have it.
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    pub(crate) fn of_summary(summary: &Summary) -> Self {
        match (summary.coverage.complete, summary.keys.flagged) {
            (false, _) => Self::Incomplete,
            (true, 0) => Self::Clean,
            (true, _) => Self::Flagged,
        }
    }

    pub(crate) fn of_difference(counts: &ChangeCounts) -> Self {
        match (counts.total(), counts.unseen) {
            (0, 0) => Self::Clean,
            (0, _) => Self::Incomplete,
            _ => Self::Different,
        }
    }

    pub(crate) fn of_failed(failed: &Failed) -> Self {
        match failed {
            Failed::NotRead(_)
            | Failed::Damaged(_)
            | Failed::WrongOrder { .. }
            | Failed::NotWritten { .. }
            | Failed::NotOpened { .. } => Self::Usage,
            Failed::NotPrinted(_) | Failed::NotHeld(_) => Self::Internal,
        }
    }

    pub(crate) fn of_error(error: &CensusError) -> Self {
        match error {
            CensusError::SettingsError(_)
            | CensusError::OrganizationUnreadable { .. }
            | CensusError::NothingReachable { .. }
            | CensusError::BucketUnreadable { .. }
            | CensusError::LeaseUnreadable { .. }
            | CensusError::NoPlan { .. }
            | CensusError::ReportNotWritten { .. }
            | CensusError::DigestNotSent { .. } => Self::Usage,
            CensusError::OutOfTime { .. } => Self::Internal,
            CensusError::Interrupted { .. } => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
