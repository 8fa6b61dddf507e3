//! A run that is cut off goes on where it was, and reads nothing twice.

use std::time::Duration;

use serde_json::Value;
use tests::{
    BUCKET, Scenario,
    parts::{MEMBER, UNUSED, account, keys, refusal, user},
    same_report, scheduled_event,
};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";
/// How many keys there are in the account that takes minutes.
const KEYS_OF_ONE_CELL: usize = 320;

/// An organization in which some accounts are read within seconds, and one takes minutes.
fn world() -> Scenario {
    world_with("")
}

fn world_with(head: &str) -> Scenario {
    let few = account("333333333333", &(keys(1..=3, UNUSED) + &user("alice", "")));
    let many = account(MEMBER, &keys(10..10 + KEYS_OF_ONE_CELL, UNUSED));
    Scenario::small(&format!("latency_ms = 20\n{head}"), &(few + &many)).ending_after(900)
}

fn event() -> Value {
    scheduled_event("event-1")
}

/// Ends the run suddenly after so many seconds.
async fn cut_off(scenario: &Scenario, seconds: u64) {
    let run = scenario.invoke(event());
    let cut_off = tokio::time::timeout(Duration::from_secs(seconds), run).await;
    assert!(cut_off.is_err(), "the run ended within {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_killed_goes_on_where_it_was_and_its_report_is_the_same() {
    let whole = world().invoke(event()).await;
    assert!(whole.is_complete());
    let scenario = world();
    for seconds in [30, 40, 35] {
        cut_off(&scenario, seconds).await;
    }
    let run = scenario.invoke(event()).await;
    same_report(&run, &whole);
    // Each time, what was read within the last seconds was not kept yet.
    let again = run.sent(LAST_USAGE) - whole.sent(LAST_USAGE);
    assert!(again <= 3 * 5 * 31, "{again} keys were read again");
    assert!(run.logs.contains("the run goes on where it was cut off"));
    assert_eq!(run.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_delivery_of_an_event_whose_run_failed_reads_nothing_that_was_read() {
    let keys_csv = "resource = 'keycensus/keys/date=2026-11-21/keys.csv'\ntimes = 2";
    let first = world_with(&refusal("s3:PutObject", keys_csv));
    for request_id in ["run-1", "run-2"] {
        let failed = first.again(request_id).invoke(event()).await;
        assert_eq!(failed.error().0, "ReportNotWritten");
    }
    let run = first.again("run-3").invoke(event()).await;
    assert_eq!(run.sent(LAST_USAGE), 3 + KEYS_OF_ONE_CELL as u64);
    assert_eq!(run.sent("organizations:ListAccounts"), 3);
    assert_eq!(run.summary()["keys"]["total"], 3 + KEYS_OF_ONE_CELL);
    assert_eq!(run.summary()["run_id"], "run-3");
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_is_not_used_with_other_settings_or_where_it_is_damaged() {
    let whole = world().invoke(event()).await;
    for damage in ["settings", "cut", "changed", "empty"] {
        let scenario = world();
        cut_off(&scenario, 60).await;
        let parts = scenario.aws.objects(BUCKET).into_iter();
        let parts: Vec<String> = parts.filter(|key| key.contains("/parts/")).collect();
        assert!(parts.len() > 1, "{parts:?}");
        let mut retry = scenario.clone();
        for part in &parts {
            let mut bytes = scenario.aws.object(BUCKET, part).unwrap();
            let middle = bytes.len() / 2;
            match damage {
                "settings" => retry = retry.with("KEYCENSUS_WATCH_DAYS", "31"),
                "cut" => bytes.truncate(middle),
                "changed" => bytes[middle] ^= 1,
                _ => bytes.clear(),
            }
            scenario.aws.put_object(BUCKET, part, bytes);
        }
        let run = retry.invoke(event()).await;
        same_report(&run, &whole);
        assert!(run.logs.contains("is not used: "), "{damage}");
        // Nothing that was kept is used: everything is read again.
        assert!(
            run.sent(LAST_USAGE) > whole.sent(LAST_USAGE) + 150,
            "{damage}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_kept_the_report_is_the_same_and_the_log_says_so() {
    let whole = world().invoke(event()).await;
    let kept = ["plan", "parts/000000-000000", "parts/000000-000001"];
    let refusals = kept.map(|name| {
        let resource = format!("resource = 'keycensus/runs/run-1/{name}.jsonl'");
        refusal("s3:PutObject", &resource)
    });
    let run = world_with(&refusals.concat()).invoke(event()).await;
    same_report(&run, &whole);
    assert_eq!(run.logs.matches("is in memory only").count(), 3);
}
