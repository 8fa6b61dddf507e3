//! One event, one report, one digest.
//!
//! Lambda and EventBridge deliver at least once. A small object in the bucket
//! says how far the run for an event has come; it is only ever changed on the
//! condition that it has not changed since.
//!
//! ```text
//! running ──> writing ──> written ──> sending ──> sent
//!    │           │└─────> done         └──────> not sent
//!    └───────────┴──────> failed
//! ```
//!
//! A record that says `running` is taken over by a retry of the same request
//! (Lambda tries again only when the first attempt has ended), when its time is
//! up, or when it says `failed`; a digest that was `not_sent` is sent by any. The
//! step to `writing` is the one that matters: a run that has been taken over cannot
//! make it, and ends without writing. `done` is where no digest is wanted.

use jiff::Timestamp;
use keycensus_core::render::digest::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the record's shape.
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

/// The record's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventRecord {
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
    /// The run that began what this run goes on with, in whose folder is what was read; `None`: this
    /// run itself.
    #[serde(default)]
    pub(crate) parts_of: Option<String>,
    /// How many messages of one account each were to follow it: they are not kept, so
    /// that a retry does not send them.
    #[serde(default)]
    pub(crate) account_digests: u64,
}

/// What another invocation of the event does, given the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// The lease is held by another run: end.
    StayAway,
    /// The lease has expired or was released after a failure: make the run.
    TakeOver,
    /// The report is complete; send its digest.
    SendDigest,
    /// The report is complete, and whether its digest was sent is not known: do not send a
    /// second one.
    MayBeLost,
    /// The report is complete, and its digest is sent or not wanted.
    Finished,
}

impl EventRecord {
    /// The record of a run that begins.
    pub(crate) fn running(run_id: &str, until: Timestamp) -> Self {
        Self {
            schema: SCHEMA,
            run_id: run_id.to_owned(),
            stage: Stage::Running,
            until,
            summary: None,
            digest: None,
            parts_of: None,
            account_digests: 0,
        }
    }

    /// The run in whose folder is what was read for the event.
    pub(crate) fn parts_of(&self) -> &str {
        self.parts_of.as_ref().unwrap_or(&self.run_id)
    }

    /// What this record means for the invocation `run_id` at `now`.
    pub(crate) fn disposition(&self, run_id: &str, now: Timestamp) -> Disposition {
        let is_ours_or_over = self.run_id == run_id || self.until <= now;
        match self.stage {
            Stage::Running | Stage::Writing | Stage::Written | Stage::Sending
                if !is_ours_or_over =>
            {
                Disposition::StayAway
            }
            Stage::Running | Stage::Writing | Stage::Failed => Disposition::TakeOver,
            Stage::Written | Stage::NotSent => Disposition::SendDigest,
            Stage::Sending => Disposition::MayBeLost,
            Stage::Sent | Stage::Done => Disposition::Finished,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Disposition, EventRecord, Stage};

    #[test]
    fn a_marker_tells_another_invocation_what_to_do() {
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let later = now + SignedDuration::from_mins(5);
        let cases = [
            (Stage::Running, "other", later, Disposition::StayAway),
            (Stage::Running, "other", now, Disposition::TakeOver),
            (Stage::Running, "ours", later, Disposition::TakeOver),
            (Stage::Writing, "other", later, Disposition::StayAway),
            (Stage::Writing, "other", now, Disposition::TakeOver),
            (Stage::Written, "other", later, Disposition::StayAway),
            (Stage::Written, "other", now, Disposition::SendDigest),
            (Stage::Written, "ours", later, Disposition::SendDigest),
            (Stage::Sending, "other", later, Disposition::StayAway),
            (Stage::Sending, "other", now, Disposition::MayBeLost),
            (Stage::Sending, "ours", later, Disposition::MayBeLost),
            (Stage::Sent, "other", later, Disposition::Finished),
            (Stage::NotSent, "other", later, Disposition::SendDigest),
            (Stage::Done, "other", now, Disposition::Finished),
            (Stage::Failed, "other", later, Disposition::TakeOver),
        ];
        for (stage, run_id, until, means) in cases {
            let record = EventRecord {
                stage,
                ..EventRecord::running(run_id, until)
            };
            assert_eq!(record.disposition("ours", now), means, "{stage:?} {run_id}");
        }
    }
}
