//! What the last run left undone for lack of time, so that this one begins with
//! it, and successive nights cover everything.

use std::collections::{BTreeSet, HashSet};

use keycensus_core::{account::AccountId, last_run};

use crate::{connection::Aws, destination::Destination, session::Scanner};

/// What the last run left undone.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    /// Accounts with a cell that was deferred or partial.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The IDs of keys that there was no time for.
    pub(crate) keys: HashSet<String>,
}

/// Looks into the latest report. Where there is none, or it cannot be read,
/// nothing comes first.
pub(crate) async fn unfinished(
    aws: &Aws,
    scanner: &Scanner,
    destination: &Destination,
) -> Unfinished {
    use keycensus_core::layout::ReportFile::{CoverageCsv, KeysCsv};
    let Some(coverage) = destination.latest(aws, scanner, CoverageCsv).await else {
        return Unfinished::default();
    };
    let accounts = last_run::accounts_with_gaps(&coverage);
    let keys = match last_run::lacked_time(&coverage) {
        true => destination.latest(aws, scanner, KeysCsv).await,
        false => None,
    };
    Unfinished {
        accounts,
        keys: keys
            .map(|keys| last_run::keys_without_time(&keys))
            .unwrap_or_default(),
    }
}
