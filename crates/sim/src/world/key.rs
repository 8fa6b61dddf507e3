//! A KMS key of an account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Grant, Moment, iam::created_default};
use crate::{aws::regions::partition, policy::Policy};

/// A KMS key in one Region. A multi-Region key is one entry a Region, all with the same ID.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its Region.
    pub region: String,
    /// Its ID; derived from account, Region and position when absent.
    #[serde(default)]
    pub id: String,
    /// Names beginning with `alias/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Who manages it.
    #[serde(default)]
    pub manager: KeyManager,
    /// Its state.
    #[serde(default)]
    pub state: KeyState,
    /// Its state before it had this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_before: Option<KeyState>,
    /// Since when it has this state; needs `state_before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Moment>,
    /// When it was created.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// When it was deleted; from then on it does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Moment>,
    /// Its last use; absent means that none is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Moment>,
    /// The use before the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_before: Option<Moment>,
    /// The operation of the last use; defaults to `Decrypt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Since when uses are recorded; defaults to the later of `created` and 2026-04-23.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_start: Option<Moment>,
    /// CloudTrail event of the last use; derived when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// `KeySpec`; defaults to `SYMMETRIC_DEFAULT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// `KeyUsage`; defaults to `ENCRYPT_DECRYPT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// `Origin`; defaults to `AWS_KMS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Its key policy; defaults to AWS's, which lets the account's IAM policies decide. It applies once policies are
    /// enforced; a text that cannot be enforced is then replaced by the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// When its material was rotated, in any order; only keys for symmetric encryption have rotations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotations: Vec<Moment>,
    /// When it will be deleted, for `PendingDeletion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_date: Option<Moment>,
    /// Its part in a multi-Region key; absent means a key of one Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_region: Option<MultiRegion>,
    /// Where the primary is; a replica must say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multi_region_primary: Option<String>,
    /// Where the replicas are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub multi_region_replicas: Vec<String>,
    /// The verdict that a report with a threshold of 90 days should give; absent when the key should be in no report.
    /// The simulator never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Whether that report should flag the key. The simulator never reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_flagged: Option<bool>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its grants.
    #[serde(default, rename = "grant", skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<Grant>,
}

impl Key {
    /// An enabled customer managed key of this Region, created 400 days ago, with no recorded use.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            id: String::new(),
            aliases: Vec::new(),
            manager: KeyManager::default(),
            state: KeyState::default(),
            state_before: None,
            state_since: None,
            created: created_default(),
            deleted: None,
            last_used: None,
            used_before: None,
            operation: None,
            tracking_start: None,
            event_id: None,
            description: String::new(),
            spec: None,
            usage: None,
            origin: None,
            policy: None,
            rotations: Vec::new(),
            deletion_date: None,
            multi_region: None,
            multi_region_primary: None,
            multi_region_replicas: Vec::new(),
            expect: None,
            expect_flagged: None,
            tags: BTreeMap::new(),
            grants: Vec::new(),
        }
    }

    /// Its ARN in an account.
    pub(crate) fn arn(&self, account: &str) -> String {
        let (partition, region, id) = (partition(&self.region), &self.region, &self.id);
        format!("arn:{partition}:kms:{region}:{account}:key/{id}")
    }

    /// Its policy; `None` for a text that KMS would not accept, which worlds may have.
    pub(crate) fn parsed_policy(&self) -> Option<Policy> {
        let document = serde_json::from_str(self.policy.as_deref()?).ok()?;
        Policy::on_resource(&document).ok()
    }

    /// Whether KMS can rotate keys of its spec and usage.
    pub(crate) fn is_for_symmetric_encryption(&self) -> bool {
        let is = |field: &Option<String>, word| field.as_deref().is_none_or(|given| given == word);
        is(&self.spec, "SYMMETRIC_DEFAULT") && is(&self.usage, "ENCRYPT_DECRYPT")
    }

    /// Whether it is the primary of a multi-Region key.
    pub(crate) fn is_primary(&self) -> bool {
        self.multi_region == Some(MultiRegion::Primary)
    }

    /// Whether `name` is this key's ID or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.id == name || self.aliases.iter().any(|alias| alias == name)
    }
}

/// Who manages a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KeyManager {
    /// The customer.
    #[default]
    Customer,
    /// An AWS service.
    Aws,
}

/// `KeyState`, AWS's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// Being created.
    Creating,
    /// Ready for use.
    #[default]
    Enabled,
    /// Disabled.
    Disabled,
    /// Scheduled for deletion.
    PendingDeletion,
    /// Waiting for imported key material.
    PendingImport,
    /// A primary scheduled for deletion whose replicas still exist.
    PendingReplicaDeletion,
    /// Its key store is disconnected.
    Unavailable,
    /// Being changed.
    Updating,
}

impl KeyState {
    /// AWS's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::Unavailable => "Unavailable",
            Self::Updating => "Updating",
        }
    }
}

/// A key's part in a multi-Region key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MultiRegion {
    /// The primary.
    Primary,
    /// A replica.
    Replica,
}
