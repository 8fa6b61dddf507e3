//! A service in one Region, for all accounts: its share of the requests in flight,
//! and whether it answers at all.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::transport::priority_semaphore::{Permit, PrioritySemaphore, Urgency};

/// How many of the requests in flight may be to one Region, so that one that
/// hangs does not take the places of all others.
const IN_FLIGHT: usize = 224;
/// After so many requests in a row without an answer nothing more is asked …
const UNANSWERED_LIMIT: u32 = 256;
/// … for this long; then one request may try.
const PAUSE: Duration = Duration::from_secs(30);

/// A service in one Region.
#[derive(Debug)]
pub(crate) struct Endpoint {
    in_flight: PrioritySemaphore,
    unanswered: AtomicU32,
    asked_again_at: Mutex<Option<Instant>>,
}

impl Endpoint {
    pub(crate) fn new() -> Self {
        Self {
            in_flight: PrioritySemaphore::new(IN_FLIGHT),
            unanswered: AtomicU32::new(0),
            asked_again_at: Mutex::new(None),
        }
    }

    /// Waits until one more request may be in flight to it.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        self.in_flight.permit(urgency).await
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
