//! The simulator's clock: starts where the world says and runs with tokio's, so that paused tests control it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The clock of one simulator.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    epoch: Timestamp,
}

impl Clock {
    /// A clock that shows `now` now; the machine's time when absent.
    #[expect(
        clippy::disallowed_methods,
        reason = "a world without a time of its own follows the machine's clock"
    )]
    pub(crate) fn starting_at(now: Option<Timestamp>) -> Self {
        Self {
            started: Instant::now(),
            epoch: now.unwrap_or_else(Timestamp::now),
        }
    }

    /// What it showed when the simulator started. Ages in the world file count back from here.
    pub(crate) fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// How long the simulator has run.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What it shows now.
    pub(crate) fn now(&self) -> Timestamp {
        self.epoch
            .checked_add(self.elapsed())
            .unwrap_or(Timestamp::MAX)
    }
}
