//! What a census reads of a whole organization.

use std::collections::BTreeMap;

use crate::model::{account::AccountId, coverage::CoverageRow, reading::KeyReading};

/// Every key that a listing returned, and the coverage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<Keys = Vec<KeyReading>> {
    /// One for each key, in any order.
    pub keys: Keys,
    /// One for each cell, and one for every account that was not entered, in any order.
    pub coverage: Vec<CoverageRow>,
    /// Where accounts are in the organization, by name: `Root/Prod/Payments`. An organizational
    /// unit is named by its ID where its name could not be read. An account is missing where its
    /// path could not be read.
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
