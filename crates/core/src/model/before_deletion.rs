//! What is to be known of a KMS key before it is deleted.

use jiff::Timestamp;

use crate::model::{dependents::Dependents, key_policy::Guard};

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
