//! What a person should do about a key. Nothing here is ever done by us.

use jiff::civil::Date;

use crate::{
    judge::{
        judged_key::{JudgedKey, is_flagged},
        key_state::possible,
        multi_region::RestOfSet,
        verdict::Verdict,
    },
    model::{
        cause::Cause,
        gap::Gap,
        reading::{DISABLED, KeyKind, KeyReading},
    },
};

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

/// What to do about `key`, of which `verdict` is said and which is `age_days` old.
/// For how long it has been disabled is another matter: [`after_watching`].
pub(crate) fn recommend(
    key: &KeyReading,
    verdict: Verdict,
    age_days: Option<i64>,
    rotate_after_days: u32,
) -> Recommendation {
    let is_old = age_days.is_some_and(|days| days >= i64::from(rotate_after_days));
    let usual = usual(key, verdict, is_old);
    possible(key.kind, key.state.as_deref(), usual)
}

/// What to do about a key in a state in which AWS does it.
fn usual(key: &KeyReading, verdict: Verdict, is_old: bool) -> Recommendation {
    let is_flagged = is_flagged(key, verdict);
    match key.kind {
        KeyKind::RootAccessKey => Recommendation::RemoveRootKey,
        _ if verdict == Verdict::Unreadable => of_unreadable(key),
        KeyKind::KmsKey if is_flagged => match key.dependents() {
            Some(dependents) if !dependents.is_empty() => Recommendation::CheckDependents,
            _ => Recommendation::DisableAndWatch,
        },
        KeyKind::KmsKey => Recommendation::None,
        KeyKind::IamAccessKey => match key.state.as_deref() {
            Some("Inactive") if is_flagged => Recommendation::Delete,
            _ if is_flagged => Recommendation::Deactivate,
            Some("Active") if is_old && verdict == Verdict::InUse && key.exemption.is_none() => {
                Recommendation::Rotate
            }
            _ => Recommendation::None,
        },
    }
}

/// What to do about a key that could not be read: only what was refused can be
/// granted.
fn of_unreadable(key: &KeyReading) -> Recommendation {
    match key.usage_gap().map(Gap::cause) {
        Some(Cause::Refused(_)) => Recommendation::GrantAccess,
        Some(
            Cause::Throttled
            | Cause::OutOfTime
            | Cause::NotAnswering
            | Cause::UnreadableAnswer
            | Cause::Gone
            | Cause::Fault,
        )
        | None => Recommendation::None,
    }
}

/// Recommends to delete those of the keys that are to be disabled and watched which
/// have been so, seen by a census, for `watch_days` until `today`; to disable and
/// watch the others, whatever another comparison led to.
pub(crate) fn after_watching(keys: &mut [JudgedKey], watch_days: u32, today: Date) {
    for judged in keys {
        let (Recommendation::DisableAndWatch | Recommendation::ScheduleDeletion) =
            judged.recommendation
        else {
            continue;
        };
        let is_to_go = was_watched(judged, watch_days, today) && nothing_speaks_for_keeping(judged);
        judged.recommendation = match is_to_go {
            true => Recommendation::ScheduleDeletion,
            false => Recommendation::DisableAndWatch,
        };
    }
}

fn was_watched(judged: &JudgedKey, watch_days: u32, today: Date) -> bool {
    let is_disabled = judged.key.state.as_deref() == Some(DISABLED);
    let days = judged.history.disabled_since.map(|since| today - since);
    is_disabled && days.is_some_and(|days| days.get_days() >= watch_days.cast_signed())
}

/// Whether everything that depends on a key could be looked for, and was not found,
/// no other key of its set is in use, and it is known not to be exempt: deletion
/// cannot be undone.
fn nothing_speaks_for_keeping(judged: &JudgedKey) -> bool {
    let dependents = judged.key.dependents();
    let has_none = dependents.is_some_and(|found| found.is_empty() && found.is_whole());
    let is_apart = judged.key.multi_region_set().is_none()
        || judged.rest_of_set.as_deref() == Some(&RestOfSet::Idle);
    has_none && is_apart && judged.exemption_gap().is_none()
}

#[cfg(test)]
mod tests;
