use std::time::Duration;

use serde_json::json;

use crate::request::scanner;

const WORLD: &str = r#"
    quotas = true
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    aliases = ["alias/payments"]
"#;

#[tokio::test(start_paused = true)]
async fn the_sixth_read_of_last_usage_in_a_second_is_throttled_and_counted() {
    let client = scanner(WORLD);
    let key = client.simulator.world().accounts[0].keys[0].id.clone();
    let input = json!({"KeyId": key});
    for _ in 0..5 {
        assert_eq!(
            client.kms("GetKeyLastUsage", input.clone()).await.status,
            200
        );
    }
    let sixth = client.kms("GetKeyLastUsage", input.clone()).await;
    assert_eq!(sixth.failure(), (400, "ThrottlingException".to_owned()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(client.kms("GetKeyLastUsage", input).await.status, 200);
    let calls = client.simulator.calls();
    assert_eq!(
        (
            calls.sent("kms:GetKeyLastUsage"),
            calls.throttled("kms:GetKeyLastUsage")
        ),
        (7, 1)
    );
    let count = calls.count(
        "kms:GetKeyLastUsage",
        Some("111111111111"),
        Some("eu-west-1"),
    );
    assert_eq!(count.sent, 7);
}

#[tokio::test(start_paused = true)]
async fn each_service_asks_to_slow_down_in_its_own_words() {
    let client = scanner(WORLD);
    let mut last = client.organizations("ListAccounts", json!({})).await;
    for _ in 0..12 {
        last = client.organizations("ListAccounts", json!({})).await;
    }
    assert_eq!(last.failure(), (400, "TooManyRequestsException".to_owned()));
    for _ in 0..601 {
        last = client.query("sts", "GetCallerIdentity", &[]).await;
    }
    assert_eq!(last.failure(), (400, "Throttling".to_owned()));
    let slow = scanner(
        "[[refuse]]\noperation = \"s3:*\"\ncode = \"SlowDown\"\n[[account]]\nid = \"111111111111\"",
    );
    let answer = slow.s3("GET", "/reports/a", &[], "").await;
    assert_eq!(answer.failure(), (503, "SlowDown".to_owned()));
    assert_eq!(slow.simulator.calls().throttled("s3:GetObject"), 1);
}

#[tokio::test(start_paused = true)]
async fn rotations_messages_and_events_have_quotas_of_their_own() {
    let topic = "arn:aws:sns:eu-west-1:111111111111:keycensus";
    let client = scanner(&format!("{WORLD}\n[[topic]]\narn = \"{topic}\""));
    let key = client.simulator.world().accounts[0].keys[0].id.clone();
    let message = [("TopicArn", topic), ("Message", "x")];
    let entries = json!([{"Source": "keycensus", "DetailType": "x", "Detail": "{}"}]);
    for _ in 0..500 {
        let input = json!({"KeyId": key});
        client.kms("ListKeyRotations", input).await;
        client.query("sns", "Publish", &message).await;
        client.put_events(entries.clone()).await;
    }
    let calls = client.simulator.calls();
    let allowed = |operation: &str| calls.sent(operation) - calls.throttled(operation);
    assert_eq!(allowed("kms:ListKeyRotations"), 100);
    assert_eq!(allowed("sns:Publish"), 300);
    assert_eq!(allowed("events:PutEvents"), 400);
    assert_eq!(client.simulator.messages().len(), 300);
    assert_eq!(client.simulator.events().len(), 400);
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_as_long_as_the_world_says() {
    let client = scanner("latency_ms = 40\n[[account]]\nid = \"111111111111\"");
    let start = tokio::time::Instant::now();
    client.query("sts", "GetCallerIdentity", &[]).await;
    assert_eq!(start.elapsed().as_millis(), 40);
}
