//! Trying a call again.
//!
//! The SDK's own retries are off: they would keep a place among the requests in
//! flight while they wait, share one budget among all accounts, and go around
//! the pace of GetKeyLastUsage.

use std::time::Duration;

use crate::call_error::{CallError, Failure};

/// Throttles pass by themselves: wait longer and longer rather than give up.
const THROTTLED: Schedule = Schedule {
    attempts: 12,
    base: Duration::from_millis(200),
    cap: Duration::from_secs(8),
};
const TRANSIENT: Schedule = Schedule {
    attempts: 4,
    base: Duration::from_millis(100),
    cap: Duration::from_secs(2),
};

struct Schedule {
    attempts: u32,
    base: Duration,
    cap: Duration,
}

/// How often a call has failed so far, and how.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    throttled: u32,
    transient: u32,
}

impl Attempts {
    /// How long to wait before the next attempt; `None` when there should be
    /// none. Waits are random between nothing and an exponentially growing
    /// limit, so that calls that failed together do not come back together.
    pub(crate) fn wait_after(&mut self, error: &CallError) -> Option<Duration> {
        let (schedule, failed) = match error.failure {
            Failure::Throttled => (THROTTLED, &mut self.throttled),
            Failure::Transient => (TRANSIENT, &mut self.transient),
            Failure::Expired | Failure::Refused | Failure::Final => return None,
        };
        *failed += 1;
        let limit = schedule
            .base
            .saturating_mul(1 << (*failed - 1).min(16))
            .min(schedule.cap);
        (*failed < schedule.attempts).then(|| limit.mul_f64(fastrand::f64()))
    }
}

/// Makes a call until it is answered, refused, or has failed too often.
pub(crate) async fn retrying<T, F>(call: impl Fn() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let mut attempts = Attempts::default();
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => match attempts.wait_after(&error) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            },
        }
    }
}
