//! The event bus that receives an event for each key that is newly flagged, needed again or used again.
//!
//! Events are put at least once: a call that was not answered is made again, and may
//! have been carried out. What cannot be put is counted and logged; it never costs a
//! run its digest.

use std::{future::ready, vec};

use futures_util::{Stream, StreamExt, stream};
use keycensus_core::{
    judge::{
        judged_account::JudgedAccount, judged_key::JudgedKey, report::Report,
        summary::EventsOutcome,
    },
    render::events::{self, Batching, DetailType, Event},
    settings::{SettingsError, Source, event_bus::EventBus},
};
use tokio::time::Instant;

use self::putting::Putting;
use crate::{error::CensusError, report::readings::Readings, run::RunContext, services::aws::Aws};

mod putting;

/// How many calls may be under way.
const IN_FLIGHT: usize = 16;

/// Checks what can be seen of the bus without asking for it, which would take one more
/// permission: its Region.
pub(crate) fn check(aws: &Aws, bus: &EventBus, source: Source) -> Result<(), CensusError> {
    let here = aws.region();
    match &bus.region {
        Some(region) if region != here => {
            let problem = format!(
                "the event bus is in {region}, but the census runs in {here}: name a bus in {here}"
            );
            Err(SettingsError::refused(source, "event_bus", bus, problem).into())
        }
        _ => Ok(()),
    }
}

/// What there is to put, before it is.
pub(crate) fn due(bus: Option<&EventBus>, report: &Report) -> EventsOutcome {
    EventsOutcome {
        bus: bus.map(ToString::to_string),
        due: bus.map_or(0, |_| events::count(report)),
        ..EventsOutcome::default()
    }
}

/// Puts the events of `report` on the bus, until `until` at the latest.
pub(crate) async fn put(
    at: RunContext<'_>,
    bus: &EventBus,
    report: &Report,
    readings: &Readings,
    until: Option<Instant>,
) -> EventsOutcome {
    let putting = Putting::new(at, bus);
    let is_time_left = || until.is_none_or(|until| Instant::now() < until);
    let batches = batches(report, readings);
    let batches = batches.take_while(|_| ready(putting.has_hope() && is_time_left()));
    let work = batches.for_each_concurrent(IN_FLIGHT, |batch| putting.put(batch));
    match until {
        Some(until) => drop(tokio::time::timeout_at(until, work).await),
        None => work.await,
    }
    putting.outcome(due(Some(bus), report), is_time_left())
}

/// The events by the call that puts them on the bus, those of one detail type after those of the
/// other.
fn batches<'a>(
    report: &'a Report,
    readings: &'a Readings,
) -> impl Stream<Item = Vec<Event>> + use<'a> {
    let of_type = move |detail_type| {
        let batches = Batches {
            report,
            detail_type,
            accounts: Box::new(readings.judged_as_far_as_readable("events are not put")),
            keys: Vec::new().into_iter(),
            batching: Batching::default(),
        };
        stream::unfold(batches, |mut batches| async {
            let batch = batches.next().await?;
            Some((batch, batches))
        })
    };
    stream::iter(DetailType::ALL).flat_map(of_type)
}

/// The events of one detail type, composed when they are asked for.
struct Batches<'a> {
    report: &'a Report,
    detail_type: DetailType,
    accounts: Box<dyn Iterator<Item = JudgedAccount> + Send + 'a>,
    /// The keys of an account that are yet to come.
    keys: vec::IntoIter<JudgedKey>,
    batching: Batching,
}

impl Batches<'_> {
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            for judged in self.keys.by_ref() {
                let event = events::of_key(self.report, &judged, self.detail_type);
                if let Some(batch) = event.and_then(|event| self.batching.add(event)) {
                    return Some(batch);
                }
            }
            match self.accounts.next() {
                Some(account) => self.keys = account.keys.into_iter(),
                None => return self.batching.rest(),
            }
        }
    }
}
