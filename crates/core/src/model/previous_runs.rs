//! What a run reports about the runs before it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::words::words;

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
    /// Why the trend begins anew with this report; `null` where it goes on, and in the first
    /// census.
    #[serde(default)]
    pub trend_anew: Option<NoTrend>,
}

/// Why the nights before are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoTrend {
    /// The last report has no trend: an earlier version wrote it.
    NotKept,
    /// The file is missing.
    Missing,
    /// The file is not the one that the last report names.
    Mixed,
    /// The file is damaged, or an earlier version wrote it.
    Damaged,
    /// The file, or the summary that names it, could not be read.
    Unreadable,
}

words!(NoTrend {
    NotKept = "not_kept",
    Missing = "missing",
    Mixed = "mixed",
    Damaged = "damaged",
    Unreadable = "unreadable",
});

impl fmt::Display for NoTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotKept => "the last report has none",
            Self::Missing => "the trend.csv of the last report is missing",
            Self::Mixed => "latest/trend.csv is not that of the last report",
            Self::Damaged => {
                "the trend.csv of the last report is damaged, or of an earlier version"
            }
            Self::Unreadable => "the trend.csv of the last report could not be read",
        })
    }
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
