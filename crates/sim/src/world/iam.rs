//! What an account has in IAM: users, access keys, passwords, and the credential report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Moment;

/// Names of the access keys of an account's root user, which only the credential report shows.
pub(crate) const ROOT_ACCESS_KEYS: [&str; 2] = ["root_access_key_1", "root_access_key_2"];

/// An IAM user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name, 1 to 64 characters. AWS allows letters, digits and `+=,.@_-`; a world takes any text.
    pub name: String,
    /// Its path, which begins and ends with a slash.
    #[serde(default = "path_default")]
    pub path: String,
    /// When it was created.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its password, without which it cannot sign in to the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// Its access keys, in the order in which AWS lists them.
    #[serde(default, rename = "access_key", skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<AccessKey>,
    /// Its service-specific credentials, in the order in which AWS lists them.
    #[serde(
        default,
        rename = "service_credential",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub service_credentials: Vec<ServiceCredential>,
}

impl User {
    /// A user of this name, created 400 days ago, without tags, password and keys.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            path: path_default(),
            created: created_default(),
            tags: BTreeMap::new(),
            password: None,
            access_keys: Vec::new(),
            service_credentials: Vec::new(),
        }
    }
}

/// An access key of a user, or of an account's root user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessKey {
    /// Its ID; derived from account, user and position when absent. A root user's key has none, because no
    /// API shows it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Its status.
    pub status: AccessKeyStatus,
    /// When it was created; defaults to when its user was, a root user's key to 400 days ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// When it was deleted; from then on it does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Moment>,
    /// Its last use; absent means that none is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Moment>,
    /// The use before the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_before: Option<Moment>,
    /// The service of the last use; defaults to `s3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The Region of the last use; defaults to `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_region: Option<String>,
    /// The verdict that a report with a threshold of 90 days should give; absent when the key should be in no report.
    /// The simulator never reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Whether that report should flag the key. The simulator never reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_flagged: Option<bool>,
}

impl AccessKey {
    /// When it was created, once a world is complete.
    pub fn created(&self) -> Moment {
        self.created.unwrap_or_else(created_default)
    }

    /// The service of its last use.
    pub(crate) fn service(&self) -> &str {
        self.service.as_deref().unwrap_or("s3")
    }

    /// The Region of its last use.
    pub(crate) fn last_used_region(&self) -> &str {
        self.last_used_region.as_deref().unwrap_or("us-east-1")
    }
}

/// The password of a user, or of an account's root user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// When it was last changed; defaults to when its user was created. The credential report does not have it of a
    /// root user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Moment>,
    /// Its last use; absent means that none is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Moment>,
    /// The use before the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_before: Option<Moment>,
    /// The verdict that a report with a threshold of 90 days should give; absent when the password should be in no
    /// report. The simulator never reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Whether that report should flag the password. The simulator never reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_flagged: Option<bool>,
}

impl Password {
    /// When it was last changed, once a world is complete.
    pub fn changed(&self) -> Moment {
        self.changed.unwrap_or_else(created_default)
    }
}

/// A service-specific credential of a user, of which AWS records no use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceCredential {
    /// Its ID; derived from account, user and position when absent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The service it is for, such as `bedrock.amazonaws.com`.
    pub service: String,
    /// Its status.
    #[serde(default)]
    pub status: ServiceCredentialStatus,
    /// When it was created; defaults to when its user was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// When it expires; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// When it was deleted; from then on it does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Moment>,
    /// The verdict that a report should give; absent when the credential should be in no report. The simulator never
    /// reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

impl ServiceCredential {
    /// When it was created, once a world is complete.
    pub fn created(&self) -> Moment {
        self.created.unwrap_or_else(created_default)
    }
}

/// `Status` of a service-specific credential, AWS's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceCredentialStatus {
    /// It can be used.
    #[default]
    Active,
    /// It was switched off, and can be switched on again.
    Inactive,
    /// Its time is over.
    Expired,
}

impl ServiceCredentialStatus {
    /// AWS's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
            Self::Expired => "Expired",
        }
    }
}

/// `Status` of an access key, AWS's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessKeyStatus {
    /// It signs requests.
    #[default]
    Active,
    /// It was switched off, and can be switched on again.
    Inactive,
}

impl AccessKeyStatus {
    /// AWS's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// The credential report of an account: the one that exists when the world begins, and how a new one is generated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialReport {
    /// When the report that exists at the beginning was generated; absent means that there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<Moment>,
    /// How long generating one takes, in milliseconds.
    pub takes_ms: u64,
    /// The content of every report, instead of the one that follows from the world: any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Default for CredentialReport {
    fn default() -> Self {
        Self {
            age: None,
            takes_ms: 1000,
            content: None,
        }
    }
}

impl CredentialReport {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn path_default() -> String {
    "/".to_owned()
}

pub(super) fn created_default() -> Moment {
    Moment::days_and_hours(400, 0)
}

#[cfg(test)]
mod tests;
