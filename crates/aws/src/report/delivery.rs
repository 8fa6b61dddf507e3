//! Delivering items in batches, each with as many calls as that may help.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
};

use crate::{
    report::failures::Failures,
    transport::{
        call_error::{CallError, CallSite, Failure},
        rate_limit::RateLimit,
        retry::Attempts,
    },
};

/// After so many batches in a row of which nothing was delivered, no other is tried.
const HOPELESS_BATCHES: u32 = 3;

/// A delivery under way.
#[derive(Debug)]
pub(crate) struct Delivery {
    rate_limit: RateLimit,
    delivered: AtomicU64,
    /// Batches in a row of which nothing was delivered.
    hopeless: AtomicU32,
    failures: Failures,
}

/// What was answered about the items of a call.
pub(crate) struct Answered<T> {
    delivered: u64,
    /// Those that another call may deliver, and why this one did not.
    again: Option<(Vec<T>, CallError)>,
}

impl<T> Answered<T> {
    /// An answer to `batch` that says of each item why it was not delivered, in the order of the items; `None` where it
    /// was.
    pub(crate) fn of(
        batch: Vec<T>,
        delivery: &Delivery,
        mut error_of: impl FnMut(&T) -> Option<CallError>,
    ) -> Self {
        let mut answered = Self {
            delivered: 0,
            again: None,
        };
        for item in batch {
            let Some(error) = error_of(&item) else {
                answered.delivered += 1;
                continue;
            };
            match (error.failure, &mut answered.again) {
                (Failure::Throttled | Failure::Transient, None) => {
                    answered.again = Some((vec![item], error));
                }
                (Failure::Throttled | Failure::Transient, Some((again, why))) => {
                    again.push(item);
                    if error.failure == Failure::Throttled {
                        *why = error;
                    }
                }
                _ => delivery.failures.add(1, error),
            }
        }
        answered
    }
}

impl Delivery {
    /// With so many calls a second.
    pub(crate) fn new(calls_a_second: f64) -> Self {
        Self {
            rate_limit: RateLimit::new(calls_a_second),
            delivered: AtomicU64::new(0),
            hopeless: AtomicU32::new(0),
            failures: Failures::default(),
        }
    }

    /// Whether another batch may be delivered.
    pub(crate) fn has_hope(&self) -> bool {
        self.hopeless.load(Ordering::Relaxed) < HOPELESS_BATCHES
    }

    /// Delivers a batch: by `call`, whose answer is taken apart by `answered`.
    pub(crate) async fn deliver<T, A>(
        &self,
        mut batch: Vec<T>,
        call: impl AsyncFn(&[T]) -> Result<A, CallError>,
        answered: impl Fn(Vec<T>, A) -> Answered<T>,
    ) {
        let mut attempts = Attempts::default();
        let mut delivered = 0;
        loop {
            let answer = {
                let ((), _outstanding) = self.rate_limit.acquire(async {}).await;
                call(&batch).await
            };
            let answer = match answer {
                Ok(answer) => answered(batch, answer),
                Err(error) => Answered {
                    delivered: 0,
                    again: Some((batch, error)),
                },
            };
            delivered += answer.delivered;
            self.delivered
                .fetch_add(answer.delivered, Ordering::Relaxed);
            let Some((again, error)) = answer.again else {
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
        match delivered {
            0 => self.hopeless.fetch_add(1, Ordering::Relaxed),
            _ => self.hopeless.swap(0, Ordering::Relaxed),
        };
    }

    /// How many of the items that were due were delivered, how many failed, and how many for each error code,
    /// which is logged once, with what `describe` says of so many items.
    pub(crate) fn ended(
        self,
        due: u64,
        is_time_left: bool,
        operation: &'static str,
        site: &CallSite,
        describe: impl Fn(u64) -> String,
    ) -> (u64, u64, BTreeMap<String, u64>) {
        let delivered = self.delivered.into_inner();
        let missing = due.saturating_sub(delivered);
        let (failed, errors) =
            self.failures
                .ended(missing, is_time_left, operation, site, describe);
        (delivered, failed, errors)
    }
}
