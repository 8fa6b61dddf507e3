//! What a person should do about a key. Nothing here is ever done by us.

use crate::{
    key_row::is_flagged,
    reading::{KeyKind, KeyReading},
    verdict::Verdict,
};

/// What a person should do about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    /// Nothing.
    None,
    /// Disable the KMS key, watch whether somebody misses it, and only then
    /// think of deletion.
    DisableAndWatch,
    /// Find out why the key could not be read and let the census read it.
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
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::DisableAndWatch,
        Self::GrantAccess,
        Self::Deactivate,
        Self::Delete,
        Self::Rotate,
        Self::RemoveRootKey,
    ];

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::DisableAndWatch => "disable_and_watch",
            Self::GrantAccess => "grant_access",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
            Self::Rotate => "rotate",
            Self::RemoveRootKey => "remove_root_key",
        }
    }
}

/// What to do about `key`, of which `verdict` is said and which is `age_days` old.
pub(crate) fn recommend(
    key: &KeyReading,
    verdict: Verdict,
    age_days: Option<i64>,
    rotate_after_days: u32,
) -> Recommendation {
    let is_flagged = is_flagged(key, verdict);
    let is_old = age_days.is_some_and(|days| days >= i64::from(rotate_after_days));
    match key.kind {
        KeyKind::RootAccessKey => Recommendation::RemoveRootKey,
        _ if verdict == Verdict::Unreadable => Recommendation::GrantAccess,
        // A key that is disabled already gets the same: how long it has been
        // watched is not known, and deletion cannot be undone.
        KeyKind::KmsKey if is_flagged => Recommendation::DisableAndWatch,
        KeyKind::KmsKey => Recommendation::None,
        KeyKind::IamAccessKey => match key.state.as_deref() {
            Some("Inactive") if is_flagged => Recommendation::Delete,
            // In a state that nobody knows yet, too, the step that can be undone.
            _ if is_flagged => Recommendation::Deactivate,
            Some("Active") if is_old && verdict == Verdict::InUse && key.exemption.is_none() => {
                Recommendation::Rotate
            }
            _ => Recommendation::None,
        },
    }
}

#[cfg(test)]
mod tests;
