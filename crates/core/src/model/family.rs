//! The families of kinds of key: what a setting names to have them read or not.

use serde::{Deserialize, Serialize};

use crate::model::words::words;

/// A family of kinds of key, which a run reads as a whole or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// KMS keys.
    Kms,
    /// IAM access keys and root access keys.
    Iam,
    /// Passwords of IAM users and root users.
    Passwords,
    /// Secrets of Secrets Manager, without their values.
    Secrets,
    /// Service-specific credentials of IAM users.
    ServiceCredentials,
}

words!(Family {
    Kms = "kms",
    Iam = "iam",
    Passwords = "passwords",
    Secrets = "secrets",
    ServiceCredentials = "service_credentials",
});
