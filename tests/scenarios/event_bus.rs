//! Events on keys that are newly flagged, needed again or used again.

use std::collections::BTreeSet;

use keycensus_sim::Event;
use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario,
    parts::{IN_USE, MEMBER, UNUSED, fault, key_id, keys, refusal},
    scheduled_event,
};

const PUT: &str = "events:PutEvents";

/// An organization with these keys, and a census that puts events on the bus
/// `keycensus`.
fn organization(head: &str, keys: &[String]) -> Scenario {
    let bus = "[[event_bus]]\nname = 'keycensus'\nregion = 'us-east-1'\n";
    let member = format!("name = 'data'\n{}", keys.concat());
    Scenario::member(&format!("{bus}{head}"), &member).with("KEYCENSUS_EVENT_BUS", "keycensus")
}

/// An organization with so many unused keys.
fn unused(head: &str, count: usize) -> Scenario {
    organization(head, &[keys(1..=count, UNUSED)])
}

fn detail(event: &Event) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

/// The IDs of the keys that events on the bus are about.
fn key_ids(run: &Run) -> Vec<String> {
    let events = run.aws.events();
    let ids = events.iter().map(|event| detail(event)["key_id"].clone());
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn ids<const N: usize>(numbers: [usize; N]) -> [String; N] {
    numbers.map(key_id)
}

/// What the summary says of events.
fn events(run: &Run) -> &Value {
    &run.summary()["events"]
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_newly_flagged_or_used_again_become_events_and_others_do_not() {
    let first = organization("", &[keys([1], IN_USE), keys([2, 3], UNUSED)]);
    let run = first.run().await;
    assert_eq!(key_ids(&run), ids([2, 3]), "the first census");

    let tonight = [keys([1, 3, 4], UNUSED), keys([2], IN_USE)];
    let run = first.a_night_later(&organization("", &tonight)).run().await;
    assert_eq!(key_ids(&run), ids([1, 4, 2]));
    let put = run.aws.events();
    let types: Vec<&str> = put.iter().map(|event| &*event.detail_type).collect();
    let newly_flagged = "Keycensus Key Newly Flagged";
    let used_again = "Keycensus Key Used Again";
    assert_eq!(types, [newly_flagged, newly_flagged, used_again]);
    let event = &put[0];
    let arn = format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", key_id(1));
    assert_eq!([&*event.source, &event.bus], ["keycensus", "keycensus"]);
    assert_eq!(event.resources.join(" "), arn);
    let summary = run.summary();
    let expected = json!({
        "schema": 1,
        "run_id": summary["run_id"],
        "scanned_at": "2026-11-22T02:00:00Z",
        "scan_date": "2026-11-22",
        "account_id": MEMBER,
        "account_name": "data",
        "region": "us-east-1",
        "kind": "kms_key",
        "arn": arn,
        "owner": null,
        "verdict": "stale",
        "idle_days": 120,
        "last_used_at": "2026-07-25T02:00:00Z",
        "recommendation": "disable_and_watch",
        "monthly_cost_usd": 1.0,
        "first_flagged_on": "2026-11-22",
        "change": "newly_flagged",
        "previous_verdict": "in_use",
        "report": {
            "keys_csv": summary["report"]["keys_csv"],
            "report_html": summary["report"]["report_html"],
        },
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(detail(event)[name], *value, "{name}");
    }
    assert_eq!(
        *events(&run),
        json!({"bus": "keycensus", "due": 3, "put": 3, "failed": 0, "errors": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn access_keys_become_events_too() {
    let root_key = "[[account.root_access_key]]\ncreated = '400d'\n".to_owned();
    let run = organization("", &[root_key]).run().await;
    let put = run.aws.events();
    assert_eq!(put.len(), 1);
    assert_eq!(detail(&put[0])["kind"], "root_access_key");
    assert_eq!(put[0].resources, [format!("arn:aws:iam::{MEMBER}:root")]);
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_nothing_is_put() {
    let run = unused("", 2).with("KEYCENSUS_EVENT_BUS", "").run().await;
    assert_eq!(run.sent(PUT), 0);
    assert_eq!(
        *events(&run),
        json!({"bus": null, "due": 0, "put": 0, "failed": 0, "errors": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_night_on_which_nothing_changes_makes_no_call() {
    let first = unused("", 2);
    first.run().await;
    let run = first.a_night_later(&first).run().await;
    assert_eq!(run.sent(PUT), 0);
    assert_eq!(events(&run)["due"], 0);
}

#[tokio::test(start_paused = true)]
async fn events_are_put_in_batches_after_the_report_and_before_the_digest() {
    let run = unused("", 25).run().await;
    assert_eq!(run.sent(PUT), 3);
    assert_eq!(run.aws.events().len(), 25);
    let log = run.aws.log();
    let last = |operation: &str, resource: &str| {
        log.iter()
            .rposition(|call| call.operation == operation && call.resource.contains(resource))
            .unwrap()
    };
    let report = last("s3:PutObject", "latest/summary.json");
    assert!(report < last(PUT, ""));
    assert!(last(PUT, "") < last("sns:Publish", ""));
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_fails_is_put_again_alone() {
    let scenario = unused(&fault(PUT, "fail_entry", "first = 2"), 3);
    let run = scenario.run().await;
    // Three, of which the last fails; that one, which fails again; and again.
    assert_eq!(run.sent(PUT), 3);
    assert_eq!(key_ids(&run), ids([1, 2, 3]));
    assert_eq!([&events(&run)["put"], &events(&run)["failed"]], [3, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_made_again_until_every_event_is_put() {
    let scenario = unused(&fault(PUT, "throttle", "first = 8"), 60);
    let run = scenario.run().await;
    assert_eq!(run.aws.events().len(), 60);
    let calls = &run.summary()["calls"][PUT];
    assert_eq!(calls, &json!({"sent": 14, "throttled": 8}));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_slows_the_calls_after_it_down() {
    let scenario = unused(&fault(PUT, "throttle", "nth = 1"), 400);
    let at_ms = scenario.run().await.sent_at_ms(PUT);
    assert_eq!(at_ms.len(), 41);
    // 195 calls a second would take 205 ms, four fifths of them take 256.
    let took_ms = at_ms[40] - at_ms[0];
    assert!((240..280).contains(&took_ms), "{took_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_have_been_carried_out_is_made_again_so_that_each_event_is_put_at_least_once()
 {
    let run = unused(&fault(PUT, "reset_after", "nth = 1"), 2).run().await;
    assert_eq!(key_ids(&run), ids([1, 2, 1, 2]));
    let put = run.aws.events().into_iter();
    let details: BTreeSet<String> = put.map(|event| event.detail).collect();
    assert_eq!(
        details.len(),
        2,
        "a receiver of both sees that they are one"
    );
    assert_eq!(events(&run)["put"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_report_and_the_digest_are_complete_where_the_bus_refuses_events() {
    let run = unused(&refusal(PUT, ""), 25).run().await;
    let errors = json!({"AccessDeniedException": 25});
    assert_eq!(
        *events(&run),
        json!({"bus": "keycensus", "due": 25, "put": 0, "failed": 25, "errors": errors})
    );
    assert_eq!(run.rows("keys.csv").len(), 25);
    assert!(run.digest().text().contains("25 keys unused"));
    let run = unused(&refusal(PUT, ""), 400).run().await;
    let calls = run.sent(PUT);
    assert!((3..=19).contains(&calls), "{calls}: it is soon left alone");
    assert_eq!(events(&run)["failed"], 400);
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_never_answers_does_not_delay_the_digest_past_the_deadline() {
    let scenario = unused(&fault(PUT, "hang", ""), 30).ending_after(60);
    let run = scenario.run().await;
    assert!(run.aws.elapsed_ms() < 60_000, "{}", run.aws.elapsed_ms());
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!([&events(&run)["due"], &events(&run)["put"]], [30, 0]);
    assert_eq!(events(&run)["errors"], json!({"NoTimeLeft": 30}));
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_only_sends_the_digest_puts_no_event_twice() {
    let first = unused(&refusal("sns:Publish", "times = 1"), 2);
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let run = first.run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(key_ids(&run), ids([1, 2]));
    assert_eq!(events(&run)["put"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_an_event_that_is_delivered_again_says_what_became_of_the_events() {
    let event = scheduled_event("event-1");
    for digest in ["always", "never"] {
        let first = unused("", 2).with("KEYCENSUS_DIGEST", digest);
        first.invoke(event.clone()).await;
        let again = first.again("run-2").invoke(event.clone()).await;
        assert_eq!(again.summary()["run_id"], "run-1");
        assert_eq!(events(&again)["put"], 2);
        assert_eq!(again.aws.events().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_in_another_region_or_of_no_name_is_an_error_before_anything_is_read() {
    let elsewhere = "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus";
    let in_region =
        "the event bus is in eu-west-1, but the census runs in us-east-1: name a bus in us-east-1";
    for (bus, why) in [
        (elsewhere, in_region),
        ("key census", "give the name of an event bus"),
    ] {
        let run = unused("", 1).with("KEYCENSUS_EVENT_BUS", bus).run().await;
        let (kind, message) = run.error();
        assert_eq!(kind, "SettingsError");
        let setting = format!("KEYCENSUS_EVENT_BUS is {bus:?}: ");
        assert!(message.starts_with(&setting), "{message}");
        assert!(message.contains(why), "{message}");
        assert_eq!(run.aws.objects(BUCKET), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_is_named_by_its_arn_too() {
    let arn = "arn:aws:events:us-east-1:111111111111:event-bus/keycensus";
    // The stack's parameter takes a name only.
    let run = unused("", 1).invoke(json!({"event_bus": arn})).await;
    assert_eq!(run.aws.events().len(), 1);
    assert_eq!(events(&run)["bus"], arn);
}
