//! What a call is about that a rule can mean with `key`.

use crate::world::{AccessKey, Key, User};

/// A key or a user that a call names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    /// A KMS key.
    Key(&'a Key),
    /// An IAM user.
    User(&'a User),
    /// An access key, and whose it is.
    AccessKey(&'a User, &'a AccessKey),
}

impl Target<'_> {
    /// Whether a rule's `key` means it. What is about a user's key is about the user.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        match self {
            Self::Key(key) => key.is_called(name),
            Self::User(user) => user.name == name,
            Self::AccessKey(user, key) => key.id == name || user.name == name,
        }
    }
}
