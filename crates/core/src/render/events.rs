//! Events for EventBridge: one for each key that is newly flagged, that somebody needs again, or
//! that is used again. `docs/EVENTS.md` describes them for those who receive
//! them, `docs/events.schema.json` does for their programs.

use crate::judge::{history::Change, judged_key::JudgedKey, report::Report};

mod batches;
mod detail;

pub use batches::{Batching, MOST_ENTRIES};

/// The `source` of every event.
pub const SOURCE: &str = "keycensus";

/// The `detail-type` of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailType {
    /// The key is flagged and was not in the last run; in the first census, it is flagged: there is
    /// no other event for such a key.
    NewlyFlagged,
    /// Somebody was refused the use of the key, which is disabled or pending deletion, and had not been in the
    /// last run.
    NeededAgain,
    /// The key was unused in the last run and is in use.
    UsedAgain,
}

impl DetailType {
    /// All of them, in the order in which they are put.
    pub const ALL: [Self; 3] = [Self::NeededAgain, Self::NewlyFlagged, Self::UsedAgain];

    /// The words for it in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyFlagged => "Keycensus Key Newly Flagged",
            Self::NeededAgain => "Keycensus Key Needed Again",
            Self::UsedAgain => "Keycensus Key Used Again",
        }
    }

    /// The detail type of a key's event; `None`: it has no event.
    fn of(judged: &JudgedKey) -> Option<Self> {
        if judged.is_newly_flagged() {
            return Some(Self::NewlyFlagged);
        }
        match judged.history.change? {
            Change::NeededAgain => Some(Self::NeededAgain),
            Change::UsedAgain => Some(Self::UsedAgain),
            Change::New | Change::NewlyFlagged | Change::StateChanged | Change::Same => None,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub detail_type: DetailType,
    /// The key's ARN, for an access key its user's; `None` where it is not known.
    pub resource: Option<String>,
    /// The key as JSON.
    pub detail: String,
}

/// The event of a key of `report`, if it has one of this detail type.
#[must_use]
pub fn of_key(report: &Report, judged: &JudgedKey, detail_type: DetailType) -> Option<Event> {
    let arn = &judged.key.arn;
    (DetailType::of(judged) == Some(detail_type)).then(|| Event {
        detail_type,
        resource: (!arn.is_empty()).then(|| arn.clone()),
        detail: detail::json(judged, report),
    })
}

/// How many events a report has.
#[must_use]
pub fn count(report: &Report) -> u64 {
    // A key has one change. That which is newly flagged may be new, and no other.
    let changes = &report.summary.changes;
    report.summary.keys.newly_flagged + changes.needed_again + changes.used_again
}

#[cfg(test)]
mod tests;
