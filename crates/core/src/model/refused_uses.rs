//! Requests to use a KMS key that KMS refused, because the key is disabled or pending deletion.

use jiff::Timestamp;

use crate::model::{cause::Cause, gap::Gap};

/// What CloudTrail's event history says of refused uses of a key. What is found is a fact; that nothing
/// is found proves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedUses {
    /// How many were found since the key could be used the last time, until an hour before the run. Beside a
    /// [`gap`](Self::gap) it is a minimum, until the run. `None`: the history could not be read.
    pub count: Option<u64>,
    /// The latest that was found, also within the last hour.
    pub last: Option<RefusedUse>,
    /// Why the history could not be read to its end.
    pub gap: Option<Gap>,
}

/// A refused use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedUse {
    /// When.
    pub at: Timestamp,
    /// The principal, by the best name that the event has; free text, empty where it has none.
    pub by: String,
}

impl RefusedUses {
    /// What is known where the history could not be read: what the last run had `found` last is a fact still.
    #[must_use]
    pub fn unread(found: Option<RefusedUse>, gap: Gap) -> Self {
        Self {
            count: None,
            last: found,
            gap: Some(gap),
        }
    }

    /// What is known where the key has more events than are read of one: at least `count` were found.
    #[must_use]
    pub fn at_least(count: u64, last: Option<RefusedUse>) -> Self {
        let gap = Gap::unanswered("cloudtrail:LookupEvents", "MoreEvents", Cause::OutOfTime);
        Self {
            count: Some(count),
            last,
            gap: Some(gap),
        }
    }

    /// Whether there may be more of them than [`count`](Self::count) says.
    #[must_use]
    pub fn is_minimum(&self) -> bool {
        self.count.is_some() && self.gap.is_some()
    }
}
