//! Lambda and EventBridge deliver at least once: one event, one report, one
//! digest.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{
    BUCKET, Scenario,
    parts::{UNUSED, fault, key, key_id, refusal},
    scheduled_event,
};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// A world with one key to read, of which every answer takes a little.
fn world(refusals: &str) -> Scenario {
    let head = format!("latency_ms = 50\n{refusals}");
    Scenario::small(&head, &key(&key_id(1), UNUSED))
}

fn event() -> Value {
    scheduled_event("event-1")
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_delivered_again_is_answered_from_the_first_report_and_logged_in_one_line()
{
    let first = world("");
    let answer = first.invoke(event()).await;
    assert_eq!(answer.sent(LAST_USAGE), 1);
    let again = first.again("run-2").invoke(event()).await;
    assert_eq!(again.summary()["run_id"], "run-1");
    assert_eq!(again.summary()["keys"], answer.summary()["keys"]);
    assert_eq!(again.sent(LAST_USAGE), 1);
    assert_eq!(again.aws.messages().len(), 1);
    let lines = again
        .logs
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let is_info = |line: &Value| line["level"] != "TRACE" && line["level"] != "DEBUG";
    let lines: Vec<Value> = lines.filter(is_info).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let message = "nothing to do: the report of this event is complete, by run run-1";
    assert_eq!(lines[0]["message"], message);
    assert_eq!(lines[0]["run.id"], "run-2");
}

#[tokio::test(start_paused = true)]
async fn a_second_delivery_while_the_first_is_under_way_ends_at_once_and_says_so() {
    let first = world("");
    let second = first.again("run-2");
    let (first, second) = tokio::join!(first.invoke(event()), second.invoke(event()));
    let runs = [&first, &second].into_iter();
    let duplicates = runs.filter(|run| run.summary()["duplicate"] == true);
    assert_eq!(duplicates.count(), 1);
    assert_eq!(first.aws.messages().len(), 1);
    assert_eq!(first.sent(LAST_USAGE), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_is_taken_over_by_its_retry() {
    let first = world("").ending_after(900);
    let died = tokio::time::timeout(Duration::from_millis(700), first.invoke(event())).await;
    assert!(died.is_err(), "the first attempt is cut off while it reads");
    let run = first.invoke(event()).await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    assert_eq!(run.aws.messages().len(), 1);
}

/// The input of a schedule, on an attempt of Scheduler's.
fn attempt(time: &str, execution_id: &str) -> Value {
    json!({
        "scheduler_schedule_arn": "arn:aws:scheduler:us-east-1:111111111111:schedule/keycensus/nightly",
        "scheduler_scheduled_time": time,
        "scheduler_execution_id": execution_id,
    })
}

#[tokio::test(start_paused = true)]
async fn an_occurrence_of_a_schedule_is_one_event_however_often_scheduler_attempts_it() {
    let world = world("");
    for (request_id, attempt, answered_by, messages) in [
        ("run-1", attempt("2026-11-21T02:00:00Z", "a"), "run-1", 1),
        ("run-2", attempt("2026-11-21T02:00:00Z", "b"), "run-1", 1),
        ("run-3", attempt("2026-11-21T14:00:00Z", "c"), "run-3", 2),
    ] {
        let run = world.again(request_id).invoke(attempt).await;
        assert_eq!(run.summary()["run_id"], answered_by);
        assert_eq!(run.aws.messages().len(), messages);
    }
}

#[tokio::test(start_paused = true)]
async fn a_marker_or_lease_that_is_written_or_deleted_meanwhile_is_written_again() {
    for object in ["event-1", "report_lease"] {
        for effect in ["deleted_first", "write_conflict"] {
            for nth in 1..=4 {
                let strikes = format!("resource = 'keycensus/runs/{object}.json'\nnth = {nth}");
                let scenario = world(&fault("s3:PutObject", effect, &strikes));
                let run = scenario.invoke(event()).await;
                let what = format!("{object} {effect} {nth}: {:?}", run.outcome);
                assert_eq!(run.summary()["run_id"], "run-1", "{what}");
                assert_eq!(run.aws.messages().len(), 1, "{what}");
                let logs = &run.logs;
                assert!(!logs.contains("was not written"), "{what}: {logs}");
                scenario.again("run-2").invoke(event()).await;
                assert_eq!(run.aws.messages().len(), 1, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_no_other_run_has_taken_is_never_left_to_one() {
    let conflicts = |writes: std::ops::RangeInclusive<u32>| -> String {
        let resource = "resource = 'keycensus/runs/event-1.json'";
        let strike = |nth| format!("{resource}\nnth = {nth}");
        let faults = writes.map(|nth| fault("s3:PutObject", "write_conflict", &strike(nth)));
        faults.collect()
    };
    let first = world(&conflicts(1..=4));
    assert_eq!(first.invoke(event()).await.error().0, "ReportNotWritten");
    let run = first.again("run-2").invoke(event()).await;
    assert_eq!(run.summary()["run_id"], "run-2");

    // The first invocation writes the lease, and that it failed; the second finds that there is one.
    let refused = refusal("organizations:ListAccounts", "times = 1");
    let first = world(&(refused + &conflicts(4..=7)));
    assert_eq!(
        first.invoke(event()).await.error().0,
        "OrganizationUnreadable"
    );
    let second = first.again("run-2").invoke(event()).await;
    assert_eq!(second.error().0, "ReportNotWritten");
    let third = first.again("run-3").invoke(event()).await;
    assert_eq!(third.summary()["run_id"], "run-3");
}

#[tokio::test(start_paused = true)]
async fn another_event_is_another_run() {
    let first = world("");
    first.invoke(event()).await;
    let scenario = first.again("run-2");
    let run = scenario.invoke(scheduled_event("event-2")).await;
    assert_eq!(run.summary()["run_id"], "run-2");
    assert_eq!(run.aws.messages().len(), 2);
    let mut markers = run.aws.objects(BUCKET);
    markers.retain(|key| key.starts_with("keycensus/runs/") && key.ends_with(".json"));
    assert_eq!(
        markers,
        [
            "keycensus/runs/event-1.json",
            "keycensus/runs/event-2.json",
            "keycensus/runs/report_lease.json"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_failed_is_begun_again_at_once() {
    let first = world(&refusal("organizations:ListAccounts", "times = 1"));
    let failed = first.invoke(event()).await;
    assert_eq!(failed.error().0, "OrganizationUnreadable");
    let run = first.again("run-2").invoke(event()).await;
    assert_eq!(run.rows("keys.csv").len(), 1);
}
