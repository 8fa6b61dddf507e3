//! Lambda and EventBridge deliver at least once: one event, one report, one
//! digest.

use serde_json::Value;
use tests::{BUCKET, Scenario, scheduled_event};

/// A world with one key to read, of which every answer takes a little.
fn world(refusals: &str) -> Scenario {
    Scenario::small(
        &format!("latency_ms = 50\n{refusals}"),
        "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\n",
    )
}

fn event() -> Value {
    scheduled_event("event-1")
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_delivered_again_is_answered_from_the_first_report() {
    let first = world("").as_request("request-1");
    let told = first.invoke(event()).await;
    let asked = told.aws.calls().sent("kms:GetKeyLastUsage");
    let again = first
        .sharing()
        .as_request("request-2")
        .invoke(event())
        .await;
    assert_eq!(again.summary()["run_id"], "request-1");
    assert_eq!(again.summary()["keys"], told.summary()["keys"]);
    assert_eq!(again.aws.calls().sent("kms:GetKeyLastUsage"), asked);
    assert_eq!(again.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_delivery_while_the_first_is_under_way_ends_at_once_and_says_so() {
    let first = world("").as_request("request-1");
    let second = first.sharing().as_request("request-2");
    let (first, second) = tokio::join!(first.invoke(event()), second.invoke(event()));
    let told: Vec<&Value> = [&first, &second]
        .into_iter()
        .map(|run| &run.summary()["duplicate"])
        .collect();
    assert_eq!(
        told.iter().filter(|told| **told == true).count(),
        1,
        "{told:?}"
    );
    assert_eq!(first.aws.messages().len(), 1);
    assert_eq!(first.aws.calls().sent("kms:GetKeyLastUsage"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_died_is_taken_over_by_its_retry() {
    let first = world("").as_request("request-1").ending_after(900);
    let died =
        tokio::time::timeout(std::time::Duration::from_millis(700), first.invoke(event())).await;
    assert!(died.is_err(), "the first attempt is cut off while it reads");
    let run = first
        .sharing()
        .as_request("request-1")
        .ending_after(900)
        .invoke(event())
        .await;
    assert_eq!(run.rows("keys.csv").len(), 1);
    assert_eq!(run.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_the_digest_failed_sends_it_without_scanning_again() {
    let first = world("[[refuse]]\noperation = \"sns:Publish\"\ntimes = 1").as_request("request-1");
    let failed = first.invoke(event()).await;
    assert_eq!(failed.error().0, "DigestNotSent");
    let retried = first
        .sharing()
        .as_request("request-1")
        .invoke(event())
        .await;
    assert_eq!(retried.aws.messages().len(), 1);
    assert_eq!(
        retried.summary()["digest"]["message_id"],
        retried.digest().message_id
    );
    assert_eq!(retried.aws.calls().sent("kms:GetKeyLastUsage"), 1);
}

#[tokio::test(start_paused = true)]
async fn after_the_digest_failed_another_request_sends_it_at_once() {
    let first = world("[[refuse]]\noperation = \"sns:Publish\"\ntimes = 1")
        .as_request("request-1")
        .ending_after(900);
    let failed = first.invoke(event()).await;
    assert_eq!(failed.error().0, "DigestNotSent");
    let other = first
        .sharing()
        .as_request("request-2")
        .invoke(event())
        .await;
    assert_eq!(other.aws.messages().len(), 1);
    assert_eq!(
        other.summary()["digest"]["message_id"],
        other.digest().message_id
    );
    assert_eq!(other.aws.calls().sent("kms:GetKeyLastUsage"), 1);
}

/// The input of a schedule, on an attempt of Scheduler's.
fn attempt(time: &str, execution_id: &str) -> Value {
    serde_json::json!({
        "scheduler_schedule_arn": "arn:aws:scheduler:us-east-1:111111111111:schedule/keycensus/nightly",
        "scheduler_scheduled_time": time,
        "scheduler_execution_id": execution_id,
    })
}

#[tokio::test(start_paused = true)]
async fn an_occurrence_of_a_schedule_is_one_event_however_often_scheduler_attempts_it() {
    let first = world("").as_request("request-1");
    first.invoke(attempt("2026-11-21T02:00:00Z", "a")).await;
    let again = first.sharing().as_request("request-2");
    let again = again.invoke(attempt("2026-11-21T02:00:00Z", "b")).await;
    assert_eq!(again.summary()["run_id"], "request-1");
    assert_eq!(again.aws.messages().len(), 1);
    let next = first.sharing().as_request("request-3");
    let next = next.invoke(attempt("2026-11-21T14:00:00Z", "c")).await;
    assert_eq!(next.summary()["run_id"], "request-3");
    assert_eq!(next.aws.messages().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_is_answered_from_a_finished_report_says_so_in_one_line() {
    let first = world("").as_request("request-1");
    first.invoke(event()).await;
    let again = first.sharing().as_request("request-2");
    let again = again.invoke(event()).await;
    let lines: Vec<Value> = again
        .logs
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["level"] != "TRACE" && line["level"] != "DEBUG")
        .collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(
        lines[0]["message"],
        "nothing to do: the report of this event is complete, by run request-1"
    );
    assert_eq!(lines[0]["run.id"], "request-2");
}

#[tokio::test(start_paused = true)]
async fn a_marker_or_lease_that_is_written_or_deleted_meanwhile_is_written_again() {
    for object in ["event-1", "report_lease"] {
        for effect in ["deleted_first", "write_conflict"] {
            for nth in 1..=4 {
                let fault = format!(
                    "[[fault]]\noperation = \"s3:PutObject\"\nresource = \"keycensus/runs/{object}.json\"\neffect = \"{effect}\"\nnth = {nth}"
                );
                let scenario = world(&fault).as_request("request-1");
                let run = scenario.invoke(event()).await;
                let what = format!("{object} {effect} {nth}: {:?}", run.outcome);
                assert_eq!(
                    run.outcome.as_ref().unwrap()["run_id"],
                    "request-1",
                    "{what}"
                );
                assert_eq!(run.aws.messages().len(), 1, "{what}");
                assert!(
                    !run.logs.contains("was not written"),
                    "{what}: {}",
                    run.logs
                );
                let again = scenario.sharing().as_request("request-2");
                again.invoke(event()).await;
                assert_eq!(run.aws.messages().len(), 1, "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_event_is_another_run() {
    let first = world("").as_request("request-1");
    first.invoke(event()).await;
    let other = scheduled_event("event-2");
    let run = first.sharing().as_request("request-2").invoke(other).await;
    assert_eq!(run.summary()["run_id"], "request-2");
    assert_eq!(run.aws.messages().len(), 2);
    let markers = run
        .aws
        .objects(BUCKET)
        .into_iter()
        .filter(|key| key.starts_with("keycensus/runs/"));
    assert_eq!(
        markers.collect::<Vec<_>>(),
        [
            "keycensus/runs/event-1.json",
            "keycensus/runs/event-2.json",
            "keycensus/runs/report_lease.json"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_failed_is_begun_again_at_once() {
    let first = world("[[refuse]]\noperation = \"organizations:ListAccounts\"\ntimes = 1")
        .as_request("request-1");
    assert_eq!(
        first.invoke(event()).await.error().0,
        "OrganizationUnreadable"
    );
    let run = first
        .sharing()
        .as_request("request-2")
        .invoke(event())
        .await;
    assert_eq!(run.rows("keys.csv").len(), 1);
}
