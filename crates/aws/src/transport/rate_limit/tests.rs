mod stalls;

use std::time::Duration;

use tokio::time::Instant;

use super::{HEADROOM, RateLimit};

async fn ready() {}

async fn seconds_for(rate_limit: &RateLimit, requests: usize) -> f64 {
    let began = Instant::now();
    for _ in 0..requests {
        drop(rate_limit.acquire(ready()).await);
    }
    began.elapsed().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn requests_leave_evenly_just_below_the_allowed_rate_from_the_first_on() {
    let rate_limit = RateLimit::new(5.0);
    let seconds = seconds_for(&rate_limit, 101).await;
    assert!((seconds - 20.0 / HEADROOM).abs() < 0.05, "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn idle_time_is_not_saved_up_for_a_burst() {
    let rate_limit = RateLimit::new(5.0);
    drop(rate_limit.acquire(ready()).await);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(seconds_for(&rate_limit, 6).await > 0.95);
}

#[tokio::test(start_paused = true)]
async fn a_burst_that_aws_documents_leaves_at_once_and_again_after_a_pause() {
    let rate_limit = RateLimit::with_burst(8.0, 12);
    for _ in 0..2 {
        assert!(seconds_for(&rate_limit, 12).await < 0.01);
        let seconds = seconds_for(&rate_limit, 8).await;
        assert!((seconds - 1.0 / HEADROOM).abs() < 0.05, "{seconds}");
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_slows_the_pace_and_time_without_one_brings_it_back() {
    let rate_limit = RateLimit::new(5.0);
    let full = rate_limit.rate();
    rate_limit.throttled();
    assert!((rate_limit.rate() - 0.8 * full).abs() < 0.01);
    rate_limit.throttled();
    assert!(
        (rate_limit.rate() - 0.8 * full).abs() < 0.01,
        "once for those that left together"
    );
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!((rate_limit.rate() - full).abs() < 0.01);
}

#[tokio::test(start_paused = true)]
async fn there_is_no_hope_when_nothing_but_throttles_came_back_for_a_quarter_of_an_hour() {
    let rate_limit = RateLimit::new(5.0);
    tokio::time::sleep(Duration::from_secs(890)).await;
    assert!(rate_limit.throttled());
    rate_limit.answered();
    tokio::time::sleep(Duration::from_secs(890)).await;
    assert!(rate_limit.throttled(), "one answer gives hope again");
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(!rate_limit.throttled());
}

#[tokio::test(start_paused = true)]
async fn throttles_without_end_leave_a_trickle() {
    let rate_limit = RateLimit::new(5.0);
    for _ in 0..100 {
        rate_limit.throttled();
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    assert!(
        rate_limit.rate() >= 0.19 && rate_limit.rate() < 2.0,
        "{}",
        rate_limit.rate()
    );
}
