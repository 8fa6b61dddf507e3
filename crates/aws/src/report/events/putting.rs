//! Events on their way to a bus.

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use keycensus_core::{
    judge::summary::EventsOutcome,
    render::events::{self, Event},
    settings::event_bus::EventBus,
};

use crate::{
    report::delivery::{Answered, Delivery},
    run::RunContext,
    services::{aws::Aws, quotas::PUT_EVENTS_RPS},
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
        sdk_client::client,
    },
};

const OPERATION: &str = "events:PutEvents";

/// Events on their way to a bus.
pub(super) struct Putting<'a> {
    aws: &'a Aws,
    site: CallSite,
    client: aws_sdk_eventbridge::Client,
    bus: &'a EventBus,
    delivery: Delivery,
}

impl<'a> Putting<'a> {
    pub(super) fn new(at: RunContext<'a>, bus: &'a EventBus) -> Self {
        Self {
            aws: at.aws,
            site: CallSite {
                account: Some(at.scanner.account),
                region: at.aws.region().clone(),
            },
            client: client!(aws_sdk_eventbridge, at.aws.config()),
            bus,
            delivery: Delivery::new(PUT_EVENTS_RPS),
        }
    }

    /// Whether another batch may be put.
    pub(super) fn has_hope(&self) -> bool {
        self.delivery.has_hope()
    }

    /// Puts a batch.
    pub(super) async fn put(&self, batch: Vec<Event>) {
        let call = async |batch: &[Event]| self.call(batch).await;
        let answered = |batch, results| self.answered(batch, results);
        self.delivery.deliver(batch, call, answered).await;
    }

    async fn call(&self, batch: &[Event]) -> Result<Vec<PutEventsResultEntry>, CallError> {
        let entries = batch.iter().map(|event| self.entry(event)).collect();
        let answer = self.aws.send(OPERATION, &self.site, || {
            let request = self.client.put_events();
            request.set_entries(Some(entries)).send()
        });
        Ok(answer.await?.entries.unwrap_or_default())
    }

    fn entry(&self, event: &Event) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(self.bus.as_str())
            .source(events::SOURCE)
            .detail_type(event.detail_type.as_str())
            .detail(&event.detail)
            .set_resources(event.resource.clone().map(|arn| vec![arn]))
            .build()
    }

    /// What EventBridge says of each entry, in their order.
    fn answered(&self, batch: Vec<Event>, results: Vec<PutEventsResultEntry>) -> Answered<Event> {
        let mut results = results.into_iter();
        Answered::of(batch, &self.delivery, |_| match results.next() {
            Some(PutEventsResultEntry {
                error_code: None, ..
            }) => None,
            Some(result) => Some(self.refused(&result)),
            None => {
                let why = Unreadable("the answer lacks an entry");
                Some(CallError::unreadable(OPERATION, &self.site, why))
            }
        })
    }

    /// Why an entry was not put. Two codes may pass
    /// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html>).
    fn refused(&self, result: &PutEventsResultEntry) -> CallError {
        let code = result.error_code().unwrap_or_default();
        let failure = match code {
            "ThrottlingException" => Failure::Throttled,
            "InternalFailure" => Failure::Transient,
            _ => Failure::Final,
        };
        let message = result.error_message().unwrap_or_default();
        CallError::of_entry(OPERATION, &self.site, code, message, failure)
    }

    /// What became of the events that were due. Every error code is logged once.
    pub(super) fn outcome(self, due: EventsOutcome, is_time_left: bool) -> EventsOutcome {
        let all = due.due;
        let describe = |n| format!("{n} of {all} events were not put");
        let ended = self
            .delivery
            .ended(all, is_time_left, OPERATION, &self.site, describe);
        let (put, failed, errors) = ended;
        EventsOutcome {
            put,
            failed,
            errors,
            ..due
        }
    }
}
