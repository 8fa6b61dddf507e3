//! `events:PutEvents`.

use serde_json::{Value, json};

use crate::request::{Client, scanner};

const WORLD: &str = r#"
    [[bucket]]
    name = "reports"
    region = "eu-west-1"
    [[event_bus]]
    name = "keycensus"
    [[event_bus]]
    name = "elsewhere"
    account = "222222222222"
    region = "us-east-1"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
"#;

fn entry(bus: &str, detail: &str) -> Value {
    json!({
        "EventBusName": bus,
        "Source": "keycensus",
        "DetailType": "Keycensus Key Flagged",
        "Detail": detail,
    })
}

/// The details of every event that is on a bus.
fn details(client: &Client) -> Vec<String> {
    let events = client.simulator.events().into_iter();
    events.map(|event| event.detail).collect()
}

#[tokio::test]
async fn events_are_kept_as_they_were_put_and_in_order() {
    let client = scanner(WORLD);
    let mut first = entry("keycensus", r#"{ "key": "ä" }"#);
    first["Resources"] = json!(["arn:b", "arn:a"]);
    first["Time"] = json!(1_795_226_400);
    let arn = "arn:aws:events:eu-west-1:111111111111:event-bus/keycensus";
    let entries = json!([first, entry(arn, "{}")]);
    let answer = client.put_events(entries).await.json();
    client.put_events(json!([entry("", "{}")])).await;

    let events = client.simulator.events();
    assert_eq!(answer["FailedEntryCount"], 0);
    for (told, event) in answer["Entries"].as_array().unwrap().iter().zip(&events) {
        assert_eq!(told, &json!({"EventId": event.event_id}));
    }
    assert_ne!(events[0].event_id, events[1].event_id);
    assert_eq!(
        (events[0].source.as_str(), events[0].detail_type.as_str()),
        ("keycensus", "Keycensus Key Flagged")
    );
    assert_eq!(events[0].detail, r#"{ "key": "ä" }"#);
    assert_eq!(events[0].resources, ["arn:b", "arn:a"]);
    let places: Vec<_> = events
        .iter()
        .map(|event| (&*event.bus, &*event.account, &*event.region))
        .collect();
    let place = |bus| (bus, "111111111111", "eu-west-1");
    let buses = ["keycensus", "keycensus", "default"];
    assert_eq!(places, buses.map(place));
}

#[tokio::test]
async fn an_event_for_a_bus_that_is_not_there_is_taken_and_dropped() {
    let client = scanner(WORLD);
    for bus in [
        "keycensu",
        "elsewhere",
        "arn:aws:events:us-east-1:111111111111:event-bus/default",
    ] {
        let answer = client.put_events(json!([entry(bus, "{}")])).await.json();
        assert_eq!(answer["FailedEntryCount"], 0, "{bus}");
        assert!(answer["Entries"][0]["EventId"].is_string(), "{bus}");
    }
    let elsewhere = client.in_region("us-east-1");
    elsewhere
        .put_events(json!([entry("keycensus", "{}")]))
        .await;
    assert_eq!(details(&client), Vec::<String>::new());
    let member = client.enter("222222222222").await.in_region("us-east-1");
    member.put_events(json!([entry("elsewhere", "{}")])).await;
    assert_eq!(details(&client), ["{}"]);
}

#[tokio::test]
async fn an_entry_that_is_refused_fails_alone() {
    let client = scanner(WORLD);
    let without = |name: &str| {
        let mut entry = entry("keycensus", "{}");
        entry.as_object_mut().unwrap().remove(name);
        entry
    };
    let mut of_aws = entry("keycensus", "{}");
    of_aws["Source"] = "aws.kms".into();
    let entries = json!([
        without("Source"),
        without("DetailType"),
        without("Detail"),
        of_aws,
        entry("keycensus", "no JSON"),
        entry("keycensus", "[]"),
        entry("keycensus", r#"{"kept": true}"#),
    ]);
    let answer = client.put_events(entries).await.json();
    let told = answer["Entries"].as_array().unwrap();
    let codes: Vec<_> = told
        .iter()
        .map(|entry| entry["ErrorCode"].as_str())
        .collect();
    assert_eq!(
        codes,
        [
            Some("InvalidArgument"),
            Some("InvalidArgument"),
            Some("InvalidArgument"),
            Some("NotAuthorizedForSourceException"),
            Some("MalformedDetail"),
            Some("MalformedDetail"),
            None,
        ]
    );
    assert_eq!(answer["FailedEntryCount"], 6);
    assert_eq!(details(&client), [r#"{"kept": true}"#]);
}

#[tokio::test]
async fn a_call_that_eventbridge_would_not_take_is_refused_as_a_whole() {
    let client = scanner(WORLD);
    let foreign = "arn:aws:events:eu-west-1:222222222222:event-bus/default";
    let (invalid, denied) = ("ValidationException", "AccessDeniedException");
    let bytes = 262_144 - "keycensus".len() - "Keycensus Key Flagged".len();
    let detail = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let (mut timed, mut about) = (
        entry("keycensus", &detail(bytes)),
        entry("keycensus", &detail(bytes)),
    );
    timed["Time"] = json!(1_795_226_400);
    about["Resources"] = json!(["x"]);
    for (entries, code) in [
        (json!([timed]), invalid),
        (json!([about]), invalid),
        (json!([]), invalid),
        (json!(vec![entry("keycensus", "{}"); 11]), invalid),
        (json!([entry("keycensus", &detail(bytes + 1))]), invalid),
        (json!([{"Source": "keycensus"}]), invalid),
        (json!([entry("a:b", "{}")]), invalid),
        (
            json!([entry("keycensus", "{}"), entry(foreign, "{}")]),
            denied,
        ),
    ] {
        let answer = client.put_events(entries).await;
        assert_eq!(answer.failure(), (400, code.to_owned()));
    }
    assert!(client.simulator.events().is_empty());
    for right in [
        json!(vec![entry("keycensus", "{}"); 10]),
        json!([entry("keycensus", &detail(bytes))]),
    ] {
        assert_eq!(client.put_events(right).await.status, 200);
    }
}

#[tokio::test]
async fn the_last_entry_can_fail_while_the_others_are_put() {
    let fault = "[[fault]]\neffect = \"fail_entry\"\nfirst = 1";
    let client = scanner(&format!("{WORLD}\n{fault}"));
    let entries = json!([
        entry("keycensus", r#"{"number": 1}"#),
        entry("keycensus", r#"{"number": 2}"#),
    ]);
    let answer = client.put_events(entries.clone()).await.json();
    assert_eq!(answer["FailedEntryCount"], 1);
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(answer["Entries"][1]["ErrorCode"], "InternalFailure");
    assert_eq!(details(&client), [r#"{"number": 1}"#]);
    assert_eq!(client.simulator.log()[0].fault, Some("fail_entry"));
    client.put_events(entries).await;
    assert_eq!(client.simulator.events().len(), 3);
}

#[tokio::test]
async fn a_bus_can_be_refused() {
    let refusal = "[[refuse]]\noperation = \"events:PutEvents\"\nresource = \"keycensus\"";
    let client = scanner(&format!("{WORLD}\n{refusal}"));
    let denied = client.put_events(json!([entry("keycensus", "{}")])).await;
    assert_eq!(denied.failure(), (400, "AccessDeniedException".to_owned()));
    let other = client.put_events(json!([entry("", "{}")])).await;
    assert_eq!(other.status, 200);
}
