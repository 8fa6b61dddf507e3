//! What a service receives of requests that leave evenly, when the way to it stalls.

use std::{ops::Range, time::Duration};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, sleep_until};

use super::{super::HEADROOM, RateLimit, ready};

/// GetKeyLastUsage requests a second.
const ALLOWED: f64 = 5.0;

/// The way to a service and back. Times count from the beginning.
struct Network {
    /// How long the round trip of a request takes that leaves at a time, stalls aside.
    round_trip: Box<dyn Fn(Duration) -> Duration>,
    /// When nothing is received.
    stall: Range<Duration>,
    /// After how long it stalls again, for ever.
    every: Option<Duration>,
}

impl Network {
    fn new(round_trip: impl Fn(Duration) -> Duration + 'static) -> Self {
        Self {
            round_trip: Box::new(round_trip),
            stall: Duration::ZERO..Duration::ZERO,
            every: None,
        }
    }

    /// When the service receives what reaches it at `at`.
    fn received_at(&self, at: Duration) -> Duration {
        let since = at.saturating_sub(self.stall.start);
        let earlier = self.every.map_or(Duration::ZERO, |every| {
            every * (since.as_nanos() / every.as_nanos()) as u32
        });
        match self.stall.contains(&(at - earlier)) {
            true => self.stall.end + earlier,
            false => at,
        }
    }

    /// Makes requests, and gives when each was received.
    async fn carry(&self, rate_limit: &RateLimit, requests: usize) -> Vec<Duration> {
        let began = Instant::now();
        let request = |_| async {
            let ((), outstanding) = rate_limit.acquire(ready()).await;
            let half = (self.round_trip)(began.elapsed()) / 2;
            sleep(half).await;
            let received_at = self.received_at(began.elapsed());
            sleep_until(began + received_at).await;
            sleep(half).await;
            outstanding.answered();
            received_at
        };
        join_all((0..requests).map(request)).await
    }
}

/// A network that carries nothing for `length` ms from `from` on.
fn stalling(from: u64, length: u64) -> Network {
    Network {
        stall: ms(from)..ms(from + length),
        ..Network::new(|_| ms(30))
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The most requests that were received within a second, wherever it begins.
fn most_in_a_second(received: &[Duration]) -> usize {
    let within_a_second_of = |first: &Duration| {
        let second = *first..*first + Duration::from_secs(1);
        received.iter().filter(|at| second.contains(*at)).count()
    };
    received.iter().map(within_a_second_of).max().unwrap_or(0)
}

/// How much later the last request was received than without any delay.
fn lost(received: &[Duration]) -> f64 {
    let last = received.iter().max().map_or(0.0, Duration::as_secs_f64);
    last - (received.len() - 1) as f64 / (ALLOWED * HEADROOM)
}

#[tokio::test(start_paused = true)]
async fn a_stall_of_any_length_is_not_made_up_for_and_costs_no_more_than_itself() {
    // One too many for a stall that delays no request by more than round trips vary.
    for (length, most) in [
        (100, 6),
        (200, 6),
        (320, 5),
        (600, 5),
        (900, 5),
        (1_500, 5),
        (3_000, 5),
        (8_000, 5),
    ] {
        for from in (5_000..6_000).step_by(93) {
            let received = stalling(from, length)
                .carry(&RateLimit::new(ALLOWED), 60)
                .await;
            let at_once = most_in_a_second(&received);
            assert!(
                at_once <= most,
                "{at_once} after {length} ms from {from} on"
            );
            let lost = lost(&received);
            assert!(
                lost <= length as f64 / 1_000.0 + 0.1,
                "{lost} s lost to {length} ms from {from} on"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_service_stalls_most_of_the_time_no_stall_is_made_up_for() {
    for (length, every) in [
        (4_013, 4_563),
        (2_200, 2_689),
        (1_500, 2_600),
        (6_000, 6_400),
    ] {
        for from in (3_000..4_000).step_by(93) {
            let network = Network {
                every: Some(ms(every)),
                ..stalling(from, length)
            };
            let received = network.carry(&RateLimit::new(ALLOWED), 120).await;
            let at_once = most_in_a_second(&received);
            assert!(
                at_once <= 5,
                "{at_once} after stalls of {length} ms every {every} ms from {from} on: {received:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stall_at_the_first_request_costs_one_request_too_many_at_most() {
    let received = stalling(0, 2_500).carry(&RateLimit::new(ALLOWED), 40).await;
    assert!(most_in_a_second(&received) <= 6, "{received:?}");
    assert!(lost(&received) <= 2.6);
}

#[tokio::test(start_paused = true)]
async fn a_stall_that_begins_with_the_first_requests_is_not_made_up_for_either() {
    for round_trip in [30, 150, 250] {
        for length in [900, 1_500, 2_500, 5_500, 8_000] {
            for from in (0..1_000).step_by(93) {
                let network = Network {
                    round_trip: Box::new(move |_| ms(round_trip)),
                    ..stalling(from, length)
                };
                let received = network.carry(&RateLimit::new(ALLOWED), 40).await;
                let at_once = most_in_a_second(&received);
                assert!(
                    at_once <= 5,
                    "{at_once} after {length} ms from {from} on at {round_trip} ms: {received:?}"
                );
                let lost = lost(&received);
                let most = ms(length + round_trip + 100).as_secs_f64();
                assert!(
                    lost <= most,
                    "{lost} s lost to {length} ms from {from} on at {round_trip} ms"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_take_long_cost_no_pace() {
    for round_trip in [5, 300, 1_000, 2_000] {
        let network = Network::new(move |_| ms(round_trip));
        let received = network.carry(&RateLimit::new(ALLOWED), 100).await;
        // Once, until it is known that answers take so long.
        let lost = lost(&received);
        assert!(
            lost <= ms(round_trip).as_secs_f64() + 0.1,
            "{lost} s at {round_trip} ms"
        );
        assert!(most_in_a_second(&received) <= 5);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_take_a_second_from_some_moment_on_cost_pace_until_that_is_usual() {
    let network = Network::new(|left| match left < ms(5_000) {
        true => ms(30),
        false => ms(1_000),
    });
    let received = network.carry(&RateLimit::new(ALLOWED), 300).await;
    let lost = lost(&received);
    assert!(lost < 5.0, "{lost}");
}

#[tokio::test(start_paused = true)]
async fn round_trips_that_vary_cost_no_pace() {
    let network = Network::new(|left| ms(30 + left.as_millis() as u64 * 7_919 % 100));
    let received = network.carry(&RateLimit::new(ALLOWED), 200).await;
    let lost = lost(&received);
    assert!(lost < 0.3, "{lost}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_makes_room_for_another_a_second_later() {
    let rate_limit = RateLimit::new(ALLOWED);
    let began = Instant::now();
    let mut outstanding = Vec::new();
    for _ in 0..5 {
        outstanding.push(rate_limit.acquire(ready()).await.1);
    }
    let give_up = async {
        sleep_until(began + ms(20_000)).await;
        drop(outstanding.pop());
    };
    let (_, sixth) = tokio::join!(give_up, rate_limit.acquire(ready()));
    drop(sixth);
    assert_eq!(began.elapsed(), ms(21_000));
}
