//! `cloudtrail:LookupEvents`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::request::{Client, scanner};

const NOW: i64 = 1_795_226_400;
const DAY: i64 = 86_400;
const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "used"
    aliases = ["alias/used"]
    last_used = "3d"
    operation = "GenerateDataKey"
    event_id = "eeee0001-0000-4000-8000-000000000000"
    [[account.key]]
    region = "eu-west-1"
    id = "told"
    last_used = "5d"
    event_id = "eeee0002-0000-4000-8000-000000000000"
    [[account.key]]
    region = "eu-west-1"
    id = "long-ago"
    last_used = "91d"
    event_id = "eeee0003-0000-4000-8000-000000000000"
    [[account.key]]
    region = "us-east-1"
    id = "elsewhere"
    last_used = "1d"
    [[account.trail_event]]
    region = "eu-west-1"
    id = "eeee0002-0000-4000-8000-000000000000"
    time = "5d"
    key = "told"
    caller = "arn:aws:iam::111111111111:user/ops/anna"
    access_key = "AKIAANNA000000000001"
    source_ip = "192.0.2.7"
    user_agent = "aws-cli/2.31"
    parameters = '{"encryptionContext": {"a": "b"}}'
    [[account.trail_event]]
    region = "eu-west-1"
    time = "1d"
    key = "alias/used"
    error_code = "KMSInvalidStateException"
    [[account.trail_event]]
    region = "eu-west-1"
    time = "2d"
    name = "GetSecretValue"
    source = "secretsmanager.amazonaws.com"
    access_key = "AKIAANNA000000000001"
    content = "no JSON at all"
"#;

async fn found(client: &Client, attribute: &str, value: &str) -> Vec<Value> {
    let body = json!({"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]});
    let answer = client.lookup_events(body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["Events"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_last_use_of_a_key_is_found_by_its_event_id() {
    let id = "eeee0001-0000-4000-8000-000000000000";
    let [event] = &found(&scanner(WORLD), "EventId", id).await[..] else {
        panic!("there is one event");
    };
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/used";
    assert_eq!(event["EventName"], "GenerateDataKey");
    assert_eq!(event["EventTime"], NOW - 3 * DAY);
    assert_eq!(event["ReadOnly"], "true");
    assert_eq!(
        event["Resources"],
        json!([{"ResourceType": "AWS::KMS::Key", "ResourceName": arn}])
    );
    let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["eventID"], id);
    assert_eq!(record["eventTime"], "2026-11-18T02:00:00Z");
    assert_eq!(record["awsRegion"], "eu-west-1");
    assert_eq!(record["userIdentity"]["type"], "AssumedRole");
    assert_eq!(
        record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"],
        "arn:aws:iam::111111111111:role/application"
    );
    assert_eq!(record["requestParameters"]["keyId"], arn);
    assert!(record.get("errorCode").is_none());
}

#[tokio::test]
async fn an_event_of_the_world_says_who_called_and_replaces_the_derived_one() {
    let id = "eeee0002-0000-4000-8000-000000000000";
    let [event] = &found(&scanner(WORLD), "EventId", id).await[..] else {
        panic!("there is one event");
    };
    assert_eq!(event["Username"], "anna");
    let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
    let identity = &record["userIdentity"];
    assert_eq!(identity["type"], "IAMUser");
    assert_eq!(identity["accessKeyId"], "AKIAANNA000000000001");
    assert_eq!(record["sourceIPAddress"], "192.0.2.7");
    assert_eq!(record["userAgent"], "aws-cli/2.31");
    assert_eq!(record["requestParameters"]["encryptionContext"]["a"], "b");
}

#[tokio::test]
async fn events_are_found_by_each_attribute_latest_first() {
    let client = scanner(WORLD);
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/used";
    for (attribute, value, ages) in [
        ("EventName", "Decrypt", &[1, 5][..]),
        ("EventSource", "secretsmanager.amazonaws.com", &[2]),
        ("ReadOnly", "true", &[1, 2, 3, 5]),
        ("ReadOnly", "false", &[]),
        ("Username", "anna", &[5]),
        ("ResourceType", "AWS::KMS::Key", &[1, 3, 5]),
        ("ResourceName", arn, &[1, 3]),
        ("AccessKeyId", "AKIAANNA000000000001", &[2, 5]),
        // Older than 90 days, and of another Region.
        ("EventId", "eeee0003-0000-4000-8000-000000000000", &[]),
    ] {
        let times: Vec<_> = found(&client, attribute, value)
            .await
            .iter()
            .map(|event| (NOW - event["EventTime"].as_i64().unwrap()) / DAY)
            .collect();
        assert_eq!(times, ages, "{attribute} {value}");
    }
    let refused = &found(&client, "ResourceName", arn).await[0];
    let record: Value = serde_json::from_str(refused["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["errorCode"], "KMSInvalidStateException");
    assert_eq!(
        record["errorMessage"],
        format!("{arn} is pending deletion.")
    );
    let other = &found(&client, "EventName", "GetSecretValue").await[0];
    assert_eq!(other["CloudTrailEvent"], "no JSON at all");
}

#[tokio::test]
async fn events_come_in_pages_and_in_a_range_of_time() {
    let client = scanner(WORLD);
    let (mut ids, mut token) = (Vec::new(), Value::Null);
    for expected in [3, 1] {
        let body = json!({"MaxResults": 3, "NextToken": token});
        let page = client.lookup_events(body).await.json();
        let events = page["Events"].as_array().unwrap();
        assert_eq!(events.len(), expected);
        ids.extend(events.iter().map(|event| event["EventId"].clone()));
        token = page["NextToken"].clone();
    }
    assert_eq!(token, Value::Null);
    ids.dedup();
    assert_eq!(ids.len(), 4);
    // The SDKs write whole or broken seconds.
    let range = json!({"StartTime": NOW - 3 * DAY, "EndTime": 1_795_053_600.5});
    let within = client.lookup_events(range).await.json();
    assert_eq!(within["Events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_says_why() {
    let client = scanner(WORLD);
    let attribute = |key: &str| json!({"AttributeKey": key, "AttributeValue": "x"});
    for (body, code) in [
        (
            json!({"LookupAttributes": [attribute("EventId"), attribute("EventName")]}),
            "InvalidLookupAttributesException",
        ),
        (
            json!({"LookupAttributes": [attribute("Colour")]}),
            "InvalidLookupAttributesException",
        ),
        (
            json!({"LookupAttributes": [{"AttributeKey": "EventId"}]}),
            "InvalidLookupAttributesException",
        ),
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (json!({"NextToken": "x"}), "InvalidNextTokenException"),
        (
            json!({"StartTime": NOW, "EndTime": NOW - 1}),
            "InvalidTimeRangeException",
        ),
    ] {
        let answer = client.lookup_events(body.clone()).await;
        assert_eq!(answer.failure(), (400, code.to_owned()), "{body}");
    }
    let elsewhere = client.in_region("sa-east-1");
    let answer = elsewhere.lookup_events(json!({})).await;
    let code = "UnrecognizedClientException".to_owned();
    assert_eq!(answer.failure(), (400, code));
}

#[tokio::test]
async fn both_names_of_the_service_are_understood() {
    let client = scanner(WORLD);
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let headers = [("x-amz-target", target)];
    let answer = client.send("cloudtrail", "POST", "/", &headers, "{}").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(client.simulator.calls().sent("cloudtrail:LookupEvents"), 1);
}

#[tokio::test(start_paused = true)]
async fn two_lookups_a_second_are_allowed_in_each_region() {
    let client = scanner(&format!("quotas = true\n{WORLD}"));
    let status = async |client: &Client| client.lookup_events(json!({})).await.status;
    assert_eq!(status(&client).await, 200);
    assert_eq!(status(&client).await, 200);
    let late = client.lookup_events(json!({})).await;
    assert_eq!(late.failure(), (400, "ThrottlingException".to_owned()));
    assert_eq!(status(&client.in_region("us-east-1")).await, 200);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(status(&client).await, 200);
    assert_eq!(status(&client).await, 400);
}

#[tokio::test]
async fn lookups_go_wrong_as_other_listings_do() {
    let world = format!("{WORLD}\n[[fault]]\neffect = \"empty_page\"\nnth = 1");
    let client = scanner(&world);
    let empty = client.lookup_events(json!({})).await.json();
    assert_eq!(empty["Events"], json!([]));
    let body = json!({"NextToken": empty["NextToken"]});
    let promised = client.lookup_events(body).await.json();
    assert_eq!(promised["Events"].as_array().unwrap().len(), 4);
    let denied = scanner(&format!(
        "{WORLD}\n[[refuse]]\noperation = \"cloudtrail:*\""
    ));
    let answer = denied.lookup_events(json!({})).await;
    assert_eq!(answer.failure(), (400, "AccessDeniedException".to_owned()));
}

#[tokio::test]
async fn a_caller_without_a_name_has_neither_user_name_nor_access_key() {
    let world = r#"
        [[account]]
        id = "111111111111"
        regions = ["eu-west-1"]
        [[account.trail_event]]
        region = "eu-west-1"
        time = "1d"
        user_identity = '{"type": "AWSAccount", "principalId": "AROAX:etl", "accountId": "999999999999"}'
        [[account.trail_event]]
        region = "eu-west-1"
        time = "2d"
        content = '{"userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111111111111:assumed-role/app/i-1", "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}}'
        [[account.trail_event]]
        region = "eu-west-1"
        time = "3d"
        content = '{"userIdentity": null}'
    "#;
    let events = found(&scanner(world), "EventName", "Decrypt").await;
    let [stranger, session, nobody] = &events[..] else {
        panic!("{events:?}");
    };
    let record: Value =
        serde_json::from_str(stranger["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["userIdentity"]["accountId"], "999999999999");
    assert_eq!(session["Username"], "i-1");
    assert_eq!(session["AccessKeyId"], "ASIAIOSFODNN7EXAMPLE");
    for event in [stranger, nobody] {
        assert_eq!(
            (event.get("Username"), event.get("AccessKeyId")),
            (None, None)
        );
    }
}
