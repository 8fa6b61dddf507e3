//! What to recommend for a key: by its verdict, its dependents, its history, and the other keys of
//! its set.

use jiff::Timestamp;

use crate::{
    judge::{
        flagged::AssessedKey, history::History, key_state::possible, multi_region::RestOfSet,
        recommendation::Recommendation, refused_uses::way_back, secret, service_credential,
        verdict::Verdict,
    },
    model::{
        cause::Cause,
        gap::Gap,
        reading::{DISABLED, KeyKind, KeyReading},
        time::date,
    },
};

/// What a recommendation rests on, beside the key and its verdict.
#[derive(Debug)]
pub(crate) struct RecommendationInput<'a> {
    /// Whole days since the key was created; `None` when that could not be read.
    pub(crate) age_days: Option<i64>,
    /// What earlier runs add.
    pub(crate) history: &'a History,
    /// The rest of its set of multi-Region keys.
    pub(crate) rest_of_set: Option<&'a RestOfSet>,
    /// Age from which an access key in use should be rotated.
    pub(crate) rotate_after_days: u32,
    /// How long a key is watched, once it is disabled, before it is to be deleted.
    pub(crate) watch_days: u32,
    /// The moment the run began.
    pub(crate) now: Timestamp,
}

/// What to do about a key.
pub(crate) fn recommend(
    assessed: &AssessedKey<'_>,
    input: &RecommendationInput<'_>,
) -> Recommendation {
    let key = assessed.key;
    if let Some(way_back) = way_back(key, input.watch_days, input.now) {
        return way_back;
    }
    let rotate_after_days = i64::from(input.rotate_after_days);
    let is_old = input.age_days.is_some_and(|days| days >= rotate_after_days);
    match possible(key.kind, key.state.as_deref(), usual(assessed, is_old)) {
        Recommendation::DisableAndWatch
            if was_watched(key, input) && nothing_speaks_for_keeping(assessed, input) =>
        {
            Recommendation::ScheduleDeletion
        }
        recommendation => recommendation,
    }
}

/// What to do about a key in a state in which AWS does it.
fn usual(assessed: &AssessedKey<'_>, is_old: bool) -> Recommendation {
    let AssessedKey { key, judgement } = assessed;
    let verdict = judgement.verdict;
    let is_flagged = assessed.is_flagged();
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
        KeyKind::IamPassword if is_flagged => Recommendation::RemovePassword,
        KeyKind::IamPassword | KeyKind::RootPassword => Recommendation::None,
        KeyKind::ServiceCredential => service_credential::recommended(key, is_old),
        KeyKind::Secret if !is_flagged => Recommendation::None,
        KeyKind::Secret => match secret::why_by_hand(key) {
            Some(_) => Recommendation::CheckByHand,
            None => Recommendation::ScheduleDeletion,
        },
    }
}

/// What to do about a key that could not be read: only what was refused can be granted.
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

/// Whether censuses have seen the key disabled for long enough.
fn was_watched(key: &KeyReading, input: &RecommendationInput<'_>) -> bool {
    let is_disabled = key.state.as_deref() == Some(DISABLED);
    let since = input.history.disabled_since;
    let days = since.map(|since| date(input.now) - since);
    is_disabled && days.is_some_and(|days| days.get_days() >= input.watch_days.cast_signed())
}

/// Whether everything that depends on a key could be looked for, and was not found, no other key of
/// its set is in use, the history was read to its end where it is looked for refused uses, and it is known not
/// to be exempt: deletion cannot be undone.
fn nothing_speaks_for_keeping(assessed: &AssessedKey<'_>, input: &RecommendationInput<'_>) -> bool {
    let dependents = assessed.key.dependents();
    let has_none = dependents.is_some_and(|found| found.is_empty() && found.is_whole());
    let is_apart =
        assessed.key.multi_region_set().is_none() || input.rest_of_set == Some(&RestOfSet::Idle);
    let refused_uses = assessed.key.refused_uses();
    let is_history_read = refused_uses.is_none_or(|found| found.gap.is_none());
    has_none && is_apart && is_history_read && assessed.exemption_gap().is_none()
}

#[cfg(test)]
mod tests;
