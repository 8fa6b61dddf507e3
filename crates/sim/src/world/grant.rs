//! A grant of a KMS key.

use serde::{Deserialize, Serialize};

use super::{Moment, iam::created_default};

/// A grant: a principal that may use a key besides those of its policy. Either `grantee` or `grantee_service` is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// `GranteePrincipal`: the ARN of a role or user, its unique ID (`AROA…`) where it was deleted, or the name of a service such as
    /// `rds.amazonaws.com`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub grantee: String,
    /// `GranteeServicePrincipal`, of a grant that was made to a service by its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub grantee_service: String,
    /// Its ID; derived when absent.
    #[serde(default)]
    pub id: String,
    /// Its name; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// When it was created.
    #[serde(default = "created_default")]
    pub created: Moment,
    /// What it permits.
    #[serde(default = "operations_default")]
    pub operations: Vec<String>,
    /// `RetiringPrincipal`; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub retiring: String,
}

impl Grant {
    /// A grant to `grantee`, made 400 days ago.
    pub fn new(grantee: impl Into<String>) -> Self {
        Self {
            grantee: grantee.into(),
            grantee_service: String::new(),
            id: String::new(),
            name: String::new(),
            created: created_default(),
            operations: operations_default(),
            retiring: String::new(),
        }
    }
}

fn operations_default() -> Vec<String> {
    ["Decrypt", "GenerateDataKey", "CreateGrant", "RetireGrant"]
        .map(str::to_owned)
        .to_vec()
}
