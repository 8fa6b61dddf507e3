//! What a scan found out of a whole organization.

use std::collections::BTreeMap;

use crate::model::{account::AccountId, coverage::CoverageRow, reading::KeyReading};

/// All that a scan found out: every key that a listing returned, and what was
/// and was not covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<Keys = Vec<KeyReading>> {
    /// One for each key, in any order.
    pub keys: Keys,
    /// One for each cell, and one for every account that was not entered, in
    /// any order.
    pub coverage: Vec<CoverageRow>,
    /// Where accounts are in the organization, by name: `Root/Prod/Payments`. An
    /// organizational unit's ID stands in for a name that was refused. An account
    /// is missing where the organization would not say.
    pub ou_paths: BTreeMap<AccountId, String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            coverage: Vec::new(),
            ou_paths: BTreeMap::new(),
        }
    }
}
