//! What to do about a key. Keycensus itself changes nothing.

/// What to do about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// Disable the KMS key, and watch for refused uses before its deletion.
    DisableAndWatch,
    /// Check what depends on the KMS key, although it is unused.
    CheckDependents,
    /// Check the key by hand: in its state, AWS would refuse the usual recommendation.
    CheckByHand,
    /// Schedule the KMS key's deletion: it was disabled for the watch period, and nothing was found
    /// to depend on it.
    ScheduleDeletion,
    /// Allow the census to read the key: AWS refused the call for its last use.
    GrantAccess,
    /// Deactivate the access key, which can be undone.
    Deactivate,
    /// Delete the access key, which is inactive already.
    Delete,
    /// Give the access key's user a new one: it is in use, and old.
    Rotate,
    /// Remove the root user's access key, used or not
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html>).
    RemoveRootKey,
}

impl Recommendation {
    /// Every recommendation.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::DisableAndWatch,
        Self::CheckDependents,
        Self::CheckByHand,
        Self::ScheduleDeletion,
        Self::GrantAccess,
        Self::Deactivate,
        Self::Delete,
        Self::Rotate,
        Self::RemoveRootKey,
    ];

    /// The recommendation that the files have `word` for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::DisableAndWatch => "disable_and_watch",
            Self::CheckDependents => "check_dependents",
            Self::CheckByHand => "check_by_hand",
            Self::ScheduleDeletion => "schedule_deletion",
            Self::GrantAccess => "grant_access",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
            Self::Rotate => "rotate",
            Self::RemoveRootKey => "remove_root_key",
        }
    }
}
