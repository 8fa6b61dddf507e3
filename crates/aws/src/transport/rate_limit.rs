//! The rate of requests under a quota that is shared with other callers.
//!
//! AWS allows so many requests a second and does not say how it counts them.
//! Requests leave evenly spaced, never in bursts, slightly slower than allowed,
//! so that network jitter does not push one too many into a second. When AWS
//! throttles all the same, another caller uses the quota: the rate falls at
//! once, climbs quickly to just below where it was throttled, stays there, and
//! then looks carefully whether there is more again. (The shape is that of CUBIC,
//! RFC 9438.)
//!
//! Where the network or the service stalls, requests that left evenly spaced are
//! received at once. So no more may be outstanding, or received within a second,
//! than the quota allows in a second: a stall is not made up for. `recent.rs`
//! estimates when requests are received.

mod recent;

use std::{future::Future, sync::Mutex, time::Duration};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use self::recent::Recent;
use crate::transport::lock::lock;

/// The share of the allowed rate that is used.
const HEADROOM: f64 = 0.975;
/// What a throttle leaves of the rate.
const DECREASE: f64 = 0.8;
/// How many seconds it takes to climb back to the rate that was throttled.
const RECOVERY_SECONDS: f64 = 10.0;
/// The rate never falls below this share of the full rate.
const FLOOR: f64 = 0.04;
/// A request that leaves late by less than this share of the interval does not move
/// those after it.
const LATENESS: f64 = 0.1;
/// What is throttled is asked again until it is answered. When nothing but
/// throttles has come back for this long, nothing else will.
const ONLY_THROTTLES: Duration = Duration::from_secs(15 * 60);

/// The pace of one quota.
#[derive(Debug)]
pub(crate) struct RateLimit {
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
    /// The requests that AWS may count in the current second.
    recent: Mutex<Recent>,
    /// A request is not outstanding any more.
    ended: Notify,
    /// When this is cancelled, no more request may leave.
    last_call: CancellationToken,
}

/// A request that has left; dropped when it is answered or given up.
#[derive(Debug)]
#[must_use = "the request counts as outstanding until this is dropped"]
pub(crate) struct Outstanding<'a> {
    rate_limit: &'a RateLimit,
    number: u64,
}

/// The last time that the pace fell.
#[derive(Debug, Clone, Copy)]
struct Throttle {
    at: Instant,
    /// Requests a second when it happened.
    rate: f64,
}

impl RateLimit {
    /// A pace for a quota of `allowed` requests a second.
    pub(crate) fn new(allowed: f64) -> Self {
        Self {
            full_rate: allowed * HEADROOM,
            saved: LATENESS,
            throttle: Mutex::new(None),
            answered_at: Mutex::new(Instant::now()),
            gate: tokio::sync::Mutex::new(Instant::now()),
            recent: Mutex::new(Recent::new(allowed)),
            ended: Notify::new(),
            last_call: CancellationToken::new(),
        }
    }

    /// The same, until `last_call` is cancelled: later requests wait for ever.
    pub(crate) fn until(self, last_call: CancellationToken) -> Self {
        Self { last_call, ..self }
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

    /// Waits until this request may leave, until fewer requests count than may in a
    /// second, and for `permit`. The time to the next request counts from when this
    /// request left.
    pub(crate) async fn acquire<P>(&self, permit: impl Future<Output = P>) -> (P, Outstanding<'_>) {
        let mut next = self.gate.lock().await;
        tokio::time::sleep_until(*next).await;
        if self.full_until(Instant::now()).is_some() {
            // Boxed, because thousands wait for the interval and few for this.
            Box::pin(self.room()).await;
        }
        let permit = permit.await;
        if self.last_call.is_cancelled() {
            std::future::pending::<()>().await;
        }
        let interval = Duration::from_secs_f64(1.0 / self.rate());
        let now = Instant::now();
        let latest = now + interval;
        *next = (*next + interval).max(
            latest
                .checked_sub(interval.mul_f64(self.saved))
                .unwrap_or(latest),
        );
        let number = lock(&self.recent).leaves(now);
        let outstanding = Outstanding {
            rate_limit: self,
            number,
        };
        (permit, outstanding)
    }

    /// Waits until fewer requests count than may in a second.
    async fn room(&self) {
        while let Some(until) = self.full_until(Instant::now()) {
            let ended = self.ended.notified();
            match until {
                Some(until) => drop(tokio::time::timeout_at(until, ended).await),
                None => ended.await,
            }
        }
    }

    /// `None` when another request may count; otherwise when the first of those that
    /// do stops to count, where that is known.
    fn full_until(&self, now: Instant) -> Option<Option<Instant>> {
        let most = self.full_rate.ceil() + self.saved.floor();
        let counted = lock(&self.recent).counted(now);
        (f64::from(counted.requests) >= most).then_some(counted.until)
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

impl Outstanding<'_> {
    /// The service answered, and not by a throttle.
    pub(crate) fn answered(self) {
        lock(&self.rate_limit.recent).answered(self.number, Instant::now());
    }
}

impl Drop for Outstanding<'_> {
    fn drop(&mut self) {
        lock(&self.rate_limit.recent).ended(self.number, Instant::now());
        self.rate_limit.ended.notify_one();
    }
}

#[cfg(test)]
mod tests;
