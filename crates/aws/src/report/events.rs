//! The event bus that receives an event for each key that is newly flagged or used again.
//!
//! Events are put at least once: a call that was not answered is made again, and may
//! have been carried out. What cannot be put is counted and logged; it never costs a
//! run its digest.

use futures_util::{StreamExt, stream};
use keycensus_core::{
    judge::{report::Report, summary::EventsOutcome, whole_report::WholeReport},
    render::events,
    settings::{SettingsError, Source, event_bus::EventBus},
};
use tokio::time::Instant;

use self::putting::Putting;
use crate::{error::CensusError, run::RunContext, services::aws::Aws};

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
    report: &WholeReport,
    until: Option<Instant>,
) -> EventsOutcome {
    let putting = Putting::new(at, bus);
    let is_time_left = || until.is_none_or(|until| Instant::now() < until);
    let batches =
        events::batches(events::of(report)).take_while(|_| putting.has_hope() && is_time_left());
    let work = stream::iter(batches).for_each_concurrent(IN_FLIGHT, |batch| putting.put(batch));
    match until {
        Some(until) => drop(tokio::time::timeout_at(until, work).await),
        None => work.await,
    }
    putting.outcome(due(Some(bus), report), is_time_left())
}
