//! The moment from which nothing more is read, so that there is time to write
//! what was read.

pub(crate) mod reserve;
pub(crate) mod unanswered;

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{deadline::reserve::Reserve, progress::Progress};

/// There was no time left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTimeLeft;

/// When reading must stop.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    reached: CancellationToken,
    /// The task that waits for it ends with the last clone.
    _waiting: Option<Arc<AbortOnDropHandle<()>>>,
}

impl Deadline {
    /// Reading stops early enough before `deadline` to write a report on the
    /// keys listed by then, and to publish it. Without a deadline it never stops.
    pub(crate) fn before(
        deadline: Option<Instant>,
        reserve: Reserve,
        progress: Arc<Progress>,
    ) -> Self {
        let reached = CancellationToken::new();
        let waiting = deadline.map(|deadline| {
            let reached = reached.clone().drop_guard();
            let task = tokio::spawn(async move {
                wait(deadline, reserve, &progress).await;
                drop(reached);
            });
            Arc::new(AbortOnDropHandle::new(task))
        });
        Self {
            reached,
            _waiting: waiting,
        }
    }

    /// The output of `work`, unless reading must stop before.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, NoTimeLeft> {
        let output = self.reached.run_until_cancelled(work).await;
        output.ok_or(NoTimeLeft)
    }
}

/// Waits until reading must stop, which is the earlier the more there is to write.
async fn wait(deadline: Instant, reserve: Reserve, progress: &Progress) {
    loop {
        let so_far = progress.counters();
        let stop_at = deadline
            .checked_sub(reserve.after_reading(so_far.keys_listed, so_far.accounts))
            .unwrap_or_else(Instant::now);
        if stop_at <= Instant::now() {
            return;
        }
        tokio::time::sleep_until(stop_at).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use keycensus_core::settings::Settings;
    use tokio::time::Instant;

    use super::{Deadline, NoTimeLeft};
    use crate::{deadline::reserve::Reserve, progress::Progress};

    #[tokio::test(start_paused = true)]
    async fn reading_stops_before_the_deadline_and_earlier_the_more_there_is_to_write() {
        for (keys, stopped_after) in [(0, 885.0), (100_000, 865.0)] {
            let progress = Arc::new(Progress::default());
            (0..keys).for_each(|_| progress.key_listed());
            let began = Instant::now();
            let deadline = Some(began + Duration::from_secs(900));
            let reserve = Reserve::of(&Settings::default());
            let deadline = Deadline::before(deadline, reserve, progress);
            let work = deadline.or(std::future::pending::<()>()).await;
            assert_eq!(work, Err(NoTimeLeft));
            assert!((began.elapsed().as_secs_f64() - stopped_after).abs() < 0.1);
            assert_eq!(
                deadline.or(async {}).await,
                Err(NoTimeLeft),
                "and stays stopped"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_work_is_never_stopped() {
        let deadline = Deadline::before(None, Reserve::of(&Settings::default()), Arc::default());
        let day = tokio::time::sleep(Duration::from_secs(86_400));
        assert_eq!(deadline.or(day).await, Ok(()));
    }
}
