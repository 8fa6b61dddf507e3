//! What a person should do about a key, in words. Nothing here is ever done by us.

/// What a person should do about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// Disable the KMS key, watch whether somebody misses it, and only then
    /// think of deletion.
    DisableAndWatch,
    /// Look at what depends on the KMS key, which nobody uses all the same.
    CheckDependents,
    /// Look at the key: in its state, AWS would refuse what else would be recommended.
    CheckByHand,
    /// Schedule the KMS key's deletion: it was disabled for long enough for somebody
    /// to miss it, and nothing was found to depend on it.
    ScheduleDeletion,
    /// Let the census read the key: AWS refused to tell of its use.
    GrantAccess,
    /// Deactivate the access key, which can be undone.
    Deactivate,
    /// Delete the access key: it is inactive already, so nobody misses it.
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
