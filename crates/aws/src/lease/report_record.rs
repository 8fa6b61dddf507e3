//! What runs leave for each other in the object by which they agree on who writes the
//! report.
//!
//! ```text
//! writing ──> written
//!    └──────> failed
//! ```
//!
//! One run writes at a time. Its lease is short and renewed while it writes, so that a run
//! that was killed holds up the next for a minute at most. What the digest came to is
//! written here too, because it is known only after every file is written: the next run
//! reports a digest that was not sent, or may not have been.

use jiff::{SignedDuration, Timestamp};
use keycensus_core::model::{manifest::Manifest, previous_runs::LostDigests};
use serde::{Deserialize, Serialize};

/// The version of the record's shape.
const SCHEMA: u32 = 1;

/// How long a lease lasts that is not renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How far a run has come with its report's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WriteStage {
    /// It writes them.
    Writing,
    /// They are complete.
    Written,
    /// It ended with an error while it wrote them.
    Failed,
}

/// What is known of a run's digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DigestState {
    /// None is to be sent, as far as is known.
    NotDue,
    /// It is to be sent, or is being sent.
    Due,
    /// SNS took it, and said so.
    Sent,
    /// It may have been sent.
    MayBeLost,
    /// It was not sent.
    NotSent,
}

/// The object's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeaseRecord {
    schema: u32,
    /// The run that writes, or wrote last, with the files of its report once they are
    /// known.
    pub(crate) report: Manifest,
    pub(crate) stage: WriteStage,
    /// Until when no other run may write.
    until: Timestamp,
    digest: DigestState,
    /// Messages of one account each that are not known to be out.
    account_digests: u64,
    /// What earlier runs' digests came to, until a digest that was sent has reported it.
    lost_digests: Option<LostDigests>,
}

impl LeaseRecord {
    /// The record of a run that begins to write, after the run of `before`.
    pub(crate) fn writing(report: Manifest, before: Option<&Self>, now: Timestamp) -> Self {
        Self {
            schema: SCHEMA,
            report,
            stage: WriteStage::Writing,
            until: now + LEASE,
            digest: DigestState::NotDue,
            account_digests: 0,
            lost_digests: before.and_then(Self::missing_digests),
        }
    }

    /// Whether the run `run_id` may write at `now`. A run that died is followed at once
    /// by its own retry.
    pub(crate) fn is_free_for(&self, run_id: &str, now: Timestamp) -> bool {
        self.stage != WriteStage::Writing || self.until <= now || self.report.run_id == run_id
    }

    /// Makes the lease last from `now` on.
    pub(crate) fn renew(&mut self, now: Timestamp) {
        self.until = now + LEASE;
    }

    /// Ends the lease.
    pub(crate) fn end(&mut self, stage: WriteStage, now: Timestamp) {
        self.stage = stage;
        self.until = now;
    }

    /// Says what the digest came to, and how many messages of one account each are not
    /// known to be out.
    pub(crate) fn tell_digest(&mut self, digest: DigestState, account_digests: u64) {
        self.digest = digest;
        self.account_digests = account_digests;
    }

    /// What the digests of earlier runs came to, as far as the digest of this run is the
    /// first to say it.
    pub(crate) fn lost_digests(&self) -> Option<&LostDigests> {
        self.lost_digests.as_ref()
    }

    /// The digests, this run's and those before it, that the next run must report.
    pub(crate) fn missing_digests(&self) -> Option<LostDigests> {
        let is_sent = self.digest == DigestState::Sent;
        let before = self.lost_digests.clone().filter(|_| !is_sent);
        let digests = match self.digest {
            DigestState::NotDue | DigestState::Sent => 0,
            DigestState::Due | DigestState::MayBeLost | DigestState::NotSent => 1,
        };
        if digests + self.account_digests == 0 {
            return before;
        }
        let own = LostDigests {
            digests,
            account_digests: self.account_digests,
            since: self.report.scan_date(),
            run_id: self.report.run_id.clone(),
        };
        Some(match before {
            Some(before) => before.and(own),
            None => own,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use keycensus_core::model::manifest::{Files, Manifest};

    use super::{DigestState, LEASE, LeaseRecord, WriteStage};

    fn night(n: i64) -> Timestamp {
        let first: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        first + SignedDuration::from_hours(24 * n)
    }

    fn record(n: i64, before: Option<&LeaseRecord>) -> LeaseRecord {
        let report = Manifest {
            run_id: format!("run-{n}"),
            scanned_at: night(n),
            settings: None,
            files: Files::new(),
        };
        LeaseRecord::writing(report, before, night(n))
    }

    #[test]
    fn a_lease_is_free_for_others_when_it_ended_or_its_time_is_up_and_for_a_retry_at_once() {
        let mut record = record(0, None);
        let up = night(0) + LEASE;
        let cases = [
            ("other", night(0), false),
            ("other", up - SignedDuration::from_secs(1), false),
            ("other", up, true),
            ("run-0", night(0), true),
        ];
        for (run_id, now, is_free) in cases {
            assert_eq!(record.is_free_for(run_id, now), is_free, "{run_id} {now}");
        }
        record.renew(up);
        assert!(!record.is_free_for("other", up));
        for stage in [WriteStage::Written, WriteStage::Failed] {
            record.end(stage, up);
            assert!(record.is_free_for("other", up), "{stage:?}");
        }
    }

    #[test]
    fn a_digest_is_missing_unless_it_is_known_to_be_out_or_was_not_due() {
        for (digest, is_missing) in [
            (DigestState::NotDue, false),
            (DigestState::Due, true),
            (DigestState::Sent, false),
            (DigestState::MayBeLost, true),
            (DigestState::NotSent, true),
        ] {
            let mut record = record(0, None);
            record.tell_digest(digest, 0);
            let missing = record.missing_digests();
            assert_eq!(missing.is_some(), is_missing, "{digest:?}");
            if let Some(missing) = missing {
                assert_eq!((missing.digests, &*missing.run_id), (1, "run-0"));
                assert_eq!(missing.since.to_string(), "2026-11-21");
            }
        }
    }

    #[test]
    fn what_is_missing_is_carried_on_until_a_digest_is_out() {
        let mut first = record(0, None);
        first.tell_digest(DigestState::MayBeLost, 3);
        let mut second = record(1, Some(&first));
        // It has no digest of its own, and so reports none.
        let missing = second.missing_digests().unwrap();
        assert_eq!((missing.digests, missing.account_digests), (1, 3));
        second.tell_digest(DigestState::NotSent, 0);
        let mut third = record(2, Some(&second));
        let missing = third.missing_digests().unwrap();
        assert_eq!((missing.digests, missing.account_digests), (2, 3));
        assert_eq!(missing.since.to_string(), "2026-11-21");
        assert_eq!(missing.run_id, "run-1");
        third.tell_digest(DigestState::Sent, 0);
        assert_eq!(third.missing_digests(), None);
    }
}
