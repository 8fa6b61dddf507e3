//! What services answer when a fault strikes.

use serde_json::json;

use crate::request::{Answer, Client, estate};

/// The scanner of a world with one fault.
fn client(fault: &str) -> Client {
    estate(&format!("[[fault]]\n{fault}"))
}

async fn usage(client: &Client) -> Answer {
    client.call("kms:GetKeyLastUsage").await
}

#[tokio::test(start_paused = true)]
async fn a_signature_from_the_future_is_told_how_far_the_clocks_differ() {
    let client = client("effect = \"not_yet_valid_credentials\"");
    assert_eq!(
        usage(&client).await.json()["message"],
        "Signature not yet current: 20261121T021000Z is still later than 20261121T020500Z (20261121T020000Z + 5 min.)"
    );
}

#[tokio::test]
async fn a_garbled_answer_is_a_success_that_nobody_can_read() {
    let client = client("effect = \"garbled_body\"");
    let answer = client.kms("DescribeKey", json!({"KeyId": "none"})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
    assert!(std::str::from_utf8(&answer.body).is_err());
    let log = client.simulator.log();
    assert_eq!((log[0].status, log[0].code.as_deref()), (200, None));
}

#[tokio::test]
async fn a_truncated_answer_is_half_of_the_right_one() {
    let right = usage(&estate("")).await;
    let half = usage(&client("effect = \"truncated_body\"")).await;
    assert_eq!((half.status, half.header("content-length")), (200, ""));
    assert_eq!(half.body.as_ref(), &right.body[..right.body.len() / 2]);
}

#[tokio::test]
async fn a_proxy_answers_with_the_right_status_and_a_page_of_its_own() {
    let client = client("effect = \"wrong_content_type\"");
    let answer = usage(&client).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/html")
    );
    assert!(answer.text().starts_with("<html>"));
    let answer = client.kms("DescribeKey", json!({"KeyId": "none"})).await;
    assert_eq!(
        (answer.status, answer.header("x-amzn-requestid")),
        (400, "")
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_behind_the_door_counts_against_the_quota_and_a_reset_one_does_not() {
    for (effect, left) in [("internal_error", 3), ("throttle", 5), ("vanish", 3)] {
        let fault =
            format!("effect = \"{effect}\"\noperation = \"kms:GetKeyLastUsage\"\nfirst = 2");
        let client = estate(&format!("quotas = true\n[[fault]]\n{fault}"));
        for _ in 0..2 {
            assert_ne!(usage(&client).await.status, 200);
        }
        for _ in 0..left {
            assert_eq!(usage(&client).await.status, 200, "{effect}");
        }
        assert_eq!(usage(&client).await.status, 400, "{effect}");
    }
}
