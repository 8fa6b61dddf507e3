//! Why a key cannot be explained.

use std::error::Error;

use keycensus_core::{
    model::{account::AccountId, gap::Gap},
    settings::SettingsError,
};
use thiserror::Error;

/// The error of a call, or of what its answer lacks.
type Cause = Box<dyn Error + Send + Sync>;

/// Why a key cannot be explained.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// A setting or argument does not hold, or there are no usable credentials.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The key is in another partition than the credentials.
    #[error(
        "the key is in the partition {key}, and the AWS credentials are of {credentials}: ask with credentials of the \
         key's own partition"
    )]
    OtherPartition {
        /// The partition of the key's ARN.
        key: String,
        /// That of the credentials.
        credentials: String,
    },
    /// `--account` differs from the account of the key's ARN.
    #[error(
        "the key's ARN says that it is in account {key}, and --account {given}: leave --account out"
    )]
    OtherAccount {
        /// The account of the ARN.
        key: AccountId,
        /// The account that was given.
        given: AccountId,
    },
    /// STS does not say which account an access key belongs to.
    #[error(
        "which account the access key belongs to is not known: {source}; say it with --account"
    )]
    AccountUnknown {
        /// Why.
        source: Cause,
    },
    /// Nothing says which account a service-specific credential belongs to.
    #[error(
        "AWS does not report which account a service-specific credential belongs to: give the account's ID with --account"
    )]
    AccountMissing,
    /// The key's account cannot be entered.
    #[error("account {account} cannot be entered with the role {role}: {source}")]
    NotEntered {
        /// The account.
        account: AccountId,
        /// The ARN of the role.
        role: String,
        /// Why.
        source: Cause,
    },
    /// There is no such key, or the caller may not read it: AWS does not say which.
    #[error("there is no such {what} in account {account}: {reason}")]
    NotFound {
        /// What was asked about: `key`, `access key`, `secret`, `user`.
        what: &'static str,
        /// The account.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// It may exist, and nothing of it could be read.
    #[error("nothing can be said of it: {gap}")]
    Unreadable {
        /// What could not be read.
        gap: Gap,
    },
}
