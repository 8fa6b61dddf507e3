//! What the files of the last run say: of its keys, so that this run can be
//! compared with it, and of what it did not get to.

use std::fmt;

mod known_keys;
mod texts;
mod undone;

pub(crate) use known_keys::LastSaid;
pub use known_keys::{KnownKey, KnownKeys};
pub use undone::{accounts_with_gaps, keys_without_time, lacked_time};

/// What there is to compare a run with.
#[derive(Debug)]
pub enum LastRun {
    /// Nothing: this is the first census.
    None(NoLastRun),
    /// The keys that the last run knew.
    Known(KnownKeys),
}

/// Why there is nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLastRun {
    /// There is no earlier report.
    Missing,
    /// It could not be read, or is damaged.
    Unreadable,
    /// An earlier version wrote it: columns are missing.
    OlderColumns,
    /// Its files are not those of one run.
    Mixed,
    /// There was no time left to read it.
    NoTime,
}

impl NoLastRun {
    /// Every reason.
    pub const ALL: [Self; 5] = [
        Self::Missing,
        Self::Unreadable,
        Self::OlderColumns,
        Self::Mixed,
        Self::NoTime,
    ];

    /// The words for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "there is no earlier report",
            Self::Unreadable => "the last report could not be read",
            Self::OlderColumns => "the last report is of an earlier version",
            Self::Mixed => "the files of the last report are not of one run",
            Self::NoTime => "there was no time left to read the last report",
        }
    }
}

impl fmt::Display for NoLastRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl LastRun {
    /// What the last run's `keys.csv` and `unseen.csv` say, where these are there.
    ///
    /// A `keys.csv` with a row that is not as we write it counts as unreadable:
    /// compared with half of a report, the other half would look new. Without an
    /// `unseen.csv` that can be read, no key was unseen.
    #[must_use]
    pub fn read(keys_csv: Option<&[u8]>, unseen_csv: Option<&[u8]>) -> Self {
        let Some(keys_csv) = keys_csv else {
            return Self::None(NoLastRun::Missing);
        };
        match KnownKeys::read(keys_csv, unseen_csv) {
            Ok(known) => Self::Known(known),
            Err(why) => Self::None(why),
        }
    }
}

#[cfg(test)]
mod tests;
