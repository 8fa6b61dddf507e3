//! The simulator's clock: it starts at the world's `now` and runs with tokio's, so that tests can pause it.

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
    /// A clock that starts at `now`; at the machine's time when absent.
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

    /// Its time when the simulator started. Ages in the world file count back from here.
    pub(crate) fn epoch(&self) -> Timestamp {
        self.epoch
    }

    /// How long the simulator has run.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Its time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.epoch
            .checked_add(self.elapsed())
            .unwrap_or(Timestamp::MAX)
    }
}
