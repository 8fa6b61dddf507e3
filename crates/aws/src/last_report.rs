//! The report of the last run: what it left undone, so that this one begins with
//! it and successive nights cover everything, and what it said of each key, so
//! that this one can tell what has changed.

use std::collections::{BTreeSet, HashSet};

use keycensus_core::{
    account::AccountId,
    last_run::{self, LastRun, NoLastRun},
    layout::ReportFile,
};

use crate::{destination::Unread, occurrence::Place};

/// What the last run left undone.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    /// Accounts with a cell that was deferred or partial.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The IDs of keys that there was no time for.
    pub(crate) keys: HashSet<String>,
}

/// The last run's keys, as far as they are here.
#[derive(Debug)]
pub(crate) enum LastKeys {
    /// Not asked for yet: they are many, and reading need not wait for them.
    NotYet,
    /// Here.
    Here(Result<Option<Vec<u8>>, Unread>),
}

/// Looks into the latest coverage. Where there is none, or it cannot be read,
/// nothing comes first.
pub(crate) async fn unfinished(at: Place<'_>) -> (Unfinished, LastKeys) {
    let Ok(Some(coverage)) = latest(at, ReportFile::CoverageCsv).await else {
        return (Unfinished::default(), LastKeys::NotYet);
    };
    let mut unfinished = Unfinished {
        accounts: last_run::accounts_with_gaps(&coverage),
        keys: HashSet::new(),
    };
    if !last_run::lacked_time(&coverage) {
        return (unfinished, LastKeys::NotYet);
    }
    let keys = latest(at, ReportFile::KeysCsv).await;
    if let Ok(Some(keys)) = &keys {
        unfinished.keys = last_run::keys_without_time(keys);
    }
    (unfinished, LastKeys::Here(keys))
}

/// What the last run said of each key.
pub(crate) async fn last_run(at: Place<'_>, keys: LastKeys) -> LastRun {
    let keys = async {
        match keys {
            LastKeys::NotYet => latest(at, ReportFile::KeysCsv).await,
            LastKeys::Here(keys) => keys,
        }
    };
    let (keys, unseen) = tokio::join!(keys, latest(at, ReportFile::UnseenCsv));
    match (keys, unseen) {
        (Ok(keys), Ok(unseen)) => LastRun::read(keys.as_deref(), unseen.as_deref()),
        _ => LastRun::None(NoLastRun::Unreadable),
    }
}

async fn latest(at: Place<'_>, file: ReportFile) -> Result<Option<Vec<u8>>, Unread> {
    at.destination.latest(at.aws, file).await
}
