//! The time of a run.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// A clock set once, at the edge, to the moment the run began; from there on it
/// follows tokio's, which tests can pause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    set_to: Timestamp,
    set_at: Instant,
    run_began: Timestamp,
}

impl Clock {
    pub(crate) fn begin(now: Timestamp) -> Self {
        Self {
            set_to: now,
            set_at: Instant::now(),
            run_began: now,
        }
    }

    /// The same clock, for a run that an earlier invocation began.
    pub(crate) fn of_run(self, began: Timestamp) -> Self {
        Self {
            run_began: began,
            ..self
        }
    }

    /// The time since this invocation began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.set_at.elapsed()
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.set_to
            .saturating_add(jiff::SignedDuration::try_from(self.elapsed()).unwrap_or_default())
            .unwrap_or(self.set_to)
    }

    /// How many milliseconds the run has taken so far.
    pub(crate) fn elapsed_ms(self) -> u64 {
        let elapsed = self.now().duration_since(self.run_began).as_millis();
        u64::try_from(elapsed).unwrap_or(0)
    }
}
