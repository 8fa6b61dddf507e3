//! What to do about a key. Keycensus itself changes nothing.

use crate::model::words::words;

/// What to do about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// Disable the KMS key, and watch for refused uses before its deletion.
    DisableAndWatch,
    /// Check what depends on the KMS key, although it is unused.
    CheckDependents,
    /// Check the key by hand: in its state, AWS would refuse the usual recommendation. Or the secret,
    /// which is rotated or replicated.
    CheckByHand,
    /// Schedule the KMS key's deletion: it was disabled for the watch period, and nothing was found
    /// to depend on it. Or that of the secret, which can be restored meanwhile.
    ScheduleDeletion,
    /// Enable the KMS key again: somebody was refused its use.
    EnableAgain,
    /// Cancel the KMS key's deletion, and enable it again: somebody was refused its use.
    CancelDeletion,
    /// Allow the census to read the key: AWS refused the call for its last use.
    GrantAccess,
    /// Deactivate the access key, which can be undone.
    Deactivate,
    /// Delete the access key, which is inactive already.
    Delete,
    /// Give the access key's user a new one: it is in use, and old. Or replace the service-specific
    /// credential: it is old.
    Rotate,
    /// Remove the root user's access key, used or not
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html>).
    RemoveRootKey,
    /// Delete the user's password: without one, the user cannot sign in to the console.
    RemovePassword,
    /// Replace the credential by one that expires.
    SetExpiry,
}

impl Recommendation {
    /// Whether it brings a key back, because somebody was refused its use.
    #[must_use]
    pub fn brings_back(self) -> bool {
        matches!(self, Self::EnableAgain | Self::CancelDeletion)
    }
}

words!(Recommendation {
    None = "none",
    DisableAndWatch = "disable_and_watch",
    CheckDependents = "check_dependents",
    CheckByHand = "check_by_hand",
    ScheduleDeletion = "schedule_deletion",
    EnableAgain = "enable_again",
    CancelDeletion = "cancel_deletion",
    GrantAccess = "grant_access",
    Deactivate = "deactivate",
    Delete = "delete",
    Rotate = "rotate",
    RemoveRootKey = "remove_root_key",
    RemovePassword = "remove_password",
    SetExpiry = "set_expiry",
});
