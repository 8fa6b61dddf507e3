//! The entries of a world file besides accounts and keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::{Policy, PolicyError};

/// The organization and the shape of its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organization {
    /// `o-` and 10 to 32 lower-case letters or digits.
    pub id: String,
    /// The root's ID, `r-…`.
    pub root: String,
    /// The management account; defaults to the first account.
    pub management_account: String,
    /// Accounts that may list the organization besides the management account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delegated_administrators: Vec<String>,
    /// Whether accounts and units carry `Paths`; older answers do not.
    pub paths: bool,
    /// Which of `State` and `Status` an account carries.
    pub account_state: AccountStateFields,
    /// Accounts a page at most, 1 to 20; a request's `MaxResults` can lower it.
    pub page_size: usize,
    /// Whether trusted access for Account Management is on: without it `ListRegions` takes no `AccountId`.
    pub account_management: bool,
    /// Whether listings below a parent begin with an empty page that carries a `NextToken`, as AWS's may.
    pub empty_first_page: bool,
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            id: "o-exampleorg1".to_owned(),
            root: "r-exam".to_owned(),
            management_account: String::new(),
            delegated_administrators: Vec::new(),
            paths: true,
            account_state: AccountStateFields::Both,
            page_size: 20,
            account_management: true,
            empty_first_page: false,
        }
    }
}

/// Which fields carry an account's state: AWS renamed `Status` to `State` in 2026.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStateFields {
    /// `State` and `Status`.
    #[default]
    Both,
    /// `State` alone.
    State,
    /// `Status` alone: older answers.
    Status,
}

/// The scanner's credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scanner {
    /// The account; defaults to the management account. It need not be one of the organization's.
    pub account: String,
    /// Access key ID that signs as the scanner.
    pub access_key_id: String,
    /// Secret that goes with it; signatures are never verified.
    pub secret_access_key: String,
    /// Role name in the identity's ARN; empty means an IAM user named `sim` (whose sessions may last 12 hours).
    pub role: String,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            account: String::new(),
            access_key_id: "AKIASIMSCANNER000001".to_owned(),
            secret_access_key: "sim-secret".to_owned(),
            role: "KeycensusScanner".to_owned(),
        }
    }
}

/// An organizational unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationalUnit {
    /// `ou-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The root's or another unit's ID; defaults to the root.
    #[serde(default)]
    pub parent: String,
}

/// An S3 bucket, empty when the simulator starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it; defaults to the scanner's.
    #[serde(default)]
    pub account: String,
    /// Its Region; defaults to `us-east-1`.
    #[serde(default)]
    pub region: String,
    /// A policy on it, in JSON, whose denials hold whatever else is enforced: that of the bucket, or a resource control
    /// policy of the organization. What it allows adds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
}

impl Bucket {
    /// Its policy, if it has one.
    ///
    /// # Errors
    /// The text is no policy, or asks for a condition key that no call carries.
    pub(crate) fn parsed_policy(&self) -> Result<Option<Policy>, PolicyError> {
        let Some(text) = &self.policy else {
            return Ok(None);
        };
        let document: Value =
            serde_json::from_str(text).map_err(|error| PolicyError::Malformed {
                at: self.name.clone(),
                problem: error.to_string(),
            })?;
        let policy = Policy::on_resource(&document)?;
        policy.check_condition_keys(&self.name)?;
        Ok(Some(policy))
    }
}

/// An SNS topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its ARN, which contains the Region and the owner.
    pub arn: String,
}

/// An event bus of EventBridge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventBus {
    /// Its name.
    pub name: String,
    /// The account that owns it; defaults to the scanner's.
    #[serde(default)]
    pub account: String,
    /// Its Region; defaults to that of the first bucket, or `us-east-1`.
    #[serde(default)]
    pub region: String,
}

/// Security Hub of an account in a Region, where it is enabled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityHub {
    /// The account; defaults to the scanner's.
    #[serde(default)]
    pub account: String,
    /// The Region; defaults to that of the first bucket, or `us-east-1`.
    #[serde(default)]
    pub region: String,
}

/// Calls to refuse. A call must match every field that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The account called into: a member's for KMS, IAM and Account, the role's for `sts:AssumeRole`, else the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The Region of the call's signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `service:Operation`, `service:*` or `*`; defaults to `*`.
    #[serde(default = "every_operation")]
    pub operation: String,
    /// A KMS key's ID or one of its aliases, an access key's ID, or an IAM user's name: calls about that key, or about that
    /// user and its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the call asks about: an organizational unit's or parent's ID, a role's or topic's ARN, the event bus of the
    /// first entry, the `AccountId` of `ListRegions`, an access key's ID, a user's name, an S3 object's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Error code; defaults to the service's own for a denied call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// HTTP status; defaults to the one AWS sends with that code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Error message; defaults to AWS's wording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Only the first so many matching calls are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

pub(super) fn every_operation() -> String {
    "*".to_owned()
}
