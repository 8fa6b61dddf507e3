//! The moment from which nothing more is read, so that there is time to write
//! what was read.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use crate::progress::Progress;

/// What writing and sending a report takes at least.
const RESERVE_FLOOR: Duration = Duration::from_secs(15);
/// What one more key adds to that: judging, sorting, and two uploads of its row.
const RESERVE_A_KEY: Duration = Duration::from_micros(150);

/// There was no time left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTimeLeft;

/// Tells when reading must stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Reading stops early enough before `deadline` to write a report on the
    /// keys listed by then. Without a deadline it never stops.
    pub(crate) fn before(deadline: Option<Instant>, progress: Arc<Progress>) -> Self {
        let (tell, told) = watch::channel(false);
        tokio::spawn(async move {
            match deadline {
                Some(deadline) => wait(deadline, &progress, &tell).await,
                None => tell.closed().await,
            }
        });
        Self(told)
    }

    /// What `work` comes to, unless reading must stop before.
    pub(crate) async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, NoTimeLeft> {
        let mut told = self.0.clone();
        tokio::select! {
            biased;
            _ = told.wait_for(|stopped| *stopped) => Err(NoTimeLeft),
            done = work => Ok(done),
        }
    }
}

async fn wait(deadline: Instant, progress: &Progress, tell: &watch::Sender<bool>) {
    loop {
        let stop_at = deadline
            .checked_sub(reserve(progress.counters().keys_listed))
            .unwrap_or_else(Instant::now);
        if stop_at <= Instant::now() {
            let _ = tell.send(true);
            // Kept open: whoever looks later must still be told.
            return tell.closed().await;
        }
        tokio::select! {
            () = tokio::time::sleep_until(stop_at) => {}
            () = tell.closed() => return,
        }
    }
}

fn reserve(keys: u64) -> Duration {
    RESERVE_FLOOR + RESERVE_A_KEY.saturating_mul(u32::try_from(keys).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::time::Instant;

    use super::{NoTimeLeft, Stop};
    use crate::progress::Progress;

    #[tokio::test(start_paused = true)]
    async fn reading_stops_before_the_deadline_and_earlier_the_more_there_is_to_write() {
        for (keys, stopped_after) in [(0, 885.0), (100_000, 870.0)] {
            let progress = Arc::new(Progress::default());
            (0..keys).for_each(|_| progress.key_listed());
            let began = Instant::now();
            let stop = Stop::before(Some(began + Duration::from_secs(900)), progress);
            let work = stop.or(std::future::pending::<()>()).await;
            assert_eq!(work, Err(NoTimeLeft));
            assert!((began.elapsed().as_secs_f64() - stopped_after).abs() < 0.1);
            assert_eq!(
                stop.or(async {}).await,
                Err(NoTimeLeft),
                "and stays stopped"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_deadline_work_is_never_stopped() {
        let stop = Stop::before(None, Arc::default());
        let day = tokio::time::sleep(Duration::from_secs(86_400));
        assert_eq!(stop.or(day).await, Ok(()));
    }
}
