//! One event, one report, one digest.
//!
//! Lambda and EventBridge deliver at least once. A small object in the bucket
//! says how far the run for an event has come; it is only ever changed on the
//! condition that nobody else changed it since.
//!
//! ```text
//! running ──> writing ──> written ──> sending ──> sent
//!    │           │└─────> done         └──────> not sent
//!    └───────────┴──────> failed
//! ```
//!
//! A marker that says `running` is taken over by a retry of the same request
//! (Lambda tries again only when the first attempt has ended), when its time is
//! up, or when it says `failed`; a digest that was `not_sent` is sent by any. The
//! step to `writing` is the one that matters: a run that has been taken over cannot
//! make it, and ends without writing. `done` is where no digest is wanted.

use jiff::Timestamp;
use keycensus_core::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the marker's shape.
const SCHEMA: u32 = 1;

/// How far the run for an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// It reads.
    Running,
    /// It writes the report.
    Writing,
    /// The report is complete; events are being put or have been, the digest, if there
    /// is one, is yet to be sent.
    Written,
    /// The digest is being sent.
    Sending,
    /// What became of the digest is in the summary.
    Sent,
    /// The report is complete, and the digest was surely not sent.
    NotSent,
    /// The report is complete and no digest is wanted.
    Done,
    /// It ended with an error.
    Failed,
}

/// The marker's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marker {
    pub(crate) schema: u32,
    /// The run that holds it.
    pub(crate) run_id: String,
    /// How far it has come.
    pub(crate) stage: Stage,
    /// When the run will have ended, however it ends.
    pub(crate) until: Timestamp,
    /// What the invocation returns, once the report is complete.
    pub(crate) summary: Option<Value>,
    /// The digest that is to be sent, once the report is complete.
    pub(crate) digest: Option<Digest>,
    /// How many messages of one account each were to follow it: they are not kept, so
    /// that a retry does not send them.
    #[serde(default)]
    pub(crate) account_digests: u64,
}

/// What a marker that is already there means for another invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// Somebody else is at it.
    StayAway,
    /// Nobody is at it any more: scan.
    TakeOver,
    /// The report is complete, only the digest is left.
    SendDigest,
    /// All is done, but for a digest of which nobody knows whether it is out. A second
    /// one would be one too many.
    MayBeLost,
    /// All is done.
    Finished,
}

impl Marker {
    /// The marker of a run that begins.
    pub(crate) fn running(run_id: &str, until: Timestamp) -> Self {
        Self {
            schema: SCHEMA,
            run_id: run_id.to_owned(),
            stage: Stage::Running,
            until,
            summary: None,
            digest: None,
            account_digests: 0,
        }
    }

    /// What this marker means for the invocation `run_id` at `now`.
    pub(crate) fn means(&self, run_id: &str, now: Timestamp) -> Means {
        let is_ours_or_over = self.run_id == run_id || self.until <= now;
        match self.stage {
            Stage::Running | Stage::Writing | Stage::Written | Stage::Sending
                if !is_ours_or_over =>
            {
                Means::StayAway
            }
            Stage::Running | Stage::Writing | Stage::Failed => Means::TakeOver,
            Stage::Written | Stage::NotSent => Means::SendDigest,
            Stage::Sending => Means::MayBeLost,
            Stage::Sent | Stage::Done => Means::Finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Marker, Means, Stage};

    #[test]
    fn a_marker_tells_another_invocation_what_to_do() {
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let later = now + SignedDuration::from_mins(5);
        let cases = [
            (Stage::Running, "other", later, Means::StayAway),
            (Stage::Running, "other", now, Means::TakeOver),
            (Stage::Running, "ours", later, Means::TakeOver),
            (Stage::Writing, "other", later, Means::StayAway),
            (Stage::Writing, "other", now, Means::TakeOver),
            (Stage::Written, "other", later, Means::StayAway),
            (Stage::Written, "other", now, Means::SendDigest),
            (Stage::Written, "ours", later, Means::SendDigest),
            (Stage::Sending, "other", later, Means::StayAway),
            (Stage::Sending, "other", now, Means::MayBeLost),
            (Stage::Sending, "ours", later, Means::MayBeLost),
            (Stage::Sent, "other", later, Means::Finished),
            (Stage::NotSent, "other", later, Means::SendDigest),
            (Stage::Done, "other", now, Means::Finished),
            (Stage::Failed, "other", later, Means::TakeOver),
        ];
        for (stage, run_id, until, means) in cases {
            let marker = Marker {
                stage,
                ..Marker::running(run_id, until)
            };
            assert_eq!(marker.means("ours", now), means, "{stage:?} {run_id}");
        }
    }
}
