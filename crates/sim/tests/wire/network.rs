//! What lies between a caller and its quota: the way there, stalls, neighbours, and what is kept of it all.

use std::{sync::Arc, time::Duration};

use keycensus_sim::{Count, Simulator};
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::request::{Client, estate};

/// The scanner of a world with quotas and further settings.
fn client(settings: &str) -> Client {
    estate(&format!("quotas = true\n{settings}"))
}

async fn usage(client: &Client) -> u16 {
    let answer = client.kms("GetKeyLastUsage", json!({"KeyId": "key-1"}));
    answer.await.status
}

#[tokio::test(start_paused = true)]
async fn a_call_is_judged_when_it_arrives_and_answered_when_it_is_back() {
    let client = client("latency_ms = 400");
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(usage(&client).await, 200);
    }
    assert_eq!(start.elapsed().as_millis(), 2000);
    let arrivals: Vec<_> = client
        .simulator
        .log()
        .iter()
        .map(|call| call.at_ms)
        .collect();
    assert_eq!(arrivals, [200, 600, 1000, 1400, 1800]);
    assert_eq!(client.simulator.elapsed_ms(), 2000);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_before_its_request_arrives_has_called_nothing() {
    let client = client("latency_ms = 400");
    for (patience_ms, sent) in [(199, 0), (201, 1)] {
        let patience = Duration::from_millis(patience_ms);
        let _ = tokio::time::timeout(patience, usage(&client)).await;
        assert_eq!(client.simulator.calls().total().sent, sent);
    }
}

#[tokio::test(start_paused = true)]
async fn jitter_lengthens_answers_and_repeats_with_the_seed() {
    let mut rows = Vec::new();
    for seed in [7, 7, 8] {
        let client = client(&format!("seed = {seed}\nlatency_ms = 30\njitter_ms = 20"));
        let mut row = Vec::new();
        for _ in 0..20 {
            let start = Instant::now();
            client.query("sts", "GetCallerIdentity", &[]).await;
            row.push(start.elapsed().as_millis());
        }
        assert!(row.iter().all(|took| (30..=50).contains(took)), "{row:?}");
        rows.push(row);
    }
    assert_eq!(rows[0], rows[1]);
    assert_ne!(rows[0], rows[2]);
}

/// When each of ten calls, one every 200 ms, is received and judged under a stall.
async fn received(stall: &str) -> Vec<(u64, bool)> {
    let client = Arc::new(client(&format!(
        "latency_ms = 40\n[[stall]]\nfrom_ms = 500\nfor_ms = 1000\n{stall}"
    )));
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let client = Arc::clone(&client);
        calls.spawn(async move { usage(&client).await });
        sleep(Duration::from_millis(200)).await;
    }
    calls.join_all().await;
    let log = client.simulator.log();
    log.iter()
        .map(|call| (call.at_ms, call.throttled))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_to_an_endpoint_that_stalls_is_received_at_once_when_it_goes_on() {
    let evenly: Vec<(u64, bool)> = (0..10).map(|number| (200 * number + 20, false)).collect();
    let mut stalled = evenly.clone();
    // Five calls together are a second's worth: the next one comes too early.
    for call in &mut stalled[3..8] {
        call.0 = 1_500;
    }
    stalled[8].1 = true;
    for (stall, expected) in [
        ("", &stalled),
        (
            "service = \"kms\"\naccount = \"111111111111\"\nregion = \"eu-west-1\"",
            &stalled,
        ),
        ("service = \"sts\"", &evenly),
        ("region = \"eu-west-2\"", &evenly),
    ] {
        assert_eq!(received(stall).await, *expected, "{stall}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_as_long_after_a_stall_as_it_takes_without_one() {
    let stall = "[[stall]]\nfrom_ms = 0\nfor_ms = 1000\nevery_ms = 10000";
    let client = client(&format!("latency_ms = 400\n{stall}"));
    for ends in [1_200, 1_600] {
        usage(&client).await;
        assert_eq!(client.simulator.elapsed_ms(), ends);
    }
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_leaves_less_of_the_quota_and_its_own_calls_are_counted_apart() {
    let neighbour = "[[neighbour]]\noperation = \"kms:GetKeyLastUsage\"\nrps = 2.0";
    let client = client(neighbour);
    let simulator = &client.simulator;
    assert_eq!(simulator.neighbour_calls(), Count::default());
    let mut allowed = 0;
    for _ in 0..100 {
        allowed += u64::from(usage(&client).await == 200);
        sleep(Duration::from_millis(200)).await;
    }
    let neighbour = simulator.neighbour_calls();
    assert_eq!(neighbour.sent, 40);
    let granted = allowed + neighbour.sent - neighbour.throttled;
    assert!((99..=104).contains(&granted), "{allowed}, {neighbour:?}");
    assert_eq!(simulator.calls().sent("kms:GetKeyLastUsage"), 100);
}

#[tokio::test]
async fn a_world_without_a_log_still_counts() {
    let client = client("log = false");
    usage(&client).await;
    let simulator: &Simulator = &client.simulator;
    assert_eq!(simulator.calls().sent("kms:GetKeyLastUsage"), 1);
    assert!(simulator.log().is_empty());
}
