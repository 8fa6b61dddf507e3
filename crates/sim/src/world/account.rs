//! An account of the organization.

use serde::{Deserialize, Serialize};

use super::{
    AccessKey, CredentialReport, Key, Password, Secret, Snapshot, TrailEvent, User, Volume,
};
use crate::aws::regions::partition;

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Its friendly name; defaults to `account-` and its ID.
    #[serde(default)]
    pub name: String,
    /// Its root user's address; defaults to one derived from the ID.
    #[serde(default)]
    pub email: String,
    /// The root's or a unit's ID; defaults to the root.
    #[serde(default)]
    pub parent: String,
    /// Its state.
    #[serde(default)]
    pub state: AccountState,
    /// Enabled Regions; defaults to `us-east-1`. A KMS call to any other answers `UnrecognizedClientException`.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Regions in which an administrator has deactivated STS. In one that must be enabled and is not in `regions`, it is
    /// not active either way; in the partition's default Region it is always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sts_deactivated: Vec<String>,
    /// The role that scanners assume, with its path if it has one; empty means that there is no such role.
    #[serde(default = "default_role")]
    pub role: String,
    /// Accounts that the role trusts; defaults to the scanner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusts: Option<Vec<String>>,
    /// External ID without which the role cannot be assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Sessions of the role end after so many seconds, or after `DurationSeconds` if that is less.
    #[serde(default = "default_session_seconds")]
    pub session_seconds: u32,
    /// Its credential report.
    #[serde(default, skip_serializing_if = "CredentialReport::is_default")]
    pub credential_report: CredentialReport,
    /// The access keys of its root user, two at most.
    #[serde(
        default,
        rename = "root_access_key",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub root_access_keys: Vec<AccessKey>,
    /// The password of its root user; absent: its credential report has `not_supported`, and no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_password: Option<Password>,
    /// Its IAM users.
    #[serde(default, rename = "user", skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Its KMS keys in all Regions.
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Key>,
    /// Its secrets in all Regions, replicas included.
    #[serde(default, rename = "secret", skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Secret>,
    /// Its EBS volumes in all Regions.
    #[serde(default, rename = "volume", skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Its EBS snapshots in all Regions.
    #[serde(default, rename = "snapshot", skip_serializing_if = "Vec::is_empty")]
    pub snapshots: Vec<Snapshot>,
    /// Its CloudTrail event history in all Regions, besides the last uses of its KMS keys.
    #[serde(default, rename = "trail_event", skip_serializing_if = "Vec::is_empty")]
    pub trail_events: Vec<TrailEvent>,
}

/// The partition of an account; `aws` for an unknown account.
pub(crate) fn partition_of(account: Option<&Account>) -> &'static str {
    let home = account.and_then(|account| account.regions.first());
    partition(home.map_or("us-east-1", String::as_str))
}

fn default_role() -> String {
    "KeycensusReader".to_owned()
}

fn default_session_seconds() -> u32 {
    3600
}

/// `State` of an account, AWS's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    /// Signed up, not yet active.
    PendingActivation,
    /// In use.
    #[default]
    Active,
    /// Suspended by AWS.
    Suspended,
    /// Being closed.
    PendingClosure,
    /// Closed.
    Closed,
}

impl AccountState {
    /// The word that `State` carries.
    pub const fn state(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }

    /// The word that the older `Status` carries, which knows only three.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::PendingActivation | Self::Suspended | Self::Closed => "SUSPENDED",
        }
    }
}
