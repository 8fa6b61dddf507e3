//! The kinds of key that a census reads.

use crate::model::words::words;

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

/// What is the same of all keys of a kind.
struct Properties {
    /// What one and several are called.
    names: (&'static str, &'static str),
    /// The kind of the cell that lists them.
    cell: KeyKind,
    /// Whether they are flagged when they are unused.
    can_be_flagged: bool,
    /// Whether the credential report alone has their last use.
    is_of_credential_report: bool,
}

impl KeyKind {
    const fn properties(self) -> Properties {
        match self {
            Self::KmsKey => Properties {
                names: ("KMS key", "KMS keys"),
                cell: Self::KmsKey,
                can_be_flagged: true,
                is_of_credential_report: false,
            },
            Self::IamAccessKey => Properties {
                names: ("access key", "access keys"),
                cell: Self::IamAccessKey,
                can_be_flagged: true,
                is_of_credential_report: false,
            },
            Self::RootAccessKey => Properties {
                names: ("root access key", "root access keys"),
                cell: Self::IamAccessKey,
                can_be_flagged: true,
                is_of_credential_report: true,
            },
            Self::IamPassword => Properties {
                names: ("password", "passwords"),
                cell: Self::IamAccessKey,
                can_be_flagged: true,
                is_of_credential_report: true,
            },
            // Nobody should use it.
            Self::RootPassword => Properties {
                names: ("root password", "root passwords"),
                cell: Self::IamAccessKey,
                can_be_flagged: false,
                is_of_credential_report: true,
            },
            Self::Secret => Properties {
                names: ("secret", "secrets"),
                cell: Self::Secret,
                can_be_flagged: true,
                is_of_credential_report: false,
            },
            // AWS does not record its use.
            Self::ServiceCredential => Properties {
                names: (
                    "service-specific credential",
                    "service-specific credentials",
                ),
                cell: Self::IamAccessKey,
                can_be_flagged: false,
                is_of_credential_report: false,
            },
        }
    }

    /// What one and several keys of this kind are called: `("KMS key", "KMS keys")`.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        self.properties().names
    }

    /// The kind of the cell that lists keys of this kind, as coverage rows have it.
    #[must_use]
    pub const fn of_cell(self) -> Self {
        self.properties().cell
    }

    /// Whether a key of this kind is flagged when it is unused. A root user's password is not: it
    /// should not be used. Nor is a service-specific credential: whether it is used is not recorded.
    #[must_use]
    pub const fn can_be_flagged(self) -> bool {
        self.properties().can_be_flagged
    }

    /// Whether the credential report alone has the last use, which can then be older than the run.
    #[must_use]
    pub const fn is_of_credential_report(self) -> bool {
        self.properties().is_of_credential_report
    }
}
