//! Events on keys that are newly flagged or used again.

use std::collections::BTreeSet;

use keycensus_sim::Event;
use serde_json::{Value, json};
use tests::{BUCKET, Run, Scenario, scheduled_event};

const MEMBER: &str = "222222222222";
const IN_USE: &str = "last_used = \"10d\"";
const STALE: &str = "last_used = \"120d\"";

/// A key of the account [`MEMBER`] in us-east-1; its ID ends with `n`.
fn key(n: usize, more: &str) -> String {
    format!(
        "[[account.key]]\nregion = \"us-east-1\"\nid = \"{}\"\n{more}\n",
        id(n)
    )
}

fn id(n: usize) -> String {
    format!("22220000-0000-4000-8000-{n:012}")
}

/// An organization with these keys, and a census that puts events on the bus
/// `keycensus`.
fn organization(head: &str, keys: &[String]) -> Scenario {
    let bus = "[[event_bus]]\nname = \"keycensus\"\nregion = \"us-east-1\"\n";
    let member = format!("[[account]]\nid = \"{MEMBER}\"\nname = \"data\"\n");
    let world = Scenario::small(&format!("{bus}{head}"), &(member + &keys.concat()));
    world.with("KEYCENSUS_EVENT_BUS", "keycensus")
}

/// An organization with so many unused keys.
fn unused(head: &str, keys: usize) -> Scenario {
    let keys: Vec<String> = (1..=keys).map(|n| key(n, STALE)).collect();
    organization(head, &keys)
}

/// What an event is about, and which key.
fn told(event: &Event) -> (&str, String) {
    let key_id = detail(event)["key_id"].as_str().unwrap().to_owned();
    (&event.detail_type, key_id)
}

fn detail(event: &Event) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

fn keys_told_of(run: &Run) -> Vec<String> {
    let events = run.aws.events();
    events.iter().map(|event| told(event).1).collect()
}

/// How often PutEvents was called.
fn calls(run: &Run) -> u64 {
    run.aws.calls().sent("events:PutEvents")
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_newly_flagged_or_used_again_become_events_and_others_do_not() {
    let first = organization("", &[key(1, IN_USE), key(2, STALE), key(3, STALE)]);
    let run = first.run().await;
    assert_eq!(keys_told_of(&run), [id(2), id(3)], "the first census");

    let tonight = [key(1, STALE), key(2, IN_USE), key(3, STALE), key(4, STALE)];
    let run = first.a_night_later(&organization("", &tonight)).run().await;
    let events = run.aws.events();
    assert_eq!(
        events.iter().map(told).collect::<Vec<_>>(),
        [
            ("Keycensus Key Newly Flagged", id(1)),
            ("Keycensus Key Newly Flagged", id(4)),
            ("Keycensus Key Used Again", id(2)),
        ]
    );
    let event = &events[0];
    let arn = format!("arn:aws:kms:us-east-1:{MEMBER}:key/{}", id(1));
    assert_eq!(
        (&*event.source, &*event.bus, &event.resources),
        ("keycensus", "keycensus", &vec![arn.clone()])
    );
    let said = detail(event);
    for (name, value) in [
        ("schema", json!(1)),
        ("run_id", run.summary()["run_id"].clone()),
        ("scanned_at", json!("2026-11-22T02:00:00Z")),
        ("scan_date", json!("2026-11-22")),
        ("account_id", json!(MEMBER)),
        ("account_name", json!("data")),
        ("region", json!("us-east-1")),
        ("kind", json!("kms_key")),
        ("arn", json!(arn)),
        ("owner", Value::Null),
        ("verdict", json!("stale")),
        ("idle_days", json!(120)),
        ("last_used_at", json!("2026-07-25T02:00:00Z")),
        ("recommendation", json!("disable_and_watch")),
        ("monthly_cost_usd", json!(1.0)),
        ("first_flagged_on", json!("2026-11-22")),
        ("change", json!("newly_flagged")),
        ("previous_verdict", json!("in_use")),
        (
            "report",
            json!({
                "keys_csv": run.summary()["report"]["keys_csv"],
                "report_html": run.summary()["report"]["report_html"],
            }),
        ),
    ] {
        assert_eq!(said[name], value, "{name}");
    }
    assert_eq!(
        run.summary()["events"],
        json!({"bus": "keycensus", "due": 3, "put": 3, "failed": 0, "errors": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn access_keys_become_events_too() {
    let run = organization(
        "",
        &["[[account.root_access_key]]\ncreated = \"400d\"\n".to_owned()],
    )
    .run()
    .await;
    let events = run.aws.events();
    let event = &events[0];
    assert_eq!(
        (detail(event)["kind"].as_str(), &event.resources),
        (
            Some("root_access_key"),
            &vec![format!("arn:aws:iam::{MEMBER}:root")]
        )
    );
    assert_eq!(events.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_bus_nothing_is_put() {
    let run = unused("", 2).with("KEYCENSUS_EVENT_BUS", "").run().await;
    assert_eq!(calls(&run), 0);
    assert_eq!(
        run.summary()["events"],
        json!({"bus": null, "due": 0, "put": 0, "failed": 0, "errors": {}})
    );
}

#[tokio::test(start_paused = true)]
async fn a_night_on_which_nothing_changes_makes_no_call() {
    let first = unused("", 2);
    first.run().await;
    let run = first.a_night_later(&first).run().await;
    assert_eq!(calls(&run), 0);
    assert_eq!(run.summary()["events"]["due"], 0);
}

#[tokio::test(start_paused = true)]
async fn events_are_put_in_batches_after_the_report_and_before_the_digest() {
    let run = unused("", 25).run().await;
    assert_eq!(calls(&run), 3);
    assert_eq!(run.aws.events().len(), 25);
    let log = run.aws.log();
    let last = |operation: &str, resource: &str| {
        let is_it = |call: &&keycensus_sim::LoggedCall| {
            call.operation == operation && call.resource.contains(resource)
        };
        log.iter().rfind(is_it).unwrap().at_ms
    };
    let report = last("s3:PutObject", "latest/summary.json");
    let put = last("events:PutEvents", "");
    assert!(report <= put && put <= last("sns:Publish", ""));
    let operations: Vec<&str> = log.iter().map(|call| &*call.operation).collect();
    let position = |operation: &str| operations.iter().rposition(|o| *o == operation).unwrap();
    assert!(position("events:PutEvents") < position("sns:Publish"));
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_fails_is_put_again_alone() {
    let fault = "[[fault]]\noperation = \"events:PutEvents\"\neffect = \"fail_entry\"\nfirst = 2";
    let run = unused(fault, 3).run().await;
    // Three, of which the last fails; that one, which fails again; and again.
    assert_eq!(calls(&run), 3);
    assert_eq!(keys_told_of(&run), [id(1), id(2), id(3)]);
    let events = &run.summary()["events"];
    assert_eq!((&events["put"], &events["failed"]), (&json!(3), &json!(0)));
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_made_again_until_every_event_is_put() {
    let fault = "[[fault]]\noperation = \"events:PutEvents\"\neffect = \"throttle\"\nfirst = 8";
    let run = unused(fault, 60).run().await;
    assert_eq!(keys_told_of(&run).len(), 60);
    let calls = &run.summary()["calls"]["events:PutEvents"];
    assert_eq!(calls, &json!({"sent": 14, "throttled": 8}));
}

#[tokio::test(start_paused = true)]
async fn a_throttle_slows_the_calls_after_it_down() {
    let fault = "[[fault]]\noperation = \"events:PutEvents\"\neffect = \"throttle\"\nnth = 1";
    let run = unused(fault, 400).run().await;
    let log = run.aws.log();
    let at_ms: Vec<u64> = log
        .iter()
        .filter(|call| call.operation == "events:PutEvents")
        .map(|call| call.at_ms)
        .collect();
    assert_eq!(at_ms.len(), 41);
    // 195 calls a second would take 205 ms, four fifths of them take 256.
    let took_ms = at_ms[40] - at_ms[0];
    assert!((240..280).contains(&took_ms), "{took_ms}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_have_been_carried_out_is_made_again_so_that_each_event_is_put_at_least_once()
 {
    let fault = "[[fault]]\noperation = \"events:PutEvents\"\neffect = \"reset_after\"\nnth = 1";
    let run = unused(fault, 2).run().await;
    assert_eq!(keys_told_of(&run), [id(1), id(2), id(1), id(2)]);
    let same: BTreeSet<String> = run.aws.events().into_iter().map(|e| e.detail).collect();
    assert_eq!(
        same.len(),
        2,
        "whoever receives both sees that they are one"
    );
    assert_eq!(run.summary()["events"]["put"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_refuses_is_told_of_and_costs_nobody_the_report_or_the_digest() {
    let refusal = "[[refuse]]\noperation = \"events:PutEvents\"";
    let run = unused(refusal, 25).run().await;
    assert_eq!(
        run.summary()["events"],
        json!({"bus": "keycensus", "due": 25, "put": 0, "failed": 25, "errors": {"AccessDeniedException": 25}})
    );
    assert_eq!(run.rows("keys.csv").len(), 25);
    assert!(run.digest().text().contains("25 keys unused"));
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_takes_nothing_is_soon_left_alone() {
    let refusal = "[[refuse]]\noperation = \"events:PutEvents\"";
    let run = unused(refusal, 400).run().await;
    let calls = calls(&run);
    assert!((3..=19).contains(&calls), "{calls}");
    assert_eq!(run.summary()["events"]["failed"], 400);
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_never_answers_does_not_delay_the_digest_past_the_deadline() {
    let fault = "[[fault]]\noperation = \"events:PutEvents\"\neffect = \"hang\"";
    let run = unused(fault, 30).ending_after(60).run().await;
    assert!(run.aws.elapsed_ms() < 60_000, "{}", run.aws.elapsed_ms());
    assert_eq!(run.aws.messages().len(), 1);
    let events = &run.summary()["events"];
    assert_eq!(
        (&events["due"], &events["put"], &events["errors"]),
        (&json!(30), &json!(0), &json!({"NoTimeLeft": 30}))
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_only_sends_the_digest_puts_no_event_twice() {
    let refusal = "[[refuse]]\noperation = \"sns:Publish\"\ntimes = 1";
    let first = unused(refusal, 2).as_request("request-1");
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let run = first.sharing().as_request("request-1").run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(keys_told_of(&run), [id(1), id(2)]);
    assert_eq!(run.summary()["events"]["put"], 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_delivered_again_is_told_what_became_of_the_events() {
    let event = scheduled_event("event-1");
    for digest in ["always", "never"] {
        let first = unused("", 2).with("KEYCENSUS_DIGEST", digest);
        let first = first.as_request("request-1");
        first.invoke(event.clone()).await;
        let again = first.sharing().as_request("request-2");
        let again = again.invoke(event.clone()).await;
        assert_eq!(again.summary()["run_id"], "request-1");
        assert_eq!(again.summary()["events"]["put"], 2);
        assert_eq!(again.aws.events().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_in_another_region_or_of_no_name_is_told_before_anything_is_read() {
    let elsewhere = "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus";
    for (bus, told) in [
        (
            elsewhere,
            "the event bus is in eu-west-1, but the census runs in us-east-1: name a bus in us-east-1",
        ),
        ("key census", "give the name of an event bus"),
    ] {
        let run = unused("", 1).with("KEYCENSUS_EVENT_BUS", bus).run().await;
        let (kind, message) = run.error();
        assert_eq!(kind, "SettingsError");
        let setting = format!("KEYCENSUS_EVENT_BUS is {bus:?}: ");
        assert!(
            message.starts_with(&setting) && message.contains(told),
            "{message}"
        );
        assert_eq!(run.aws.objects(BUCKET), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_is_named_by_its_arn_too() {
    let arn = "arn:aws:events:us-east-1:111111111111:event-bus/keycensus";
    // The stack's parameter takes a name only.
    let run = unused("", 1).invoke(json!({"event_bus": arn})).await;
    assert_eq!(run.aws.events().len(), 1);
    assert_eq!(run.summary()["events"]["bus"], arn);
}
