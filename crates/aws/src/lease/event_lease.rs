//! The lease over an event: of several invocations for it, one makes the run.

use std::time::Duration;

use jiff::SignedDuration;
use keycensus_core::{model::layout::run_path, render::digest::Digest};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    error::CensusError,
    lease::{
        event_record::{Disposition, EventRecord, Stage},
        shared_object::SharedObject,
    },
    run::RunContext,
    transport::clock::Clock,
};

/// How long the lease of a run without a deadline lasts.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(6);

/// How long the lease of a run lasts that is made of many invocations.
pub(crate) const LONGEST_CENSUS: Duration = Duration::from_secs(24 * 3_600);

/// How long may be waited for what is written after the digest: it is out.
const ENTRY: Duration = Duration::from_secs(2);

/// The lease over one event, an object in the bucket that other invocations read. Without a
/// bucket it holds nothing.
#[derive(Debug, Default)]
pub(crate) struct EventLease(Option<SharedObject<EventRecord>>);

/// What an invocation has acquired for its event.
#[derive(Debug)]
pub(crate) enum Acquired {
    /// The lease: this invocation makes the run, and goes on with what the run of this ID has read.
    Lease(EventLease, String),
    /// The report is complete; only the digest is left to send.
    SendDigest(EventLease, Digest),
    /// The lease is held by another run, or the event's report is complete: what to return.
    Elsewhere(Value),
}

/// Begins the run `run_id` for the event `event_id`, or goes on with it.
pub(crate) async fn acquire(
    at: RunContext<'_>,
    event_id: &str,
    run_id: &str,
    clock: Clock,
    time_left: Option<Duration>,
) -> Result<Acquired, CensusError> {
    if !at.destination.has_bucket() {
        let lease = EventLease::default();
        return Ok(Acquired::Lease(lease, run_id.to_owned()));
    }
    let now = clock.now();
    let until = now + time_left.map_or(LONGEST_RUN, |left| left.try_into().unwrap_or(LONGEST_RUN));
    let mut object = SharedObject::new(run_path(event_id), EventRecord::running(run_id, until));
    if object.create(at).await? {
        let lease = EventLease(Some(object));
        return Ok(Acquired::Lease(lease, run_id.to_owned()));
    }
    let Some((record, version)) = object.found(at).await? else {
        return Err(CensusError::LeaseUnreadable {
            location: at.destination.uri(&run_path(event_id)),
            reason: "it was deleted while this run read it: run again".to_owned(),
        });
    };
    match record.disposition(run_id, now) {
        Disposition::StayAway => Ok(Acquired::Elsewhere(elsewhere(
            run_id,
            &format!("run {} of the same event is under way", record.run_id),
        ))),
        Disposition::Finished => Ok(Acquired::Elsewhere(finished(run_id, record))),
        Disposition::MayBeLost => Ok(Acquired::Elsewhere(cut_off(run_id, record))),
        Disposition::TakeOver => {
            let parts_of = record.parts_of().to_owned();
            object.content.parts_of = Some(parts_of.clone());
            match object.replace(at, &version).await? {
                true => Ok(Acquired::Lease(EventLease(Some(object)), parts_of)),
                false => Ok(Acquired::Elsewhere(taken(run_id))),
            }
        }
        Disposition::SendDigest => {
            let digest = record.digest.clone();
            object.content = EventRecord {
                run_id: run_id.to_owned(),
                until,
                ..record
            };
            match (object.replace(at, &version).await?, digest) {
                (false, _) => Ok(Acquired::Elsewhere(taken(run_id))),
                (true, Some(digest)) => Ok(Acquired::SendDigest(EventLease(Some(object)), digest)),
                (true, None) => Ok(Acquired::Elsewhere(finished(run_id, object.content))),
            }
        }
    }
}

/// What an invocation returns whose event has a report already.
fn finished(run_id: &str, record: EventRecord) -> Value {
    let summary = record.summary.unwrap_or_default();
    let made_by = summary["run_id"].as_str().unwrap_or(&record.run_id);
    tracing::info!(
        run.id = run_id,
        "nothing to do: the report of this event is complete, by run {made_by}"
    );
    summary
}

/// What an invocation returns whose event has a report already, and a digest that was being
/// sent when its run ended.
fn cut_off(run_id: &str, record: EventRecord) -> Value {
    let account_digests = record.account_digests;
    let mut summary = finished(run_id, record);
    tracing::warn!(
        run.id = run_id,
        "the digest of this event may not have been sent: the run that sent it was cut off"
    );
    summary["digest"]["may_be_lost"] = true.into();
    summary["digest"]["per_account"]["may_be_lost"] = account_digests.into();
    if summary["digest"]["chat"]["topic_arn"].is_string() {
        summary["digest"]["chat"]["may_be_lost"] = true.into();
    }
    summary
}

/// What an invocation returns from which another has taken its event over.
pub(crate) fn taken(run_id: &str) -> Value {
    elsewhere(
        run_id,
        "another invocation of the same event has taken over",
    )
}

/// What an invocation returns that leaves its event to another.
fn elsewhere(run_id: &str, why: &str) -> Value {
    tracing::info!(run.id = run_id, "nothing to do: {why}");
    serde_json::json!({
        "schema": 1,
        "run_id": run_id,
        "duplicate": true,
        "reason": why,
    })
}

impl EventLease {
    /// Goes on to the next stage. Tells whether this run still holds the event;
    /// when it does not, it must leave everything alone.
    pub(crate) async fn enter(
        &mut self,
        at: RunContext<'_>,
        stage: Stage,
    ) -> Result<bool, CensusError> {
        let Some(object) = &mut self.0 else {
            return Ok(true);
        };
        object.content.stage = stage;
        object.update(at).await
    }

    /// The report is complete: from now on a retry sends the digest, if there is
    /// one, and returns `summary`.
    pub(crate) async fn written(
        &mut self,
        at: RunContext<'_>,
        summary: Value,
        digest: Option<Digest>,
        account_digests: u64,
    ) -> Result<bool, CensusError> {
        let Some(object) = &mut self.0 else {
            return Ok(true);
        };
        object.content.stage = match digest {
            Some(_) => Stage::Written,
            None => Stage::Done,
        };
        object.content.summary = Some(summary);
        object.content.digest = digest;
        object.content.account_digests = account_digests;
        object.update(at).await
    }

    /// What is to be returned from now on; said when the next stage is entered.
    pub(crate) fn amend(&mut self, summary: Value) {
        if let Some(object) = &mut self.0 {
            object.content.summary = Some(summary);
        }
    }

    /// What a retry sends from now on, where it sends a digest; said when the next stage is entered.
    pub(crate) fn amend_digest(&mut self, digest: &Digest) {
        if let Some(object) = &mut self.0
            && object.content.digest.is_some()
        {
            object.content.digest = Some(digest.clone());
        }
    }

    /// The digest is sent, or may be, as `summary` says: what every other delivery of the
    /// event returns from now on. Where that cannot be written, they say that it may be
    /// lost.
    pub(crate) async fn sent(&mut self, at: RunContext<'_>, summary: Value) {
        self.amend(summary);
        let entering = self.enter(at, Stage::Sent);
        if !matches!(timeout(ENTRY, entering).await, Ok(Ok(true))) {
            tracing::warn!("that the digest was sent was not written down");
        }
    }

    /// How many messages of one account each a run that was cut off did not send.
    pub(crate) fn account_digests(&self) -> u64 {
        self.0
            .as_ref()
            .map_or(0, |object| object.content.account_digests)
    }

    /// What the invocation returned when the report was complete.
    pub(crate) fn summary(&self) -> Value {
        let object = self.0.as_ref();
        object
            .and_then(|object| object.content.summary.clone())
            .unwrap_or_default()
    }
}
