//! What earlier slices of a run have read of an account.

use std::collections::BTreeMap;

use keycensus_core::model::{
    coverage::Scope, kind::KeyResource, partial_reading::PartialReading, reading::KeyReading,
};

use crate::read::{context::ScanContext, kms_keys::cell::KeptCell};

/// What earlier slices of the run have read of an account.
pub(super) struct KeptAccount {
    /// All but the keys that were read.
    pub(super) reading: PartialReading,
    /// What was read of KMS cells that were not read to their end.
    pub(super) cells: BTreeMap<Scope, KeptCell>,
    /// The access keys that were read, where the IAM cell was not read to its end.
    pub(super) access_keys: Vec<KeyReading>,
}

impl KeptAccount {
    pub(super) fn new(mut reading: PartialReading, scan: &ScanContext) -> Self {
        let mut cells: BTreeMap<Scope, KeptCell> = BTreeMap::new();
        let mut access_keys = Vec::new();
        for key in std::mem::take(&mut reading.keys) {
            let cell = key.cell();
            match key.kind.resource() {
                _ if reading.has_cell(&cell) => {}
                // They are listed again.
                KeyResource::Secret => {}
                KeyResource::KmsKey => {
                    let kept = cells.entry(cell).or_default();
                    kept.add(&key, &scan.settings, scan.now);
                }
                KeyResource::IamUser | KeyResource::RootUser => access_keys.push(key),
            }
        }
        Self {
            reading,
            cells,
            access_keys,
        }
    }
}
