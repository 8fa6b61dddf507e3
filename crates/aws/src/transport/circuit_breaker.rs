//! A circuit breaker: after many requests in a row without an answer, no more are sent
//! for a while.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::transport::lock::lock;

/// How many requests in a row without an answer open the circuit.
const UNANSWERED_LIMIT: u32 = 256;
/// How long it stays open; then one request is let through as a trial.
const OPEN_FOR: Duration = Duration::from_secs(30);

/// The circuit breaker of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreaker {
    /// Requests in a row without an answer.
    unanswered: AtomicU32,
    /// When the next trial is let through; `None` before the circuit is first open.
    next_trial: Mutex<Option<Instant>>,
}

impl CircuitBreaker {
    /// Whether a request must not be sent. Lets one trial through each time that the
    /// circuit has been open for long enough.
    pub(crate) fn is_open(&self) -> bool {
        if self.unanswered.load(Ordering::Relaxed) < UNANSWERED_LIMIT {
            return false;
        }
        let mut next_trial = lock(&self.next_trial);
        let now = Instant::now();
        match *next_trial {
            Some(at) if now < at => true,
            _ => {
                *next_trial = Some(now + OPEN_FOR);
                false
            }
        }
    }

    /// A request was answered, whatever the answer: the circuit closes.
    pub(crate) fn answered(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// A request was not answered.
    pub(crate) fn unanswered(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{CircuitBreaker, OPEN_FOR, UNANSWERED_LIMIT};

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_many_unanswered_requests_and_lets_one_trial_through_at_a_time() {
        let circuit = CircuitBreaker::default();
        for _ in 0..UNANSWERED_LIMIT {
            assert!(!circuit.is_open());
            circuit.unanswered();
        }
        assert!(!circuit.is_open(), "the first trial");
        assert!(circuit.is_open());
        tokio::time::advance(OPEN_FOR).await;
        assert!(!circuit.is_open(), "the second trial");
        circuit.unanswered();
        assert!(circuit.is_open());
        circuit.answered();
        assert!(!circuit.is_open());
    }
}
