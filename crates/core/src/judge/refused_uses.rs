//! What refused uses of a KMS key say of it, and for which keys they are looked for.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::{
    judge::{recommendation::Recommendation, verdict::is_pending_deletion},
    model::{
        gap::Gap,
        reading::{DISABLED, KeyReading, Manager},
        refused_uses::RefusedUses,
        time::idle_days,
    },
};

/// Whether refused uses of a key are looked for: it is a customer's, and disabled or pending deletion.
#[must_use]
pub fn are_looked_for(key: &KeyReading) -> bool {
    key.manager == Some(Manager::Customer) && key.state.as_deref().is_some_and(is_stopped)
}

/// Whether KMS refuses to use a key in this state until it is enabled again.
#[must_use]
pub fn is_stopped(state: &str) -> bool {
    state == DISABLED || is_pending_deletion(state)
}

/// What brings a key back that somebody was refused within the last `watch_days`; `None` for any other.
#[must_use]
pub(crate) fn way_back(
    key: &KeyReading,
    watch_days: u32,
    now: Timestamp,
) -> Option<Recommendation> {
    let last = key.refused_uses()?.last.as_ref()?;
    let is_watched = idle_days(last.at, now) < i64::from(watch_days);
    match key.state.as_deref()? {
        _ if !is_watched => None,
        DISABLED => Some(Recommendation::EnableAgain),
        state if is_pending_deletion(state) => Some(Recommendation::CancelDeletion),
        _ => None,
    }
}

/// What sorts keys whose refused uses are looked for. First come those that the last run had no time for,
/// and of these and the others those that KMS deletes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority {
    lacked_time: Reverse<bool>,
    is_pending_deletion: Reverse<bool>,
    has_no_date: bool,
    deletion_date: Option<Timestamp>,
    key_id: String,
}

impl Priority {
    /// The priority of a key, with what the `last` run found of it.
    #[must_use]
    pub fn new(key: &KeyReading, last: Option<&RefusedUses>) -> Self {
        let lacked_time = last.is_some_and(|last| last.gap == Some(Gap::NoTimeLeft));
        let is_pending = key.state.as_deref().is_some_and(is_pending_deletion);
        let deletion_date = key.deletion_date();
        Self {
            lacked_time: Reverse(lacked_time),
            is_pending_deletion: Reverse(is_pending),
            has_no_date: deletion_date.is_none(),
            deletion_date,
            key_id: key.key_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
