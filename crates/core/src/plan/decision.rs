//! What the plan has for each key: steps, or why there are none.

use super::{
    steps::{Deletion, Task},
    target,
};
use crate::{
    judge::{
        detail, judged_key::JudgedKey, key_state::why_by_hand, multi_region::RestOfSet,
        recommendation::Recommendation, secret, verdict::Verdict,
    },
    model::{cause::Cause, gap::Gap, key_policy::Guard, reading::KeyKind, time::utc_date},
};

/// What the plan has for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision<'a> {
    /// There are steps.
    Steps(Task<'a>),
    /// A root access key, which only the root user, or an administrator of the
    /// organization in its place, can remove.
    ByHand,
    /// It is left out for this reason, which the plan has for each key. May contain untrusted text.
    LeftOut(String),
    /// It needs no step; such keys are counted by this word.
    NothingToDo(&'static str),
}

pub(super) fn decide(row: &JudgedKey) -> Decision<'_> {
    match row.key.kind {
        KeyKind::RootAccessKey => return Decision::ByHand,
        KeyKind::RootPassword => return Decision::NothingToDo("passwords of root users"),
        // Which commands can be about it is for `target.rs` to say.
        _ => {}
    }
    let is_to_replace =
        row.key.kind == KeyKind::ServiceCredential && row.recommendation != Recommendation::None;
    if row.is_flagged() || is_to_replace {
        return match left_out(row) {
            Some(reason) => Decision::LeftOut(reason),
            None => steps(row),
        };
    }
    if let Some(reason) = still_needed(row) {
        return Decision::LeftOut(reason);
    }
    match row.judgement.verdict {
        verdict if verdict.means_unused() && row.key.exemption.is_some() => {
            Decision::LeftOut(detail::describe(row))
        }
        Verdict::Undecided => Decision::LeftOut(
            "undecided: too young or tracked too briefly to call it unused".to_owned(),
        ),
        Verdict::Unreadable => Decision::LeftOut(could_not_be_read(row)),
        Verdict::PendingDeletion => Decision::LeftOut("pending deletion already".to_owned()),
        Verdict::InUse if row.recommendation == Recommendation::Rotate => {
            Decision::NothingToDo("in use, and to be rotated")
        }
        Verdict::InUse => Decision::NothingToDo("in use"),
        Verdict::NotRecorded => {
            Decision::NothingToDo("service-specific credentials that are not to be replaced")
        }
        Verdict::AwsManaged => Decision::NothingToDo("managed by AWS"),
        Verdict::Stale | Verdict::NeverUsed | Verdict::UnusedSinceTracking => {
            Decision::LeftOut("unused, but not flagged".to_owned())
        }
    }
}

/// That somebody was refused its use, and what to do; `None` where nobody was of late. It contains no untrusted text.
pub(super) fn still_needed(row: &JudgedKey) -> Option<String> {
    let last = row.key.refused_uses()?.last.as_ref()?;
    let to_do = match row.recommendation {
        Recommendation::EnableAgain => "enable it again",
        Recommendation::CancelDeletion => "cancel its deletion, and enable it again",
        _ => return None,
    };
    let on = utc_date(last.at);
    Some(format!(
        "somebody still needs it: its use was refused, the last time on {on}; {to_do}"
    ))
}

/// Why a key could not be read, and what to do about it.
fn could_not_be_read(row: &JudgedKey) -> String {
    let next = match row.key.usage_gap().map(Gap::cause) {
        Some(Cause::Refused(_)) => "; allow the census to read it first",
        Some(Cause::Throttled | Cause::OutOfTime) => "; the next census reads it first",
        Some(Cause::NotAnswering | Cause::UnreadableAnswer | Cause::Fault) => {
            "; the next census may be able to"
        }
        Some(Cause::Gone) => "; it was deleted during the census",
        None => "",
    };
    format!("could not be read: {}{next}", detail::describe(row))
}

/// Why a flagged key is left out.
fn left_out(row: &JudgedKey) -> Option<String> {
    let key = &row.key;
    if let Some(gap) = row.exemption_gap().or(key.tags_gap.as_ref()) {
        return Some(format!("whether it is exempt is not known: {gap}"));
    }
    match key.dependents() {
        Some(found) if !found.is_empty() => {
            return Some(format!("something depends on it: {}", found.to_cell()));
        }
        _ if row.recommendation == Recommendation::CheckDependents => {
            return Some("something depends on it".to_owned());
        }
        _ => {}
    }
    if let Some(rest) = row.rest_of_set.as_deref().and_then(RestOfSet::describe) {
        return Some(rest);
    }
    let idle_days = row.judgement.idle_days.map(i64::unsigned_abs);
    key.guard().and_then(|guard| guard.describe(idle_days))
}

fn steps(row: &JudgedKey) -> Decision<'_> {
    let target = match target::of_row(row) {
        Ok(target) => target,
        Err(malformed) => return Decision::LeftOut(malformed.to_owned()),
    };
    let state = row.key.state.as_deref().unwrap_or_default();
    if let Some(why) = why_by_hand(row.key.kind, Some(state)) {
        return Decision::LeftOut(why);
    }
    if let Some(why) = secret::why_by_hand(&row.key) {
        return Decision::LeftOut(why.to_owned());
    }
    if row.recommendation == Recommendation::CheckByHand {
        return Decision::LeftOut("it needs a check by hand".to_owned());
    }
    Decision::Steps(Task {
        row,
        switch_off: target.switch_off(state),
        target,
        deletion: deletion(row),
        may_be_refused: matches!(row.key.guard(), Some(Guard::Partial(_))),
    })
}

fn deletion(row: &JudgedKey) -> Deletion {
    if row.is_needed() {
        return Deletion::StillNeeded;
    }
    match (row.key.kind, row.dependents_checked()) {
        (KeyKind::KmsKey, "yes") => match row.recommendation {
            Recommendation::ScheduleDeletion => Deletion::Due,
            _ => Deletion::AfterWatching,
        },
        (KeyKind::KmsKey, _) => Deletion::DependentsNotChecked,
        // Dependents matter for KMS keys alone.
        _ => Deletion::AfterWatching,
    }
}
