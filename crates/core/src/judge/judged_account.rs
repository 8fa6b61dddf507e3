//! One account with all that a report has about it.

use crate::{
    judge::{changes::GoneKey, judged_key::JudgedKey, known_keys::KnownKey},
    model::{account::AccountId, coverage::CoverageRow},
};

/// One account, or the organization itself, which has coverage rows only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JudgedAccount {
    /// Its ID; `None` for the organization itself.
    pub account: Option<AccountId>,
    /// Its keys, sorted as `keys.csv` has them.
    pub keys: Vec<JudgedKey>,
    /// Its coverage rows, in any order.
    pub coverage: Vec<CoverageRow>,
    /// Its keys that are gone, sorted as `keys.csv` would have them.
    pub gone: Vec<GoneKey>,
    /// Its keys that may still exist: their cells were not listed whole. Sorted as `keys.csv` would
    /// have them.
    pub unseen: Vec<KnownKey>,
}

impl JudgedAccount {
    /// Its flagged keys, in their order.
    pub fn flagged(&self) -> impl Iterator<Item = &JudgedKey> {
        self.keys.iter().filter(|key| key.is_flagged())
    }
}
