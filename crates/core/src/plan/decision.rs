//! What becomes of each key: steps, a word to its people, or why there is nothing.

use super::{
    row::Row,
    steps::{Deletion, Task},
    target,
};
use crate::{
    judge::{
        detail,
        key_state::{Operation, why_by_hand},
        recommendation::Recommendation,
        verdict::Verdict,
    },
    model::{cause::Cause, dependents::Dependents, key_policy::Guard, reading::KeyKind},
};

/// What becomes of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision<'a> {
    /// There are steps.
    Steps(Task<'a>),
    /// A root access key, which only the root user, or an administrator of the
    /// organization in its place, can remove.
    ByHand,
    /// It is left out for this reason, which is told of each key. May have
    /// strangers' text in it.
    LeftOut(String),
    /// Nobody asked to do anything about it; such keys are counted, by this word.
    NothingToDo(&'static str),
}

pub(super) fn decide(row: &Row) -> Decision<'_> {
    if row.kind == KeyKind::RootAccessKey {
        return Decision::ByHand;
    }
    if row.is_flagged {
        return match left_out(row) {
            Some(reason) => Decision::LeftOut(reason),
            None => steps(row),
        };
    }
    match row.verdict {
        verdict if verdict.says_unused() && row.is_exempt => Decision::LeftOut(exempt(row)),
        Verdict::Undecided => Decision::LeftOut(
            "undecided: too young or tracked too briefly to say that nobody uses it".to_owned(),
        ),
        Verdict::Unreadable => Decision::LeftOut(could_not_be_read(row)),
        Verdict::PendingDeletion => Decision::LeftOut("pending deletion already".to_owned()),
        Verdict::InUse if row.recommendation == Recommendation::Rotate => {
            Decision::NothingToDo("in use, and to be rotated")
        }
        Verdict::InUse => Decision::NothingToDo("in use"),
        Verdict::AwsManaged => Decision::NothingToDo("managed by AWS"),
        Verdict::Stale | Verdict::NeverUsed | Verdict::UnusedSinceTracking => {
            Decision::LeftOut("unused, but not flagged".to_owned())
        }
    }
}

/// Why a key could not be read, and whether anybody has to do anything about it.
fn could_not_be_read(row: &Row) -> String {
    let next = match row.gap_cause {
        Some(Cause::Refused(_)) => "allow the census to read it first",
        Some(Cause::Throttled | Cause::OutOfTime) => "the next census reads it first",
        Some(Cause::NotAnswering | Cause::UnreadableAnswer | Cause::Fault) => {
            "see whether the next census can"
        }
        Some(Cause::Gone) => "it was deleted during the census",
        None => return format!("could not be read: {}", row.detail),
    };
    format!("could not be read: {}; {next}", row.detail)
}

/// Its detail has the reason for it.
fn exempt(row: &Row) -> String {
    match row.detail.as_str() {
        "" => "exempt".to_owned(),
        detail => detail.to_owned(),
    }
}

/// Why a flagged key is left out.
fn left_out(row: &Row) -> Option<String> {
    if row.is_exempt {
        return Some(exempt(row));
    }
    if let Some(gap) = detail::read(&row.detail, None).and_then(|detail| detail.tags_gap) {
        return Some(format!("whether it is exempt is not known: {gap}"));
    }
    // What cannot be read may be anything.
    if Dependents::parse(&row.dependents).is_none_or(|found| !found.is_empty()) {
        return Some(format!("something depends on it: {}", row.dependents));
    }
    if row.recommendation == Recommendation::CheckDependents {
        return Some("something depends on it".to_owned());
    }
    let is_of_set = row.kind == KeyKind::KmsKey && row.key_id.starts_with("mrk-");
    match &row.multi_region_set {
        None if is_of_set => return Some("what the rest of its set does is not known".to_owned()),
        _ if is_of_set && speaks_of_set(&row.detail) => return Some(row.detail.clone()),
        _ => {}
    }
    Guard::parse(&row.guard_days).and_then(|guard| guard.told(row.idle_days))
}

/// Whether a detail says that other keys of the set are in use, or may be. One that
/// cannot be read may.
fn speaks_of_set(told: &str) -> bool {
    detail::read(told, None).is_none_or(|detail| detail.rest_of_set.is_some())
}

fn steps(row: &Row) -> Decision<'_> {
    let target = match target::of_row(row) {
        Ok(target) => target,
        Err(malformed) => return Decision::LeftOut(malformed.to_owned()),
    };
    if let Some(why) = why_by_hand(row.kind, Some(&row.state)) {
        return Decision::LeftOut(why);
    }
    if row.recommendation == Recommendation::CheckByHand {
        return Decision::LeftOut("it is to be looked at by hand".to_owned());
    }
    let switch_off = match row.kind {
        KeyKind::KmsKey => Operation::DisableKey,
        KeyKind::IamAccessKey | KeyKind::RootAccessKey => Operation::DeactivateAccessKey,
    };
    Decision::Steps(Task {
        row,
        target,
        switch_off: switch_off.outcome(&row.state),
        deletion: deletion(row),
        may_be_refused: matches!(Guard::parse(&row.guard_days), Some(Guard::Partial(_))),
    })
}

fn deletion(row: &Row) -> Deletion {
    match (row.kind, row.dependents_checked.as_str()) {
        (KeyKind::KmsKey, "yes") => match row.recommendation {
            Recommendation::ScheduleDeletion => Deletion::Due,
            _ => Deletion::AfterWatching,
        },
        (KeyKind::KmsKey, _) => Deletion::DependentsNotChecked,
        (KeyKind::IamAccessKey | KeyKind::RootAccessKey, _) => Deletion::AfterWatching,
    }
}
