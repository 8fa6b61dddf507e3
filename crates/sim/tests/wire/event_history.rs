//! What CloudTrail's event history has of refused requests, and when.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::request::{Client, estate};

const ARN: &str = "arn:aws:kms:eu-west-1:333333333333:key/stopped";

async fn history(events: &str) -> Client {
    let key = "[[account]]\nid = \"333333333333\"\nregions = [\"eu-west-1\"]\n[[account.key]]\nregion = \"eu-west-1\"\nid = \"stopped\"\nstate = \"Disabled\"\n";
    let events: String = events
        .split('|')
        .map(|event| {
            format!(
                "[[account.trail_event]]\nregion = \"eu-west-1\"\nkey = \"stopped\"\n{event}\n\
                 error_code = \"DisabledException\"\n"
            )
        })
        .collect();
    let scanner = estate(&format!("{key}{events}"));
    scanner.enter("333333333333").await
}

/// The IDs of the events that name the key.
async fn by_key(client: &Client) -> Vec<String> {
    let attribute = json!({"AttributeKey": "ResourceName", "AttributeValue": ARN});
    let answer = client
        .lookup_events(json!({"LookupAttributes": [attribute]}))
        .await;
    let answer = answer.json();
    let events = answer["Events"].as_array().unwrap().iter();
    events
        .map(|event| event["EventId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_refused_request_whose_record_does_not_name_the_key_is_not_found_by_it() {
    let client =
        history("id = \"named\"\ntime = \"1h\"|id = \"not\"\ntime = \"2h\"\nnames_key = false")
            .await;
    assert_eq!(by_key(&client).await, ["named"]);
    let all = client.lookup_events(json!({})).await.json();
    let [_, unnamed] = &all["Events"].as_array().unwrap()[..] else {
        panic!("{all}")
    };
    assert_eq!(unnamed["Resources"], json!([]));
    let record = unnamed["CloudTrailEvent"].as_str().unwrap();
    assert!(record.contains("DisabledException") && !record.contains("\"resources\""));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_found_from_its_delivery_on_and_for_90_days() {
    let client = history(
        "id = \"late\"\ntime = \"2m\"\ndelivered = \"-5m\"|id = \"old\"\ntime = \"89d 23h 59m\"|id = \"older\"\ntime = \"90d 1m\"",
    )
    .await;
    assert_eq!(by_key(&client).await, ["old"]);
    sleep(Duration::from_secs(5 * 60)).await;
    assert_eq!(by_key(&client).await, ["late"]);
}
