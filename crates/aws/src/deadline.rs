//! The moment from which nothing more is read, so that there is time to write
//! what was read.

pub mod interrupt;

pub(crate) mod reserve;
pub(crate) mod unanswered;

use std::{sync::Arc, time::Duration};

use keycensus_core::settings::Settings;
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    deadline::{interrupt::Interrupt, reserve::Reserve},
    progress::Progress,
};

/// There was no time left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTimeLeft;

/// When reading must stop.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    near: CancellationToken,
    last_call: CancellationToken,
    reached: CancellationToken,
    /// The tasks that wait for it end with the last clone.
    _waiting: Arc<Vec<AbortOnDropHandle<()>>>,
}

/// How long before the end of a slice nothing more is begun: a key that is begun is read to its end,
/// so that no other slice asks for it again.
const TO_END_WHAT_IS_BEGUN: Duration = Duration::from_secs(6);
/// How long before the end of a slice no more request is sent that counts against the quota of
/// GetKeyLastUsage: it is answered by then.
const TO_BE_ANSWERED: Duration = Duration::from_secs(2);

impl Deadline {
    /// Reading stops early enough before `deadline` to write a report on the
    /// keys listed by then, and to publish it. Without a deadline it never stops, unless the run is
    /// interrupted: what is begun is then read to its end, for the run that goes on.
    pub(crate) fn before(
        deadline: Option<Instant>,
        reserve: Reserve,
        progress: Arc<Progress>,
        interrupt: &Interrupt,
    ) -> Self {
        Self::after_a_while(deadline, reserve, progress, [Duration::ZERO; 2]).or_when(interrupt)
    }

    /// One that never comes: somebody waits for the answer.
    pub(crate) fn never(settings: &Settings) -> Self {
        Self::before(
            None,
            Reserve::of(settings),
            Arc::default(),
            &Interrupt::default(),
        )
    }

    /// As [`Deadline::before`], of a slice: others go on where this one ends.
    pub(crate) fn of_slice(deadline: Option<Instant>, progress: Arc<Progress>) -> Self {
        let reserve = Reserve::of_slice();
        let before = [TO_END_WHAT_IS_BEGUN, TO_BE_ANSWERED];
        Self::after_a_while(deadline, reserve, progress, before)
    }

    fn after_a_while(
        deadline: Option<Instant>,
        reserve: Reserve,
        progress: Arc<Progress>,
        [to_end, to_be_answered]: [Duration; 2],
    ) -> Self {
        let [near, last_call, reached] = std::array::from_fn(|_| CancellationToken::new());
        let waiting = deadline.map(|deadline| {
            let moments = [
                (to_end, near.clone().drop_guard()),
                (to_be_answered, last_call.clone().drop_guard()),
                (Duration::ZERO, reached.clone().drop_guard()),
            ];
            let task = tokio::spawn(async move {
                for (before, moment) in moments {
                    let moment_at = deadline.checked_sub(before).unwrap_or(deadline);
                    wait(moment_at, reserve, &progress).await;
                    drop(moment);
                }
            });
            AbortOnDropHandle::new(task)
        });
        Self {
            near,
            last_call,
            reached,
            _waiting: Arc::new(waiting.into_iter().collect()),
        }
    }

    /// The same, and reading stops when the run is interrupted.
    fn or_when(self, interrupt: &Interrupt) -> Self {
        let [near, last_call, reached] =
            [&self.near, &self.last_call, &self.reached].map(|moment| moment.clone().drop_guard());
        let interrupt = interrupt.clone();
        let task = tokio::spawn(async move {
            interrupt.interrupted().await;
            drop(near);
            sleep(TO_END_WHAT_IS_BEGUN - TO_BE_ANSWERED).await;
            drop(last_call);
            sleep(TO_BE_ANSWERED).await;
            drop(reached);
        });
        let mut waiting = Arc::into_inner(self._waiting).unwrap_or_default();
        waiting.push(AbortOnDropHandle::new(task));
        Self {
            _waiting: Arc::new(waiting),
            ..self
        }
    }

    /// Whether nothing more is to be begun.
    pub(crate) fn is_near(&self) -> bool {
        self.near.is_cancelled()
    }

    /// What is cancelled when no more request is to be sent at a rate.
    pub(crate) fn last_call(&self) -> CancellationToken {
        self.last_call.clone()
    }

    /// Whether reading must have stopped.
    pub(crate) fn is_reached(&self) -> bool {
        self.reached.is_cancelled()
    }

    /// Waits until reading must have stopped.
    pub(crate) async fn reached(&self) {
        self.reached.cancelled().await;
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

    use super::{Deadline, NoTimeLeft, TO_END_WHAT_IS_BEGUN};
    use crate::{
        deadline::{interrupt::Interrupt, reserve::Reserve},
        progress::Progress,
    };

    #[tokio::test(start_paused = true)]
    async fn reading_stops_before_the_deadline_and_earlier_the_more_there_is_to_write() {
        for (keys, stopped_after) in [(0, 885.0), (100_000, 865.0)] {
            let progress = Arc::new(Progress::default());
            (0..keys).for_each(|_| progress.key_listed());
            let began = Instant::now();
            let deadline = Some(began + Duration::from_secs(900));
            let reserve = Reserve::of(&Settings::default());
            let interrupt = Interrupt::default();
            let deadline = Deadline::before(deadline, reserve, progress, &interrupt);
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
        let deadline = without_deadline(&Interrupt::default());
        let day = tokio::time::sleep(Duration::from_secs(86_400));
        assert_eq!(deadline.or(day).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupted_run_begins_nothing_more_and_has_time_to_end_what_is_begun() {
        let interrupt = Interrupt::default();
        let deadline = without_deadline(&interrupt);
        assert!(!deadline.is_near());
        interrupt.interrupt();
        let began = Instant::now();
        deadline.near.cancelled().await;
        assert!(began.elapsed().is_zero());
        deadline.last_call().cancelled().await;
        assert!(!deadline.is_reached());
        let work = deadline.or(std::future::pending::<()>()).await;
        assert_eq!(work, Err(NoTimeLeft));
        assert_eq!(began.elapsed().as_secs(), TO_END_WHAT_IS_BEGUN.as_secs());
    }

    fn without_deadline(interrupt: &Interrupt) -> Deadline {
        let reserve = Reserve::of(&Settings::default());
        Deadline::before(None, reserve, Arc::default(), interrupt)
    }
}
