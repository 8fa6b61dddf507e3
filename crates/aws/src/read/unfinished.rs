//! What the last run left undone, with which this one begins.

use std::collections::{BTreeSet, HashSet};

use keycensus_core::model::account::AccountId;

/// What the last run left undone.
#[derive(Debug, Default)]
pub(crate) struct Unfinished {
    /// Accounts with a cell that was deferred or partial.
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The IDs of keys that there was no time for.
    pub(crate) keys: HashSet<String>,
}
