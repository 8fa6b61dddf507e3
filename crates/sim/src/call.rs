//! A call, and the account, key, user or resource that it names.

use std::sync::Arc;

use crate::{
    aws::operation::Operation,
    state::sessions::Caller,
    wire::{AwsError, input::Input},
    world::{AccessKey, Key, User},
};

/// A call from a known caller.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    /// The Region that its signature names.
    pub(crate) region: &'a str,
    pub(crate) caller: Arc<Caller>,
    pub(crate) input: Input,
    /// Whether it was sent over TLS.
    pub(crate) is_secure: bool,
}

impl Call<'_> {
    /// The service's own answer to a call that no policy allows.
    pub(crate) fn denied(&self, resource: &str) -> AwsError {
        AwsError::denied(self.operation, &self.caller.arn, resource)
    }
}

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// The account called into.
    pub(crate) account: &'a str,
    pub(crate) target: Option<Target<'a>>,
    /// What the log shows; empty for a listing.
    pub(crate) resource: &'a str,
}

impl<'a> Subject<'a> {
    /// A resource in the caller's account.
    pub(crate) fn of_caller(call: &'a Call<'_>, resource: &'a str) -> Self {
        Self {
            account: &call.caller.account,
            target: None,
            resource,
        }
    }
}

/// A key or user that a call names, and that a rule can name with `key`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// A KMS key.
    Key(&'a Key),
    /// An IAM user.
    User(&'a User),
    /// An access key and its user.
    AccessKey(&'a User, &'a AccessKey),
}

impl Target<'_> {
    /// Whether a rule's `key` names it. A user's name covers calls about the user's access keys.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        match self {
            Self::Key(key) => key.is_called(name),
            Self::User(user) => user.name == name,
            Self::AccessKey(user, key) => key.id == name || user.name == name,
        }
    }
}
