//! KMS in one Region, for all accounts: its client, its share of the requests in
//! flight, and whether it answers at all.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

/// How many of the requests in flight may be to one Region, so that one that
/// hangs does not take the places of all others.
const IN_FLIGHT: usize = 96;
/// After so many requests in a row without an answer nothing more is asked …
const UNANSWERED_LIMIT: u32 = 128;
/// … for this long; then one request may try.
const PAUSE: Duration = Duration::from_secs(30);

/// KMS in one Region.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) client: aws_sdk_kms::Client,
    in_flight: Semaphore,
    unanswered: AtomicU32,
    asked_again_at: Mutex<Option<Instant>>,
}

impl Endpoint {
    pub(crate) fn new(client: aws_sdk_kms::Client) -> Self {
        Self {
            client,
            in_flight: Semaphore::new(IN_FLIGHT),
            unanswered: AtomicU32::new(0),
            asked_again_at: Mutex::new(None),
        }
    }

    /// Waits until one more request may be in flight to this Region.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there is always a permit.
        self.in_flight.acquire().await.ok()
    }

    /// Whether so many requests went unanswered that the next one would too.
    pub(crate) fn is_silent(&self) -> bool {
        if self.unanswered.load(Ordering::Relaxed) < UNANSWERED_LIMIT {
            return false;
        }
        let mut asked_again_at = self
            .asked_again_at
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let now = Instant::now();
        match *asked_again_at {
            Some(at) if now < at => true,
            _ => {
                *asked_again_at = Some(now + PAUSE);
                false
            }
        }
    }

    /// A request was answered, whatever the answer.
    pub(crate) fn answered(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// A request was not answered.
    pub(crate) fn unanswered(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }
}
