//! Trying a call again.
//!
//! The SDK's own retries are off: they would keep a permit of the requests in
//! flight while they wait, share one budget among all accounts, and go around
//! the pace of GetKeyLastUsage.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use crate::transport::call_error::{CallError, Failure};

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

/// What may be spent on asking again after faults: where most requests fail,
/// asking again only adds to what is wrong. Throttles cost nothing; they are met
/// by going slower.
#[derive(Debug)]
pub(crate) struct Budget {
    /// In parts of which a retry costs [`RETRY_COST`].
    left: AtomicU32,
}

const RETRY_COST: u32 = 5;
/// So many retries to begin with; each answer adds a fifth of one.
const RETRIES: u32 = 100;

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: AtomicU32::new(RETRIES * RETRY_COST),
        }
    }
}

impl Budget {
    /// A request was answered.
    pub(crate) fn earn(&self) {
        self.change(|left| Some(RETRIES.saturating_mul(RETRY_COST).min(left + 1)));
    }

    /// Whether there is enough for a request after `error`, which it takes.
    pub(crate) fn allows(&self, error: &CallError) -> bool {
        error.failure == Failure::Throttled || self.change(|left| left.checked_sub(RETRY_COST))
    }

    fn change(&self, to: impl Fn(u32) -> Option<u32>) -> bool {
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.left.fetch_update(set, fetch, to).is_ok()
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

#[cfg(test)]
mod tests {
    use keycensus_core::model::region::Region;

    use super::{Budget, RETRIES};
    use crate::transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
    };

    fn failed(failure: Failure) -> CallError {
        let site = CallSite {
            account: None,
            region: Region::parse("eu-west-1").unwrap(),
        };
        let mut error = CallError::unreadable("kms:DescribeKey", &site, Unreadable("half"));
        error.failure = failure;
        error
    }

    #[test]
    fn a_budget_ends_with_many_faults_and_grows_with_answers_but_never_pays_for_throttles() {
        let budget = Budget::default();
        let spent = (0..1_000).filter(|_| budget.allows(&failed(Failure::Transient)));
        assert_eq!(spent.count(), RETRIES as usize);
        assert!(budget.allows(&failed(Failure::Throttled)));
        for _ in 0..4 {
            budget.earn();
        }
        assert!(!budget.allows(&failed(Failure::Transient)));
        budget.earn();
        assert!(budget.allows(&failed(Failure::Transient)));
    }
}
