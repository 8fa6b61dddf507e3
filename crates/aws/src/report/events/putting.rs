//! Events on their way to a bus.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use keycensus_core::{
    judge::summary::EventsOutcome,
    render::events::{self, Event},
    settings::event_bus::EventBus,
};

use crate::{
    report::failures::Failures,
    run::RunContext,
    services::{aws::Aws, quotas::PUT_EVENTS_RPS},
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
        rate_limit::RateLimit,
        retry::Attempts,
        sdk_client::client,
    },
};

const OPERATION: &str = "events:PutEvents";
/// After so many batches in a row of which nothing could be put, no other is tried.
const HOPELESS_BATCHES: u32 = 3;

/// Events on their way to a bus.
pub(super) struct Putting<'a> {
    aws: &'a Aws,
    site: CallSite,
    client: aws_sdk_eventbridge::Client,
    bus: &'a EventBus,
    rate_limit: RateLimit,
    put: AtomicU64,
    /// Batches in a row of which nothing could be put.
    hopeless: AtomicU32,
    failures: Failures,
}

/// What EventBridge said of the entries of a call.
#[derive(Default)]
struct PutAnswer {
    put: u64,
    /// Those that another call may put, and why this one did not.
    again: Option<(Vec<Event>, CallError)>,
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
            rate_limit: RateLimit::new(PUT_EVENTS_RPS),
            put: AtomicU64::new(0),
            hopeless: AtomicU32::new(0),
            failures: Failures::default(),
        }
    }

    /// Whether another batch may be put.
    pub(super) fn has_hope(&self) -> bool {
        self.hopeless.load(Ordering::Relaxed) < HOPELESS_BATCHES
    }

    /// Puts a batch, with as many calls as that may help.
    pub(super) async fn put(&self, mut batch: Vec<Event>) {
        let mut attempts = Attempts::default();
        let mut put = 0;
        loop {
            let said = match self.call(&batch).await {
                Ok(results) => self.said(batch, results),
                Err(error) => PutAnswer {
                    again: Some((batch, error)),
                    ..PutAnswer::default()
                },
            };
            put += said.put;
            self.put.fetch_add(said.put, Ordering::Relaxed);
            let Some((again, error)) = said.again else {
                break;
            };
            if error.failure == Failure::Throttled {
                self.rate_limit.throttled();
            }
            match attempts.wait_after(&error) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    self.failures.add(again.len() as u64, error);
                    break;
                }
            }
            batch = again;
        }
        match put {
            0 => self.hopeless.fetch_add(1, Ordering::Relaxed),
            _ => self.hopeless.swap(0, Ordering::Relaxed),
        };
    }

    /// Makes one call, in turn.
    async fn call(&self, batch: &[Event]) -> Result<Vec<PutEventsResultEntry>, CallError> {
        let ((), _outstanding) = self.rate_limit.acquire(async {}).await;
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

    /// Takes note of what EventBridge says of each entry, in their order.
    fn said(&self, batch: Vec<Event>, results: Vec<PutEventsResultEntry>) -> PutAnswer {
        let mut said = PutAnswer::default();
        let mut results = results.into_iter();
        for event in batch {
            let error = match results.next() {
                Some(PutEventsResultEntry {
                    error_code: None, ..
                }) => {
                    said.put += 1;
                    continue;
                }
                Some(result) => self.refused(&result),
                None => {
                    let why = Unreadable("the answer lacks an entry");
                    CallError::unreadable(OPERATION, &self.site, why)
                }
            };
            match (error.failure, &mut said.again) {
                (Failure::Throttled | Failure::Transient, None) => {
                    said.again = Some((vec![event], error));
                }
                (Failure::Throttled | Failure::Transient, Some((again, why))) => {
                    again.push(event);
                    if error.failure == Failure::Throttled {
                        *why = error;
                    }
                }
                _ => self.failures.add(1, error),
            }
        }
        said
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
        let put = self.put.into_inner();
        let (failed, errors) = self.failures.ended(
            due.due.saturating_sub(put),
            is_time_left,
            OPERATION,
            &self.site,
            |n| format!("{n} of {} events were not put", due.due),
        );
        EventsOutcome {
            put,
            failed,
            errors,
            ..due
        }
    }
}
