//! How much may be under way at once: as much as the processor keeps up with.
//!
//! While AWS takes the time, many requests in flight make a scan faster. While the processor does,
//! they only wait for it, and each takes memory meanwhile.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::WeakSemaphore;
use crate::transport::lock::lock;

/// How many requests may be in flight at once. Lambda has 1,024 file descriptors; idle connections
/// take some of the rest. With 192, the 8,500 cells of 500 accounts take 1.5 times as long.
pub(crate) const REQUESTS_IN_FLIGHT: usize = 448;

/// How many may be in flight at first, and however long tasks wait for the processor.
const FEWEST: usize = 64;

/// By how many they become more, so that those who wait are woken seldom.
const STEP: usize = 16;

/// How long a task that is ready may wait for the processor.
const LONGEST_WAIT: Duration = Duration::from_millis(2);

/// How many requests may be in flight, which follows how long tasks wait for the processor; what else
/// takes memory while it is under way has a share of that.
#[derive(Debug)]
pub(crate) struct Capacity {
    requests: AtomicUsize,
    shared_by: Mutex<Vec<WeakSemaphore>>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            requests: AtomicUsize::new(FEWEST),
            shared_by: Mutex::default(),
        }
    }
}

impl Capacity {
    /// Has a semaphore grant what waits for its permits when there is more capacity.
    pub(crate) fn share_with(&self, semaphore: WeakSemaphore) {
        lock(&self.shared_by).push(semaphore);
    }

    /// How much may be under way now of what there may be `most` of while no task waits for the
    /// processor; at least 1.
    pub(crate) fn share(&self, most: usize) -> usize {
        let steps = self.requests.load(Ordering::Relaxed) / STEP;
        (most * steps).div_ceil(REQUESTS_IN_FLIGHT / STEP)
    }

    /// Lets the tasks that are ready run before this one. Where that takes long, one request less may
    /// be in flight from now on, and one more where it does not.
    pub(crate) async fn adjust(&self) {
        let began = Instant::now();
        tokio::task::yield_now().await;
        self.task_waited(began.elapsed());
    }

    fn task_waited(&self, wait: Duration) {
        let is_long = wait > LONGEST_WAIT;
        let changed = |requests: usize| match is_long {
            true => (requests > FEWEST).then(|| requests - 1),
            false => (requests < REQUESTS_IN_FLIGHT).then(|| requests + 1),
        };
        let before = self
            .requests
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, changed);
        if before.is_ok_and(|before| !is_long && (before + 1).is_multiple_of(STEP)) {
            lock(&self.shared_by).retain(WeakSemaphore::grant);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::{Capacity, FEWEST, REQUESTS_IN_FLIGHT};
    use crate::transport::priority_semaphore::{PrioritySemaphore, Urgency};

    const SOON: Duration = Duration::from_micros(100);
    const LATE: Duration = Duration::from_millis(50);

    fn tasks_wait(capacity: &Capacity, wait: Duration) {
        for _ in 0..REQUESTS_IN_FLIGHT {
            capacity.task_waited(wait);
        }
    }

    #[test]
    fn all_may_be_under_way_while_tasks_run_soon_and_a_seventh_while_they_wait() {
        let capacity = Capacity::default();
        assert_eq!(capacity.share(1_024), 147);
        tasks_wait(&capacity, SOON);
        assert_eq!(capacity.share(1_024), 1_024);
        tasks_wait(&capacity, LATE);
        assert_eq!(capacity.share(REQUESTS_IN_FLIGHT), FEWEST);
        assert_eq!(capacity.share(1), 1);
    }

    #[tokio::test]
    async fn who_waits_is_let_in_when_there_is_more_capacity_though_none_leaves() {
        let capacity = Arc::new(Capacity::default());
        let accounts = PrioritySemaphore::new(REQUESTS_IN_FLIGHT, &capacity);
        let mut inside = Vec::new();
        for _ in 0..FEWEST {
            inside.push(accounts.permit(Urgency::FIRST).await);
        }
        let next = tokio::spawn(async move { accounts.permit(Urgency::FIRST).await });
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        tasks_wait(&capacity, SOON);
        next.await.unwrap();
    }
}
