//! What there is to compare a run with: the previous run's keys, or nothing.

use std::fmt;

use crate::{
    judge::{
        changes::ComparedWith,
        known_keys::{KnownKey, KnownKeys},
    },
    model::words::words,
};

/// What there is to compare a run with.
#[derive(Debug)]
pub enum LastRun {
    /// Nothing: this is the first census.
    None(NoLastRun),
    /// The keys that the last run knew.
    Known(KnownKeys),
}

impl LastRun {
    /// What a run is compared with by this.
    #[must_use]
    pub fn compared_with(&self) -> ComparedWith {
        match self {
            Self::None(why) => ComparedWith::Nothing(*why),
            Self::Known(known) => ComparedWith::LastRun(known.scan_date()),
        }
    }

    /// The keys of each account that the last run knew, in the order of the accounts' IDs.
    pub fn by_account(&self) -> impl Iterator<Item = Vec<KnownKey>> {
        let known = match self {
            Self::None(_) => None,
            Self::Known(known) => Some(known.by_account()),
        };
        known.into_iter().flatten()
    }
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

words!(NoLastRun {
    Missing = "missing",
    Unreadable = "unreadable",
    OlderColumns = "older_columns",
    Mixed = "mixed",
    NoTime = "no_time",
});

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
