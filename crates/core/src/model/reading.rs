//! What a census reads of a key.

use std::sync::Arc;

use jiff::Timestamp;

pub use crate::model::kind::KeyKind;
use crate::model::{
    account::{Account, AccountId},
    before_deletion::BeforeDeletion,
    coverage::Scope,
    dependents::Dependents,
    gap::Gap,
    key_policy::Guard,
    refused_uses::RefusedUses,
    region::{GLOBAL, Region},
    words::words,
};

/// Who manages a key: KeyManager of DescribeKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// The customer: the key can be disabled and deleted, and costs money.
    Customer,
    /// AWS, on the customer's behalf: it cannot be deleted, and is free.
    Aws,
}

words!(Manager {
    Customer = "customer",
    Aws = "aws",
});

/// The last use of a key, as AWS reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// Not read: AWS manages the key and its last use is not asked for, or it is pending deletion, and
    /// no request is spent on it; or AWS does not record it.
    NotRead,
    /// A use is recorded.
    Recorded(LastUse),
    /// No use is recorded since tracking began for this key.
    NoneRecorded {
        /// The later of the moment tracking began and the key's creation.
        tracked_since: Timestamp,
        /// When the key was created, by the same response. `None`: the response has no
        /// creation date, so an earlier use cannot be excluded.
        created_at: Option<Timestamp>,
    },
    /// Could not be read.
    Unreadable(Gap),
}

/// A recorded use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// The operation as KMS names it (`Decrypt`); an open set. `None` for access keys.
    pub operation: Option<String>,
    /// The service that was called, as IAM names it (`s3`); an open set. `None` for KMS keys,
    /// and where IAM returns `N/A`.
    pub service: Option<String>,
    /// The Region that was called, as IAM names it (`eu-west-1`); it may be newer than this
    /// version. `None` as for `service`.
    pub region: Option<String>,
    /// The ID of the use's CloudTrail event.
    pub cloudtrail_event_id: Option<String>,
    /// The ID of the KMS request that was the use. `None` for access keys.
    pub kms_request_id: Option<String>,
    /// The later of the moment tracking began and the key's creation.
    pub tracked_since: Option<Timestamp>,
}

/// One key as it was read.
///
/// An access key or password is global, managed by the customer, named after its user, and
/// known by the user's ARN: it has none of its own. A secret is named by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReading {
    /// The account the key belongs to.
    pub account: Arc<Account>,
    /// The Region it is in; `None` for a global key.
    pub region: Option<Region>,
    /// Its kind.
    pub kind: KeyKind,
    /// Its ID within account, Region and kind: a KMS key's ID, an access key's ID (`AKIA…`), or for
    /// a root access key, whose ID only the root user can see, `root_access_key_1` or
    /// `root_access_key_2`; for a password, its user's name; for a secret, its name with the
    /// characters that AWS adds; a service-specific credential's ID (`ACCA…`).
    pub key_id: String,
    /// Its ARN; for an access key, password or service-specific credential, its user's.
    pub arn: String,
    /// What people call it, in any order; free text. A KMS key's aliases; the user of an
    /// access key or password, `<root_account>` for the root user; a secret's name; the
    /// user and the service of a service-specific credential.
    pub names: Vec<String>,
    /// The value of the first owner tag present; free text.
    pub owner: Option<String>,
    /// The value of the exemption tag, where the key has one: the reason; free
    /// text. `None`: not exempt.
    pub exemption: Option<String>,
    /// Who manages it; `None` when that could not be read.
    pub manager: Option<Manager>,
    /// Its state as AWS names it (`Enabled`, `Active`); `None` when it could not be read, and for a
    /// password, which has none. Of a secret only
    /// [`ROTATION_ENABLED`](crate::model::secret::ROTATION_ENABLED).
    pub state: Option<String>,
    /// When it was created, a password last changed; `None` when that could not be read.
    pub created_at: Option<Timestamp>,
    /// When it expires by itself; `None`: never, or AWS does not say.
    pub expires_at: Option<Timestamp>,
    /// Its last use.
    pub usage: Usage,
    /// When AWS reported the last use, where that was before this run: an earlier run asked for it,
    /// or the credential report that has it was generated then. `None`: it was read in this run.
    pub usage_read_at: Option<Timestamp>,
    /// The gap that left owner and exemption unknown, where there was one.
    pub tags_gap: Option<Gap>,
    /// The set of multi-Region keys, or of a secret and its replicas, that it belongs to; `None` for
    /// any other key, and where that could not be read.
    pub multi_region: Option<Box<MultiRegion>>,
    /// How often its key material was rotated. `None`: not read.
    pub rotations: Option<u32>,
    /// What was read for its deletion; `None` where nothing was.
    pub before_deletion: Option<Box<BeforeDeletion>>,
}

impl KeyReading {
    /// A key of which nothing is known yet but that it is there; a global key has no `region`.
    #[must_use]
    pub fn listed(
        account: &Arc<Account>,
        region: Option<Region>,
        kind: KeyKind,
        key_id: String,
        arn: String,
    ) -> Self {
        Self {
            account: Arc::clone(account),
            region,
            kind,
            key_id,
            arn,
            names: Vec::new(),
            owner: None,
            exemption: None,
            manager: None,
            state: None,
            created_at: None,
            expires_at: None,
            usage: Usage::NotRead,
            usage_read_at: None,
            tags_gap: None,
            multi_region: None,
            rotations: None,
            before_deletion: None,
        }
    }

    /// The Region it is in; `global` for a global key.
    #[must_use]
    pub fn region_or_global(&self) -> &str {
        self.region.as_ref().map_or(GLOBAL, Region::as_str)
    }

    /// What sorts the keys of a report: account, Region, kind and key ID. No two keys have
    /// the same.
    #[must_use]
    pub fn identity(&self) -> (AccountId, &str, &'static str, &str) {
        let kind = self.kind.as_str();
        (self.account.id, self.region_or_global(), kind, &self.key_id)
    }

    /// The cell that lists it, as coverage rows have it.
    #[must_use]
    pub fn cell(&self) -> Scope {
        Scope::Cell {
            region: self.region.clone(),
            kind: self.kind.of_cell(),
        }
    }

    /// Why its last use could not be read; `None` where it was read, or not requested.
    #[must_use]
    pub fn usage_gap(&self) -> Option<&Gap> {
        match &self.usage {
            Usage::Unreadable(gap) => Some(gap),
            Usage::NotRead | Usage::Recorded(_) | Usage::NoneRecorded { .. } => None,
        }
    }

    /// The same, unless AWS manages the key: no verdict rests on the last use of such a key, so that
    /// nothing is lacking without it.
    #[must_use]
    pub fn missing_usage(&self) -> Option<&Gap> {
        let is_missed = self.manager != Some(Manager::Aws);
        self.usage_gap().filter(|_| is_missed)
    }

    /// The ID of its set of multi-Region keys: the key ID that they share. `None` for a key of one
    /// Region.
    #[must_use]
    pub fn multi_region_set(&self) -> Option<&str> {
        let has_prefix =
            self.kind == KeyKind::KmsKey && self.key_id.starts_with(MULTI_REGION_PREFIX);
        (has_prefix || self.multi_region.is_some()).then_some(self.key_id.as_str())
    }
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

    /// What was found to depend on it; `None` where that was not looked for.
    #[must_use]
    pub fn dependents(&self) -> Option<&Dependents> {
        self.before_deletion.as_deref()?.dependents.as_ref()
    }

    /// What was found of refused uses of it; `None` where they were not looked for.
    #[must_use]
    pub fn refused_uses(&self) -> Option<&RefusedUses> {
        self.before_deletion.as_deref()?.refused_uses.as_ref()
    }
}

/// The state of a disabled KMS key
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>).
pub const DISABLED: &str = "Disabled";

/// What the ID of every multi-Region key begins with, and of no other key
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>).
const MULTI_REGION_PREFIX: &str = "mrk-";

/// A key's set of multi-Region keys, DescribeKey's `MultiRegionConfiguration`
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_MultiRegionConfiguration.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiRegion {
    /// The key's own role in the set.
    pub role: MultiRegionRole,
    /// The Region of the set's primary key; empty where it is not known: of a secret of a stored
    /// report.
    pub primary_region: String,
    /// The Regions of its replica keys, in any order; of a secret none, as ListSecrets has none.
    pub replica_regions: Vec<String>,
}

/// What a key is in its set of multi-Region keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiRegionRole {
    /// The one that the others were replicated from.
    Primary,
    /// A replica: a key of its own, with the same key material and ID, that is
    /// used, disabled and paid for apart from the others.
    Replica,
}

words!(MultiRegionRole {
    Primary = "primary",
    Replica = "replica",
});

#[cfg(test)]
mod tests {
    use super::{KeyReading, Manager, Usage};
    use crate::{
        examples::{account, kms_key},
        model::gap::Gap,
    };

    #[test]
    fn nothing_is_missing_without_the_last_use_of_a_key_that_aws_manages() {
        let unread = KeyReading {
            usage: Usage::Unreadable(Gap::NoTimeLeft),
            ..kms_key(&account(2, "payments"), 1, "2026-11-01T00:00:00Z")
        };
        assert_eq!(unread.missing_usage(), Some(&Gap::NoTimeLeft));
        let of_aws = KeyReading {
            manager: Some(Manager::Aws),
            ..unread
        };
        assert_eq!(of_aws.usage_gap(), Some(&Gap::NoTimeLeft));
        assert_eq!(of_aws.missing_usage(), None);
    }
}
