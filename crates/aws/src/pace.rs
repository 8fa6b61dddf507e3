//! The pace of GetKeyLastUsage in one account and Region.
//!
//! AWS allows 5 requests a second, shared with everyone else in the account
//! (<https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>).
//! Requests leave evenly spaced, never in bursts; when AWS throttles all the
//! same, somebody else is using the quota, and the pace falls by half and climbs
//! back slowly.

use std::{future::Future, time::Duration};

use tokio::{sync::Mutex, time::Instant};

/// What a throttle leaves of the rate.
const DECREASE: f64 = 0.5;
/// What an answer adds, as a share of the full rate.
const INCREASE: f64 = 0.02;
/// The rate never falls below this share of the full rate.
const FLOOR: f64 = 0.05;

/// The pace of one account and Region.
#[derive(Debug)]
pub(crate) struct Pace {
    full_rate: f64,
    state: std::sync::Mutex<f64>,
    /// When the next request may leave. Held while waiting for that moment, so
    /// that requests leave one after another.
    gate: Mutex<Instant>,
}

impl Pace {
    /// A pace of `full_rate` requests a second.
    pub(crate) fn new(full_rate: f64) -> Self {
        Self {
            full_rate,
            state: std::sync::Mutex::new(full_rate),
            gate: Mutex::new(Instant::now()),
        }
    }

    /// Waits for this request's turn, then for `permit`, and counts the time to
    /// the next turn from the moment the request really leaves.
    pub(crate) async fn turn<P>(&self, permit: impl Future<Output = P>) -> P {
        let mut next = self.gate.lock().await;
        tokio::time::sleep_until(*next).await;
        let permit = permit.await;
        *next = (*next + self.interval()).max(Instant::now() + self.interval() / 2);
        permit
    }

    /// AWS throttled a request.
    pub(crate) fn throttled(&self) {
        self.change(|rate, full| (rate * DECREASE).max(full * FLOOR));
    }

    /// AWS answered a request.
    pub(crate) fn answered(&self) {
        self.change(|rate, full| (rate + full * INCREASE).min(full));
    }

    fn change(&self, to: impl Fn(f64, f64) -> f64) {
        let mut rate = self.state.lock().unwrap_or_else(|e| e.into_inner());
        *rate = to(*rate, self.full_rate);
    }

    fn interval(&self) -> Duration {
        let rate = *self.state.lock().unwrap_or_else(|e| e.into_inner());
        Duration::from_secs_f64(1.0 / rate)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    async fn ready() {}

    async fn seconds_for(pace: &Pace, requests: usize) -> f64 {
        let began = Instant::now();
        for _ in 0..requests {
            pace.turn(ready()).await;
        }
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_leave_evenly_at_the_full_rate_from_the_first_on() {
        let pace = Pace::new(5.0);
        assert!((seconds_for(&pace, 101).await - 20.0).abs() < 0.05);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_not_saved_up_for_a_burst() {
        let pace = Pace::new(5.0);
        pace.turn(ready()).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(seconds_for(&pace, 6).await > 0.85);
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_slows_the_pace_down_and_answers_bring_it_back() {
        let pace = Pace::new(5.0);
        pace.turn(ready()).await;
        pace.throttled();
        pace.turn(ready()).await;
        assert!((seconds_for(&pace, 5).await - 2.0).abs() < 0.05);
        for _ in 0..100 {
            pace.answered();
        }
        pace.turn(ready()).await;
        assert!((seconds_for(&pace, 5).await - 1.0).abs() < 0.05);
    }
}
