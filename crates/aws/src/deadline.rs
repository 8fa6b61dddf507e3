//! The moment from which nothing more is read, so that there is time to write
//! what was read.

pub(crate) mod reserve;
pub(crate) mod unanswered;

use std::sync::Arc;

use tokio::{sync::watch, time::Instant};

use crate::{deadline::reserve::Reserve, progress::Progress};

/// There was no time left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTimeLeft;

/// Tells when reading must stop.
#[derive(Debug, Clone)]
pub(crate) struct Deadline(watch::Receiver<bool>);

impl Deadline {
    /// Reading stops early enough before `deadline` to write a report on the
    /// keys listed by then, and to publish it. Without a deadline it never stops.
    pub(crate) fn before(
        deadline: Option<Instant>,
        reserve: Reserve,
        progress: Arc<Progress>,
    ) -> Self {
        let (reached, has_reached) = watch::channel(false);
        tokio::spawn(async move {
            match deadline {
                Some(deadline) => wait(deadline, reserve, &progress, &reached).await,
                None => reached.closed().await,
            }
        });
        Self(has_reached)
    }

    /// What `work` comes to, unless reading must stop before.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, NoTimeLeft> {
        let mut has_reached = self.0.clone();
        tokio::select! {
            biased;
            _ = has_reached.wait_for(|reached| *reached) => Err(NoTimeLeft),
            done = work => Ok(done),
        }
    }
}

async fn wait(
    deadline: Instant,
    reserve: Reserve,
    progress: &Progress,
    reached: &watch::Sender<bool>,
) {
    loop {
        let so_far = progress.counters();
        let stop_at = deadline
            .checked_sub(reserve.after_reading(so_far.keys_listed, so_far.accounts))
            .unwrap_or_else(Instant::now);
        if stop_at <= Instant::now() {
            let _ = reached.send(true);
            // Kept open for those who wait from now on.
            return reached.closed().await;
        }
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            () = tokio::time::sleep_until(stop_at) => {}
            () = reached.closed() => return,
        }
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
