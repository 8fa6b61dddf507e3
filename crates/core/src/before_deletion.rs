//! What is to be known of a KMS key before it is deleted.

use jiff::Timestamp;

use crate::{
    dependents::Dependents,
    key_policy::Guard,
    key_row::is_flagged,
    reading::{KeyKind, KeyReading},
    verdict::Verdict,
};

/// What was read of a key that its deletion depends on. Most keys have nothing
/// of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BeforeDeletion {
    /// When KMS deletes it: DescribeKey's `DeletionDate`, which a key in the state
    /// `PendingDeletion` has, and no other
    /// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>).
    pub deletion_date: Option<Timestamp>,
    /// How its key policy guards it against being disabled and deleted. `None`: not
    /// read.
    pub guard: Option<Guard>,
    /// What was found to depend on it. `None`: nobody asked.
    pub dependents: Option<Dependents>,
}

impl KeyReading {
    /// When KMS deletes it, where it does.
    #[must_use]
    pub fn deletion_date(&self) -> Option<Timestamp> {
        self.before_deletion.as_deref()?.deletion_date
    }

    /// How its key policy guards it; `None` where that was not read.
    #[must_use]
    pub fn guard(&self) -> Option<Guard> {
        self.before_deletion.as_deref()?.guard
    }

    /// What was found to depend on it; `None` where nobody asked.
    #[must_use]
    pub fn dependents(&self) -> Option<&Dependents> {
        self.before_deletion.as_deref()?.dependents.as_ref()
    }
}

/// Whether it matters what depends on `key`, of which `verdict` is said: it is
/// flagged, or will be deleted.
#[must_use]
pub fn dependents_matter(key: &KeyReading, verdict: Verdict) -> bool {
    key.kind == KeyKind::KmsKey && (is_flagged(key, verdict) || verdict == Verdict::PendingDeletion)
}
