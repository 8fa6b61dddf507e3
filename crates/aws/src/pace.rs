//! The pace of requests under a quota that is shared with others.
//!
//! AWS allows so many requests a second and does not say how it counts them.
//! Requests leave evenly spaced, never in bursts, slightly slower than allowed,
//! so that network jitter does not push one too many into a second. When AWS
//! throttles all the same, somebody else is using the quota: the pace falls at
//! once, climbs quickly to just below where it was throttled, stays there, and
//! then looks carefully whether there is more again. (The shape is that of CUBIC,
//! RFC 9438.)

use std::{
    f64,
    future::Future,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::time::Instant;

/// The share of the allowed rate that is used.
const HEADROOM: f64 = 0.975;
/// What a throttle leaves of the rate.
const DECREASE: f64 = 0.8;
/// How many seconds it takes to climb back to the rate that was throttled.
const RECOVERY_SECONDS: f64 = 10.0;
/// The rate never falls below this share of the full rate.
const FLOOR: f64 = 0.04;
/// A turn that comes late by less than this share of the interval does not move
/// those after it.
const LATENESS: f64 = 0.1;
/// What is throttled is asked again until it is answered. When nothing but
/// throttles has come back for this long, nothing else will.
const ONLY_THROTTLES: Duration = Duration::from_secs(15 * 60);

/// The pace of one quota.
#[derive(Debug)]
pub(crate) struct Pace {
    full_rate: f64,
    /// How many intervals of idle time may be made up for: requests that may
    /// leave at once after a pause, beyond the first.
    saved: f64,
    throttle: Mutex<Option<Throttle>>,
    /// When a request was last answered by anything but a throttle.
    answered_at: Mutex<Instant>,
    /// When the next request may leave. Held while waiting for that moment, so
    /// that requests leave one after another.
    gate: tokio::sync::Mutex<Instant>,
}

/// The last time that the pace fell.
#[derive(Debug, Clone, Copy)]
struct Throttle {
    at: Instant,
    /// Requests a second when it happened.
    rate: f64,
}

impl Pace {
    /// A pace for a quota of `allowed` requests a second.
    pub(crate) fn new(allowed: f64) -> Self {
        Self {
            full_rate: allowed * HEADROOM,
            saved: LATENESS,
            throttle: Mutex::new(None),
            answered_at: Mutex::new(Instant::now()),
            gate: tokio::sync::Mutex::new(Instant::now()),
        }
    }

    /// A pace for a quota of `allowed` requests a second of which, as AWS
    /// documents, `burst` may come at once after a pause.
    pub(crate) fn with_burst(allowed: f64, burst: u32) -> Self {
        let saved = f64::from(burst.saturating_sub(1));
        let ahead = Duration::from_secs_f64(saved / (allowed * HEADROOM));
        let now = Instant::now();
        Self {
            saved,
            gate: tokio::sync::Mutex::new(now.checked_sub(ahead).unwrap_or(now)),
            ..Self::new(allowed)
        }
    }

    /// Waits for this request's turn, then for `permit`, and counts the time to
    /// the next turn from when this one left.
    pub(crate) async fn turn<P>(&self, permit: impl Future<Output = P>) -> P {
        let mut next = self.gate.lock().await;
        tokio::time::sleep_until(*next).await;
        let permit = permit.await;
        let interval = Duration::from_secs_f64(1.0 / self.rate());
        let latest = Instant::now() + interval;
        *next = (*next + interval).max(
            latest
                .checked_sub(interval.mul_f64(self.saved))
                .unwrap_or(latest),
        );
        permit
    }

    /// A request was answered by anything but a throttle.
    pub(crate) fn answered(&self) {
        *lock(&self.answered_at) = Instant::now();
    }

    /// AWS throttled a request. Tells whether there is hope for the same request:
    /// none where nothing but throttles has come back for long.
    pub(crate) fn throttled(&self) -> bool {
        self.slow_down();
        lock(&self.answered_at).elapsed() < ONLY_THROTTLES
    }

    fn slow_down(&self) {
        let rate = self.rate();
        let mut throttle = lock(&self.throttle);
        // Requests that left together are throttled together, for one reason.
        let is_answered_already =
            |last: Throttle| last.at.elapsed() < Duration::from_secs_f64(2.0 / rate);
        if !throttle.is_some_and(is_answered_already) {
            *throttle = Some(Throttle {
                at: Instant::now(),
                rate,
            });
        }
    }

    /// Requests a second at this moment.
    fn rate(&self) -> f64 {
        let Some(Throttle { at, rate }) = *lock(&self.throttle) else {
            return self.full_rate;
        };
        let lost = rate * (1.0 - DECREASE);
        let climb = at.elapsed().as_secs_f64() / RECOVERY_SECONDS - 1.0;
        (rate + lost * climb.powi(3)).clamp(self.full_rate * FLOOR, self.full_rate)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{HEADROOM, Pace};

    async fn ready() {}

    async fn seconds_for(pace: &Pace, requests: usize) -> f64 {
        let began = Instant::now();
        for _ in 0..requests {
            pace.turn(ready()).await;
        }
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_leave_evenly_just_below_the_allowed_rate_from_the_first_on() {
        let pace = Pace::new(5.0);
        let seconds = seconds_for(&pace, 101).await;
        assert!((seconds - 20.0 / HEADROOM).abs() < 0.05, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_not_saved_up_for_a_burst() {
        let pace = Pace::new(5.0);
        pace.turn(ready()).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(seconds_for(&pace, 6).await > 0.95);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_that_aws_documents_leaves_at_once_and_again_after_a_pause() {
        let pace = Pace::with_burst(8.0, 12);
        for _ in 0..2 {
            assert!(seconds_for(&pace, 12).await < 0.01);
            let seconds = seconds_for(&pace, 8).await;
            assert!((seconds - 1.0 / HEADROOM).abs() < 0.05, "{seconds}");
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_slows_the_pace_and_time_without_one_brings_it_back() {
        let pace = Pace::new(5.0);
        let full = pace.rate();
        pace.throttled();
        assert!((pace.rate() - 0.8 * full).abs() < 0.01);
        pace.throttled();
        assert!(
            (pace.rate() - 0.8 * full).abs() < 0.01,
            "once for those that left together"
        );
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert!((pace.rate() - full).abs() < 0.01);
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_no_hope_when_nothing_but_throttles_came_back_for_a_quarter_of_an_hour() {
        let pace = Pace::new(5.0);
        tokio::time::sleep(Duration::from_secs(890)).await;
        assert!(pace.throttled());
        pace.answered();
        tokio::time::sleep(Duration::from_secs(890)).await;
        assert!(pace.throttled(), "one answer gives hope again");
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert!(!pace.throttled());
    }

    #[tokio::test(start_paused = true)]
    async fn throttles_without_end_leave_a_trickle() {
        let pace = Pace::new(5.0);
        for _ in 0..100 {
            pace.throttled();
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        assert!(pace.rate() >= 0.19 && pace.rate() < 2.0, "{}", pace.rate());
    }
}
