//! What there is to compare a run with: the previous run's keys, or nothing.

use std::fmt;

use crate::judge::known_keys::KnownKeys;

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

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::OlderColumns => "older_columns",
            Self::Mixed => "mixed",
            Self::NoTime => "no_time",
        }
    }
}

impl fmt::Display for NoLastRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no earlier report",
            Self::Unreadable => "the last report could not be read",
            Self::OlderColumns => "the last report is of an earlier version",
            Self::Mixed => "the files of the last report are not of one run",
            Self::NoTime => "there was no time left to read the last report",
        })
    }
}
