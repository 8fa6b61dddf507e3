//! What a run reports about the runs before it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a report includes about the runs before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousRuns {
    /// The run that this one was compared with; `null` where there was none, and where an
    /// earlier version wrote its report.
    pub compared_with: Option<String>,
    /// What was found in `latest/` where that did not hold the files of one run; `null`
    /// where it did.
    pub latest_was: Option<String>,
    /// Digests of earlier runs that were not sent, or may not have been; `null` where
    /// there are none.
    pub lost_digests: Option<LostDigests>,
}

/// Digests that were not sent, or may not have been, and that no later digest has mentioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostDigests {
    /// Digests of the organization.
    pub digests: u64,
    /// Messages of one account each.
    pub account_digests: u64,
    /// The UTC date of the first report that they are of.
    pub since: Date,
    /// The run of the last of them.
    pub run_id: String,
}

impl LostDigests {
    /// These and those of a `later` run.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            digests: self.digests + later.digests,
            account_digests: self.account_digests + later.account_digests,
            since: self.since.min(later.since),
            run_id: later.run_id,
        }
    }
}
