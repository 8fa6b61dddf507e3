//! The latency of requests and answers.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::{
    gates::random::{JITTER, draw, up_to},
    world::World,
};

/// The latency of one simulator.
#[derive(Debug)]
pub(crate) struct Latency {
    least_ms: u64,
    jitter_ms: u64,
    seed: u64,
    started: AtomicU64,
}

/// When one request arrives, and when its answer does.
#[derive(Debug)]
pub(crate) struct RoundTrip {
    arrives: Instant,
    returns: Instant,
}

impl Latency {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            least_ms: world.latency_ms,
            jitter_ms: world.jitter_ms,
            seed: world.seed,
            started: AtomicU64::new(0),
        }
    }

    /// The round trip of a request that is sent now; `None` without latency.
    pub(crate) fn start(&self) -> Option<RoundTrip> {
        let total_ms = self.least_ms + self.jitter();
        if total_ms == 0 {
            return None;
        }
        // Whole milliseconds, because tokio's timers round up to them.
        let sent = Instant::now();
        Some(RoundTrip {
            arrives: sent + Duration::from_millis(total_ms / 2),
            returns: sent + Duration::from_millis(total_ms),
        })
    }

    fn jitter(&self) -> u64 {
        if self.jitter_ms == 0 {
            return 0;
        }
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        up_to(self.jitter_ms, draw(self.seed, JITTER, number))
    }
}

impl RoundTrip {
    /// Waits until the request arrives.
    pub(crate) async fn arrive(&self) {
        sleep_until(self.arrives).await;
    }

    /// Waits until the answer arrives of a request that was held back for this long.
    pub(crate) async fn finish(&self, held: Duration) {
        sleep_until(self.returns + held).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(latency_ms: u64, jitter_ms: u64, seed: u64) -> Latency {
        Latency::new(&World {
            latency_ms,
            jitter_ms,
            seed,
            ..World::default()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_arrives_after_half_of_the_time_that_its_answer_takes_if_it_is_not_held_back()
    {
        let start = Instant::now();
        let round_trip = latency(40, 0, 0).start().unwrap();
        round_trip.arrive().await;
        assert_eq!(start.elapsed().as_millis(), 20);
        round_trip.finish(Duration::from_millis(5)).await;
        assert_eq!(start.elapsed().as_millis(), 45);
        assert!(latency(0, 0, 0).start().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn jitter_is_spread_evenly_and_repeats_with_the_seed() {
        let row = |seed| -> Vec<u128> {
            let latency = latency(30, 20, seed);
            let start = Instant::now();
            (0..1000)
                .filter_map(|_| latency.start())
                .map(|round_trip| (round_trip.returns - start).as_millis())
                .collect()
        };
        let seven = row(7);
        assert_eq!(seven, row(7));
        assert_ne!(seven, row(8));
        assert_eq!(
            (seven.iter().min(), seven.iter().max()),
            (Some(&30), Some(&50))
        );
        let mean = seven.iter().sum::<u128>() / 1000;
        assert!((38..=42).contains(&mean), "{mean}");
    }
}
