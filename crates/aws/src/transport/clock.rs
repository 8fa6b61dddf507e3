//! The time of a run.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// A clock set once, at the edge, to the moment the run began; from there on it
/// follows tokio's, which tests can pause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    began_at: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn begin(now: Timestamp) -> Self {
        Self {
            began_at: now,
            began: Instant::now(),
        }
    }

    /// The time since the run began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.began_at
            .saturating_add(jiff::SignedDuration::try_from(self.elapsed()).unwrap_or_default())
            .unwrap_or(self.began_at)
    }

    /// How many milliseconds the run has taken so far.
    pub(crate) fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
