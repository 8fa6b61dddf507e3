//! Holding the marker of an event while its run goes on.

use std::time::Duration;

use jiff::SignedDuration;
use keycensus_core::{digest::Digest, layout::run_path};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    error::CensusError,
    lease::{
        event_record::{Marker, Means, Stage},
        shared_object::SharedObject,
    },
    run::RunContext,
    transport::clock::Clock,
};

/// How long a run without a deadline may take, for whoever waits for it.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(6);

/// How long may be waited for what is written after the digest: it is out.
const ENTRY: Duration = Duration::from_secs(2);

/// The run for one event, as far as other invocations can see it. Without a bucket there
/// is none to agree with.
#[derive(Debug, Default)]
pub(crate) struct Occurrence(Option<SharedObject<Marker>>);

/// How an invocation begins.
#[derive(Debug)]
pub(crate) enum Beginning {
    /// The event is this run's to do.
    Ours(Occurrence),
    /// The report is complete; only the digest is left to send.
    SendDigest(Occurrence, Digest),
    /// Another invocation does it, or has done it: this is what it says.
    Elsewhere(Value),
}

/// Begins the run `run_id` for the event `event_id`.
pub(crate) async fn begin(
    at: RunContext<'_>,
    event_id: &str,
    run_id: &str,
    clock: Clock,
    time_left: Option<Duration>,
) -> Result<Beginning, CensusError> {
    if !at.destination.has_bucket() {
        return Ok(Beginning::Ours(Occurrence::default()));
    }
    let now = clock.now();
    let until = now + time_left.map_or(LONGEST_RUN, |left| left.try_into().unwrap_or(LONGEST_RUN));
    let mut held = SharedObject::new(run_path(event_id), Marker::running(run_id, until));
    if held.create(at).await? {
        return Ok(Beginning::Ours(Occurrence(Some(held))));
    }
    let Some((marker, version)) = held.found(at).await? else {
        return Ok(Beginning::Elsewhere(elsewhere(
            run_id,
            "another invocation of the same event has just begun",
        )));
    };
    match marker.means(run_id, now) {
        Means::StayAway => Ok(Beginning::Elsewhere(elsewhere(
            run_id,
            &format!("run {} of the same event is under way", marker.run_id),
        ))),
        Means::Finished => Ok(Beginning::Elsewhere(finished(run_id, marker))),
        Means::MayBeLost => Ok(Beginning::Elsewhere(cut_off(run_id, marker))),
        Means::TakeOver => match held.replace(at, &version).await? {
            true => Ok(Beginning::Ours(Occurrence(Some(held)))),
            false => Ok(Beginning::Elsewhere(taken(run_id))),
        },
        Means::SendDigest => {
            let digest = marker.digest.clone();
            held.content = Marker {
                run_id: run_id.to_owned(),
                until,
                ..marker
            };
            match (held.replace(at, &version).await?, digest) {
                (false, _) => Ok(Beginning::Elsewhere(taken(run_id))),
                (true, Some(digest)) => Ok(Beginning::SendDigest(Occurrence(Some(held)), digest)),
                (true, None) => Ok(Beginning::Elsewhere(finished(run_id, held.content))),
            }
        }
    }
}

/// What an invocation returns whose event has a report already.
fn finished(run_id: &str, marker: Marker) -> Value {
    let summary = marker.summary.unwrap_or_default();
    let made_by = summary["run_id"].as_str().unwrap_or(&marker.run_id);
    tracing::info!(
        run.id = run_id,
        "nothing to do: the report of this event is complete, by run {made_by}"
    );
    summary
}

/// What an invocation returns whose event has a report already, and a digest that was being
/// sent when its run ended.
fn cut_off(run_id: &str, marker: Marker) -> Value {
    let account_digests = marker.account_digests;
    let mut summary = finished(run_id, marker);
    tracing::warn!(
        run.id = run_id,
        "the digest of this event may not have been sent: the run that sent it was cut off"
    );
    summary["digest"]["may_be_lost"] = true.into();
    summary["digest"]["per_account"]["may_be_lost"] = account_digests.into();
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

impl Occurrence {
    /// Goes on to the next stage. Tells whether this run still holds the event;
    /// when it does not, it must leave everything alone.
    pub(crate) async fn enter(
        &mut self,
        at: RunContext<'_>,
        stage: Stage,
    ) -> Result<bool, CensusError> {
        let Some(held) = &mut self.0 else {
            return Ok(true);
        };
        held.content.stage = stage;
        held.update(at).await
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
        let Some(held) = &mut self.0 else {
            return Ok(true);
        };
        held.content.stage = match digest {
            Some(_) => Stage::Written,
            None => Stage::Done,
        };
        held.content.summary = Some(summary);
        held.content.digest = digest;
        held.content.account_digests = account_digests;
        held.update(at).await
    }

    /// What is to be returned from now on; said when the next stage is entered.
    pub(crate) fn amend(&mut self, summary: Value) {
        if let Some(held) = &mut self.0 {
            held.content.summary = Some(summary);
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
            .map_or(0, |held| held.content.account_digests)
    }

    /// What the invocation returned when the report was complete.
    pub(crate) fn summary(&self) -> Value {
        let held = self.0.as_ref();
        held.and_then(|held| held.content.summary.clone())
            .unwrap_or_default()
    }
}
