//! One key on one page: what it is, what is said of it and why, who used it last,
//! and what its deletion would break.
//!
//! The page ([`page`]) and the JSON for scripts ([`json`]) tell the same.

use jiff::{SignedDuration, Timestamp};

use crate::{
    judge::judged_key::JudgedKey,
    model::{gap::Gap, reading::KeyKind},
};

pub mod asked;
pub mod athena;
pub mod identity;
pub mod json;
pub mod page;
pub mod secrets;
pub mod trail_event;
mod unseen;

use athena::Query;
use trail_event::TrailEvent;

/// How far CloudTrail's event history reaches back
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>).
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A key with everything that was found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The moment it was found out.
    pub now: Timestamp,
    /// T: from how many idle days a key is unused.
    pub stale_after_days: u32,
    /// The key.
    pub key: JudgedKey,
    /// Why the key's aliases are not known, where they are not.
    pub names_gap: Option<Gap>,
    /// Who used it last.
    pub last_users: LastUsers,
    /// The same in the trail that goes back further, where its table is known.
    pub query: Option<Query>,
    /// Who tried to use it since it can no longer be used; `None` for a key that can.
    pub refused: Option<Refused>,
}

/// Who used a key last, as CloudTrail's event history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUsers {
    /// No use is recorded, or that could not be read: there is no event to look for.
    NoUse,
    /// The event of the last use; of an access key, its latest events, latest first.
    Found(Vec<TrailEvent>),
    /// The history has no such event.
    NotFound,
    /// The last use is older than the history.
    TooOld,
    /// AWS does not report what to look up: for a KMS key the event's ID, for an access key
    /// the Region.
    NotReported,
    /// The history could not be read.
    Unanswered(Gap),
}

/// Who tried to use a key that is disabled or pending deletion, as CloudTrail's event
/// history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What disabled it or scheduled its deletion. `None`: longer ago than was looked.
    pub since: Option<TrailEvent>,
    /// What was refused since, latest first.
    pub attempts: Vec<TrailEvent>,
    /// How far back was looked.
    pub looked: Looked,
}

/// How far back an event history was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// To what was looked for, or to where the history begins.
    Far,
    /// Through the latest so many events of the key: there are more.
    Through(usize),
    /// To where it could not be read any more.
    Until(Gap),
}

impl Explanation {
    /// Whether nothing that the page should tell is missing.
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

/// Whether AWS's word for a KMS key's state says that it refuses to be used until
/// somebody enables it again.
#[must_use]
pub fn is_stopped(state: &str) -> bool {
    state == crate::model::reading::DISABLED || crate::judge::verdict::is_pending_deletion(state)
}

#[cfg(test)]
mod tests;
