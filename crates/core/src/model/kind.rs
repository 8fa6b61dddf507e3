//! The kinds of key that a census reads, and their families.

use serde::{Deserialize, Serialize};

use crate::model::words::words;

mod properties;

pub use properties::{KeyId, KeyResource, LastUseSource};

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// A KMS key.
    KmsKey,
    /// An access key of an IAM user.
    IamAccessKey,
    /// An access key of an account's root user.
    RootAccessKey,
    /// The password with which an IAM user signs in to the console.
    IamPassword,
    /// The password with which an account's root user signs in.
    RootPassword,
    /// A secret of Secrets Manager, without its value.
    Secret,
    /// A service-specific credential of an IAM user, such as a Bedrock API key.
    ServiceCredential,
}

words!(KeyKind {
    KmsKey = "kms_key",
    IamAccessKey = "iam_access_key",
    RootAccessKey = "root_access_key",
    IamPassword = "iam_password",
    RootPassword = "root_password",
    Secret = "secret",
    ServiceCredential = "service_credential",
});

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

/// What is the same of all keys of a kind.
struct Properties {
    /// What one and several are called.
    names: (&'static str, &'static str),
    /// The family that a setting names to have them read.
    family: Family,
    /// What they are, or whose credentials.
    resource: KeyResource,
    /// What their IDs are.
    id: KeyId,
    /// Where AWS reports their last use.
    last_use: LastUseSource,
    /// Whether they are flagged when they are unused.
    can_be_flagged: bool,
}

impl KeyKind {
    const fn properties(self) -> Properties {
        match self {
            Self::KmsKey => Properties {
                names: ("KMS key", "KMS keys"),
                family: Family::Kms,
                resource: KeyResource::KmsKey,
                id: KeyId::Full,
                last_use: LastUseSource::Answer,
                can_be_flagged: true,
            },
            Self::IamAccessKey => Properties {
                names: ("access key", "access keys"),
                family: Family::Iam,
                resource: KeyResource::IamUser,
                id: KeyId::Shortened,
                last_use: LastUseSource::Answer,
                can_be_flagged: true,
            },
            // Its own ID is not reported: a number stands in for it.
            Self::RootAccessKey => Properties {
                names: ("root access key", "root access keys"),
                family: Family::Iam,
                resource: KeyResource::RootUser,
                id: KeyId::Full,
                last_use: LastUseSource::CredentialReport,
                can_be_flagged: true,
            },
            Self::IamPassword => Properties {
                names: ("password", "passwords"),
                family: Family::Passwords,
                resource: KeyResource::IamUser,
                id: KeyId::UserName,
                last_use: LastUseSource::CredentialReport,
                can_be_flagged: true,
            },
            // Nobody should use it.
            Self::RootPassword => Properties {
                names: ("root password", "root passwords"),
                family: Family::Passwords,
                resource: KeyResource::RootUser,
                id: KeyId::UserName,
                last_use: LastUseSource::CredentialReport,
                can_be_flagged: false,
            },
            Self::Secret => Properties {
                names: ("secret", "secrets"),
                family: Family::Secrets,
                resource: KeyResource::Secret,
                id: KeyId::Full,
                last_use: LastUseSource::List,
                can_be_flagged: true,
            },
            Self::ServiceCredential => Properties {
                names: (
                    "service-specific credential",
                    "service-specific credentials",
                ),
                family: Family::ServiceCredentials,
                resource: KeyResource::IamUser,
                id: KeyId::Shortened,
                last_use: LastUseSource::Nowhere,
                can_be_flagged: false,
            },
        }
    }

    /// What one and several keys of this kind are called: `("KMS key", "KMS keys")`.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        self.properties().names
    }

    /// The family that a setting names to have keys of this kind read.
    #[must_use]
    pub const fn family(self) -> Family {
        self.properties().family
    }

    /// What a key of this kind is, or whose credential.
    #[must_use]
    pub const fn resource(self) -> KeyResource {
        self.properties().resource
    }

    /// Whether keys of this kind are IAM's: global, free of charge, and managed by the customer.
    /// All others are in a Region.
    #[must_use]
    pub const fn is_of_iam(self) -> bool {
        match self.resource() {
            KeyResource::IamUser | KeyResource::RootUser => true,
            KeyResource::KmsKey | KeyResource::Secret => false,
        }
    }

    /// The kind of the cell that lists keys of this kind, as coverage rows have it: all that is
    /// IAM's is listed in one cell.
    #[must_use]
    pub const fn of_cell(self) -> Self {
        match self.is_of_iam() {
            true => Self::IamAccessKey,
            false => self,
        }
    }

    /// What the ID of a key of this kind is.
    #[must_use]
    pub const fn id(self) -> KeyId {
        self.properties().id
    }

    /// Where AWS reports the last use of a key of this kind.
    #[must_use]
    pub const fn last_use_source(self) -> LastUseSource {
        self.properties().last_use
    }

    /// Whether a key of this kind is flagged when it is unused. A root user's password is not: it
    /// should not be used. Nor is a service-specific credential: whether it is used is not recorded.
    #[must_use]
    pub const fn can_be_flagged(self) -> bool {
        self.properties().can_be_flagged
    }
}
