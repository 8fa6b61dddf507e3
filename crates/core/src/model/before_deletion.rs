//! What has to be known of a KMS key before it is deleted.

use jiff::Timestamp;

use crate::model::{dependents::Dependents, key_policy::Guard, refused_uses::RefusedUses};

/// What was read of a key for its deletion. Empty for most keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BeforeDeletion {
    /// When KMS deletes it: DescribeKey's `DeletionDate`, which a key in the state
    /// `PendingDeletion` has, and no other
    /// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>).
    pub deletion_date: Option<Timestamp>,
    /// How its key policy guards it against being disabled and deleted. `None`: not read.
    pub guard: Option<Guard>,
    /// What was found to depend on it. `None`: that was not looked for.
    pub dependents: Option<Dependents>,
    /// What was found of refused uses of it. `None`: they were not looked for.
    pub refused_uses: Option<RefusedUses>,
}
