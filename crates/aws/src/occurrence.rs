//! Holding the marker of an event while its run goes on.

use std::time::Duration;

use jiff::SignedDuration;
use keycensus_core::{digest::Digest, layout::run_path};
use serde_json::Value;

use crate::{
    bucket::{Condition, Stored},
    clock::Clock,
    connection::Aws,
    destination::Destination,
    error::CensusError,
    marker::{Marker, Means, Stage},
    session::Scanner,
};

/// How often a marker is read that cannot be understood.
const MARKER_READS: u32 = 3;

/// How long a run without a deadline may take, for whoever waits for it.
const LONGEST_RUN: SignedDuration = SignedDuration::from_hours(6);

/// The run for one event, as far as other invocations can see it. Without an
/// event, or without a bucket, there is nobody to agree with.
#[derive(Debug, Default)]
pub(crate) struct Occurrence(Option<Held>);

#[derive(Debug)]
struct Held {
    path: String,
    marker: Marker,
    /// The version of the marker that this run wrote last.
    version: Option<String>,
}

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

/// What several calls here need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) scanner: &'a Scanner,
    pub(crate) destination: &'a Destination,
}

/// Begins the run `run_id` for the event `event_id`.
pub(crate) async fn begin(
    at: Place<'_>,
    event_id: Option<&str>,
    run_id: &str,
    clock: Clock,
    time_left: Option<Duration>,
) -> Result<Beginning, CensusError> {
    let Some(event_id) = event_id.filter(|_| at.destination.has_bucket()) else {
        return Ok(Beginning::Ours(Occurrence::default()));
    };
    let path = run_path(event_id);
    let now = clock.now();
    let until = now + time_left.map_or(LONGEST_RUN, |left| left.try_into().unwrap_or(LONGEST_RUN));
    let mut held = Held {
        path,
        marker: Marker::running(run_id, until),
        version: None,
    };
    if held.put(at, Condition::Absent).await? {
        return Ok(Beginning::Ours(Occurrence(Some(held))));
    }
    let Some((marker, version)) = found(at, &held.path).await? else {
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
        Means::Finished => Ok(Beginning::Elsewhere(marker.summary.unwrap_or_default())),
        Means::TakeOver => match held.put(at, Condition::Version(&version)).await? {
            true => Ok(Beginning::Ours(Occurrence(Some(held)))),
            false => Ok(Beginning::Elsewhere(taken(run_id))),
        },
        Means::SendDigest => {
            let digest = marker.digest.clone();
            held.marker = Marker {
                run_id: run_id.to_owned(),
                until,
                ..marker
            };
            match (held.put(at, Condition::Version(&version)).await?, digest) {
                (false, _) => Ok(Beginning::Elsewhere(taken(run_id))),
                (true, Some(digest)) => Ok(Beginning::SendDigest(Occurrence(Some(held)), digest)),
                (true, None) => Ok(Beginning::Elsewhere(
                    held.marker.summary.unwrap_or_default(),
                )),
            }
        }
    }
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
    pub(crate) async fn enter(&mut self, at: Place<'_>, stage: Stage) -> Result<bool, CensusError> {
        let Some(held) = &mut self.0 else {
            return Ok(true);
        };
        held.marker.stage = stage;
        held.put_next(at).await
    }

    /// The report is complete: from now on a retry sends the digest, if there is
    /// one, and returns `summary`.
    pub(crate) async fn written(
        &mut self,
        at: Place<'_>,
        summary: Value,
        digest: Option<Digest>,
    ) -> Result<bool, CensusError> {
        let Some(held) = &mut self.0 else {
            return Ok(true);
        };
        held.marker.stage = match digest {
            Some(_) => Stage::Written,
            None => Stage::Done,
        };
        held.marker.summary = Some(summary);
        held.marker.digest = digest;
        held.put_next(at).await
    }

    /// What is to be returned from now on; said when the next stage is entered.
    pub(crate) fn amend(&mut self, summary: Value) {
        if let Some(held) = &mut self.0 {
            held.marker.summary = Some(summary);
        }
    }

    /// What the invocation returned when the report was complete.
    pub(crate) fn summary(&self) -> Value {
        let held = self.0.as_ref();
        held.and_then(|held| held.marker.summary.clone())
            .unwrap_or_default()
    }
}

impl Held {
    async fn put_next(&mut self, at: Place<'_>) -> Result<bool, CensusError> {
        let version = self.version.clone();
        let condition = version
            .as_deref()
            .map_or(Condition::None, Condition::Version);
        self.put(at, condition).await
    }

    /// Writes the marker; `false` when somebody else has changed it meanwhile.
    async fn put(&mut self, at: Place<'_>, condition: Condition<'_>) -> Result<bool, CensusError> {
        let bytes = serde_json::to_vec(&self.marker).unwrap_or_default();
        let stored = at
            .destination
            .put_if(at.aws, &self.path, bytes, condition)
            .await?;
        match stored {
            Stored::Version(version) => {
                self.version = version;
                Ok(true)
            }
            // It may have been this run: a request that took effect and was not
            // answered was made again.
            Stored::SomebodyElse => match found(at, &self.path).await? {
                Some((marker, version)) if marker == self.marker => {
                    self.version = Some(version);
                    Ok(true)
                }
                _ => Ok(false),
            },
        }
    }
}

/// The marker that is there. One that cannot be understood is an error: taken for
/// somebody else's work, it would end a run that nobody makes.
async fn found(at: Place<'_>, path: &str) -> Result<Option<(Marker, String)>, CensusError> {
    for _ in 0..MARKER_READS {
        let found = at.destination.get_versioned(at.aws, path).await?;
        let Some((bytes, version)) = found else {
            return Ok(None);
        };
        if let (Ok(marker), Some(version)) = (serde_json::from_slice(&bytes), version) {
            return Ok(Some((marker, version)));
        }
    }
    Err(CensusError::ReportNotWritten {
        location: at.destination.uri(path),
        reason: "the marker of an earlier run of the same event cannot be understood: delete it to have the run made".to_owned(),
    })
}
