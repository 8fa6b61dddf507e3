//! Answers that come whole and say nothing, contradict themselves, or are about something else.

use serde_json::{Value, json};

use crate::request::{Client, estate};

fn client(effect: &str) -> Client {
    estate(&format!("[[fault]]\neffect = \"{effect}\""))
}

async fn usage(client: &Client) -> Value {
    let answer = client
        .kms("GetKeyLastUsage", json!({"KeyId": "key-1"}))
        .await;
    answer.json()
}

#[tokio::test]
async fn an_empty_answer_is_a_success_that_says_nothing() {
    for (effect, status, body) in [
        ("empty_body", 200, ""),
        ("no_content", 204, ""),
        ("empty_answer", 200, "{}"),
        ("null_answer", 200, "{\"Keys\":null,\"Truncated\":null}"),
    ] {
        let answer = client(effect).kms("ListKeys", json!({})).await;
        assert_eq!((answer.status, answer.text()), (status, body), "{effect}");
    }
}

#[tokio::test]
async fn an_empty_answer_of_a_query_service_has_an_empty_result() {
    let answer = client("empty_answer").query("iam", "ListUsers", &[]).await;
    assert_eq!(
        (answer.status, answer.element("ListUsersResult")),
        (200, String::new())
    );
    let answer = client("empty_answer")
        .query("sts", "GetCallerIdentity", &[])
        .await;
    assert_eq!(answer.element("GetCallerIdentityResult"), "");
    let answer = client("empty_answer").ec2("DescribeVolumes", &[]).await;
    assert!(!answer.text().contains("volumeSet"), "{}", answer.text());
    // XML has no null.
    let answer = client("null_answer").query("iam", "ListUsers", &[]).await;
    assert_eq!(answer.elements("UserName"), ["anna", "bert"]);
}

#[tokio::test]
async fn an_empty_answer_of_s3_names_no_version_and_the_object_is_put() {
    for effect in ["empty_body", "no_content", "empty_answer"] {
        let client = client(effect);
        let answer = client.s3("PUT", "/reports/a", &[], "text").await;
        assert_eq!((answer.header("etag"), answer.text()), ("", ""), "{effect}");
        assert!(client.simulator.object("reports", "a").is_some());
    }
}

#[tokio::test]
async fn a_contradiction_is_another_one_each_time() {
    let client = client("contradiction");
    let mut told = Vec::new();
    for _ in 0..3 {
        let answer = usage(&client).await;
        let last = &answer["KeyLastUsage"];
        told.push(match (&last["Timestamp"], &answer["TrackingStartDate"]) {
            (Value::Null, _) => "a use without a time",
            (_, start) if *start == json!(0) => "tracked since 1970",
            _ => "used in the future",
        });
    }
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "a use without a time",
            "tracked since 1970",
            "used in the future"
        ]
    );
    let answer = client.kms("DescribeKey", json!({"KeyId": "key-1"})).await;
    let key = &answer.json()["KeyMetadata"];
    let is_whole = !key["KeyManager"].is_null() && !key["KeyState"].is_null();
    assert!(!is_whole || key["Enabled"] != (key["KeyState"] == "Enabled"));
}

#[tokio::test]
async fn an_answer_about_another_is_the_true_one_about_it() {
    let client = client("about_another");
    let answer = usage(&client).await;
    assert_eq!(
        (&answer["KeyId"], &answer["KeyLastUsage"]),
        (&json!("key-2"), &json!({}))
    );
    let keys = client.kms("ListKeys", json!({})).await.json();
    assert_eq!(keys["Keys"][0]["KeyId"], "key-3");
    let named = [("UserName", "anna")];
    let keys = client.query("iam", "ListAccessKeys", &named).await;
    assert_eq!(keys.elements("AccessKeyId"), ["AKIABERT000000000001"]);
    let named = [("AccessKeyId", "AKIAANNA000000000001")];
    let used = client.query("iam", "GetAccessKeyLastUsed", &named).await;
    assert_eq!(used.element("UserName"), "bert");
    // Nothing else of this kind can be told by its answer.
    let tags = client
        .kms("ListResourceTags", json!({"KeyId": "key-1"}))
        .await;
    assert_eq!(tags.status, 200);
}

#[tokio::test]
async fn an_oversized_answer_is_the_right_one_with_white_space_after_it() {
    let client = client("oversized_body");
    let request = client.kms_request("GetKeyLastUsage", json!({"KeyId": "key-1"}));
    let answer = client.simulator.respond(request).await.unwrap();
    assert_eq!(answer.padding, 64 << 20);
    let told: Value = serde_json::from_slice(answer.response.body()).unwrap();
    assert_eq!(told["KeyId"], "key-1");
}
