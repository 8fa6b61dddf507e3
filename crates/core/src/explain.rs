//! One key in full: what it is, its verdict and why, who used it last, and what its
//! deletion would break.
//!
//! The page ([`page`]) and the JSON for scripts ([`json`]) hold the same.

use jiff::{SignedDuration, Timestamp};

use crate::{
    judge::judged_key::JudgedKey,
    model::{
        gap::Gap,
        reading::KeyKind,
        refused_uses::{RefusedUse, RefusedUses},
    },
};

pub mod athena;
pub mod identity;
pub mod json;
pub mod page;
pub mod refused_uses;
pub mod requested_key;
pub mod secrets;
pub mod trail_event;
mod unseen;

use athena::Query;
use trail_event::TrailEvent;

/// How far CloudTrail's event history reaches back
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>).
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A key with everything that was read about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// When it was read.
    pub now: Timestamp,
    /// T: from how many idle days a key is unused.
    pub stale_after_days: u32,
    /// The key.
    pub key: JudgedKey,
    /// Why the key's aliases are not known, where they are not.
    pub names_gap: Option<Gap>,
    /// Who used it last.
    pub last_users: LastUsers,
    /// The query for the same in the organization's trail; `None` where no table of it is given.
    pub query: Option<Query>,
    /// Refused attempts to use a key that is disabled or pending deletion; `None` for any other
    /// key.
    pub refused: Option<Refused>,
}

/// Who used a key last, by CloudTrail's event history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUsers {
    /// No use is recorded, or the last use could not be read: there is no event to look up.
    NoUse,
    /// The event of the last use; of an access key, its latest events, latest first.
    Found(Vec<TrailEvent>),
    /// The history has no such event.
    NotFound,
    /// The last use is older than the history.
    TooOld,
    /// AWS does not report what to look up: for a KMS key the event's ID, for an access key
    /// the Region; of passwords and secrets, nothing.
    NotReported,
    /// The history could not be read.
    Unanswered(Gap),
}

/// Refused attempts to use a key that is disabled or pending deletion, by CloudTrail's event
/// history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The event that disabled it or scheduled its deletion. `None`: not in the part of the
    /// history that was read.
    pub since: Option<TrailEvent>,
    /// The refused requests since then, latest first.
    pub attempts: Vec<TrailEvent>,
    /// How far back the history was read.
    pub history_read: HistoryRead,
}

/// How far back an event history was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryRead {
    /// To the event that stopped the key, or to the beginning of the history.
    Complete,
    /// The latest so many events of the key: there are older ones.
    Latest(usize),
    /// Until a call failed.
    Unanswered(Gap),
}

impl Refused {
    /// The same as a census has it.
    #[must_use]
    pub fn refused_uses(&self) -> RefusedUses {
        let last = self.attempts.iter().find_map(|event| {
            Some(RefusedUse {
                at: event.listed.at?,
                by: event.principal().unwrap_or_default(),
            })
        });
        let count = self.attempts.len() as u64;
        match &self.history_read {
            HistoryRead::Complete => RefusedUses {
                count: Some(count),
                last,
                gap: None,
            },
            HistoryRead::Latest(_) => RefusedUses::at_least(count, last),
            HistoryRead::Unanswered(gap) => RefusedUses::unread(last, gap.clone()),
        }
    }
}

impl Explanation {
    /// Whether the page is complete.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unseen().is_empty()
    }

    fn is_kms_key(&self) -> bool {
        self.key.key.kind == KeyKind::KmsKey
    }
}

/// Whether an event at `at` is too old for CloudTrail's event history at `now`.
#[must_use]
pub fn is_before_history(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) > HISTORY
}

#[cfg(test)]
mod tests;
