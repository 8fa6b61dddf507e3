//! What services answer when a fault strikes.

use serde_json::json;

use crate::request::{Answer, Client, scanner};

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "aaaaaaaa-0000-4000-8000-000000000001"
    aliases = ["alias/payments"]
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1"]
    [[bucket]]
    name = "reports"
    region = "eu-west-1"
    [[topic]]
    arn = "arn:aws:sns:eu-west-1:111111111111:keycensus"
"#;

const KEY: &str = "aaaaaaaa-0000-4000-8000-000000000001";

/// The scanner of a world with one fault.
fn client(fault: &str) -> Client {
    scanner(&format!("{WORLD}\n[[fault]]\n{fault}"))
}

async fn usage(client: &Client) -> Answer {
    client.kms("GetKeyLastUsage", json!({"KeyId": KEY})).await
}

#[tokio::test]
async fn each_service_fails_at_its_door_in_its_own_words() {
    for (effect, kms, organizations, account, iam, sts, s3, sns, events) in [
        (
            "throttle",
            (400, "ThrottlingException"),
            (400, "TooManyRequestsException"),
            (429, "TooManyRequestsException"),
            (400, "Throttling"),
            (400, "Throttling"),
            (503, "SlowDown"),
            (400, "Throttling"),
            (400, "ThrottlingException"),
        ),
        (
            "internal_error",
            (500, "KMSInternalException"),
            (500, "ServiceException"),
            (500, "InternalServerException"),
            (500, "ServiceFailure"),
            (500, "InternalFailure"),
            (500, "InternalError"),
            (500, "InternalError"),
            (500, "InternalException"),
        ),
        (
            "unavailable",
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
            (503, "ServiceUnavailable"),
        ),
        (
            "expired_credentials",
            (400, "ExpiredTokenException"),
            (400, "ExpiredTokenException"),
            (403, "ExpiredTokenException"),
            (403, "ExpiredToken"),
            (403, "ExpiredToken"),
            (400, "ExpiredToken"),
            (403, "ExpiredToken"),
            (400, "ExpiredTokenException"),
        ),
        (
            "not_yet_valid_credentials",
            (400, "InvalidSignatureException"),
            (400, "InvalidSignatureException"),
            (403, "InvalidSignatureException"),
            (403, "SignatureDoesNotMatch"),
            (403, "SignatureDoesNotMatch"),
            (403, "RequestTimeTooSkewed"),
            (403, "SignatureDoesNotMatch"),
            (400, "InvalidSignatureException"),
        ),
        (
            "access_denied",
            (400, "AccessDeniedException"),
            (400, "AccessDeniedException"),
            (403, "AccessDeniedException"),
            (403, "AccessDenied"),
            (403, "AccessDenied"),
            (403, "AccessDenied"),
            (403, "AuthorizationError"),
            (400, "AccessDeniedException"),
        ),
        (
            "region_not_enabled",
            (400, "UnrecognizedClientException"),
            (400, "UnrecognizedClientException"),
            (403, "UnrecognizedClientException"),
            (403, "InvalidClientTokenId"),
            (403, "InvalidClientTokenId"),
            (400, "InvalidToken"),
            (403, "InvalidClientTokenId"),
            (400, "UnrecognizedClientException"),
        ),
    ] {
        let client = client(&format!("effect = \"{effect}\""));
        let topic = [("TopicArn", "arn:aws:sns:eu-west-1:111111111111:keycensus")];
        for (answer, (status, code)) in [
            (client.kms("ListKeys", json!({})).await, kms),
            (
                client.organizations("ListAccounts", json!({})).await,
                organizations,
            ),
            (client.list_regions(json!({})).await, account),
            (client.query("iam", "ListUsers", &[]).await, iam),
            (client.query("sts", "GetCallerIdentity", &[]).await, sts),
            (client.s3("GET", "/reports/a", &[], "").await, s3),
            (client.query("sns", "Publish", &topic).await, sns),
            (client.put_events(json!([])).await, events),
        ] {
            assert_eq!(answer.failure(), (status, code.to_owned()), "{effect}");
        }
        let log = client.simulator.log();
        assert!(log.iter().all(|call| call.fault == Some(effect)), "{log:?}");
        let throttled = u64::from(effect == "throttle") * 8;
        assert_eq!(client.simulator.calls().total().throttled, throttled);
        assert_eq!(client.simulator.calls().total().sent, 8);
    }
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
async fn only_the_nth_matching_call_fails_and_the_next_is_right_again() {
    let client =
        client("operation = \"kms:GetKeyLastUsage\"\neffect = \"internal_error\"\nnth = 2");
    let mut found = Vec::new();
    for _ in 0..3 {
        // Another operation is no matching call.
        assert_eq!(client.kms("ListKeys", json!({})).await.status, 200);
        found.push(usage(&client).await.status);
    }
    assert_eq!(found, [200, 500, 200]);
}

#[tokio::test]
async fn a_fault_of_one_account_or_region_leaves_the_others_alone() {
    let client =
        client("account = \"222222222222\"\neffect = \"unavailable\"\noperation = \"kms:*\"");
    let member = client.enter("222222222222").await;
    assert_eq!(member.kms("ListKeys", json!({})).await.status, 503);
    assert_eq!(client.kms("ListKeys", json!({})).await.status, 200);

    let client = self::client("region = \"us-east-1\"\neffect = \"unavailable\"");
    let elsewhere = client.in_region("us-east-1");
    assert_eq!(elsewhere.kms("ListKeys", json!({})).await.status, 503);
    assert_eq!(client.kms("ListKeys", json!({})).await.status, 200);
}

#[tokio::test]
async fn the_account_of_an_assumed_role_is_the_roles() {
    let client = client("account = \"222222222222\"\neffect = \"access_denied\"\nfirst = 1");
    let denied = client.assume("222222222222", "KeycensusReader", &[]).await;
    assert_eq!(denied.failure(), (403, "AccessDenied".to_owned()));
    client.enter("222222222222").await;
}

#[tokio::test]
async fn a_key_vanishes_between_listing_and_reading() {
    let client = client("key = \"alias/payments\"\neffect = \"vanish\"");
    let listed = client.kms("ListKeys", json!({})).await.json();
    assert_eq!(listed["Keys"][0]["KeyId"], KEY);
    for operation in [
        "DescribeKey",
        "GetKeyLastUsage",
        "ListResourceTags",
        "ListKeyRotations",
    ] {
        let answer = client.kms(operation, json!({"KeyId": KEY})).await;
        assert_eq!(answer.failure(), (400, "NotFoundException".to_owned()));
        assert_eq!(
            answer.json()["message"],
            format!("Key 'arn:aws:kms:eu-west-1:111111111111:key/{KEY}' does not exist")
        );
    }
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
    let right = usage(&scanner(WORLD)).await;
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
        let client = scanner(&format!("quotas = true\n{WORLD}\n[[fault]]\n{fault}"));
        for _ in 0..2 {
            assert_ne!(usage(&client).await.status, 200);
        }
        for _ in 0..left {
            assert_eq!(usage(&client).await.status, 200, "{effect}");
        }
        assert_eq!(usage(&client).await.status, 400, "{effect}");
    }
}

#[tokio::test]
async fn a_rule_about_a_resource_strikes_calls_about_no_other() {
    let client =
        client("effect = \"access_denied\"\noperation = \"s3:PutObject\"\nresource = \"a.csv\"");
    let put = async |path: &str| client.s3("PUT", path, &[], "hello").await.status;
    assert_eq!(put("/reports/a.csv").await, 403);
    assert_eq!(put("/reports/b.csv").await, 200);
}

#[tokio::test]
async fn a_write_that_conflicts_with_another_does_nothing() {
    let client = client("effect = \"write_conflict\"\noperation = \"s3:PutObject\"\nnth = 1");
    let put = client.s3("PUT", "/reports/a.json", &[], "hello").await;
    assert_eq!(
        put.failure(),
        (409, "ConditionalRequestConflict".to_owned())
    );
    assert_eq!(client.simulator.object("reports", "a.json"), None);
}

#[tokio::test]
async fn a_write_of_an_object_that_was_deleted_is_not_found_where_it_has_a_condition() {
    for condition in [
        ("if-match", "\"5d41402abc4b2a76b9719d911017c592\""),
        ("if-none-match", "*"),
    ] {
        let client = client("effect = \"deleted_first\"\noperation = \"s3:PutObject\"\nnth = 2");
        client.s3("PUT", "/reports/a.json", &[], "hello").await;
        let put = client
            .s3("PUT", "/reports/a.json", &[condition], "bye")
            .await;
        assert_eq!(put.failure(), (404, "NoSuchKey".to_owned()));
        assert_eq!(client.simulator.object("reports", "a.json"), None);
        let again = client.s3("PUT", "/reports/a.json", &[], "bye").await;
        assert_eq!(again.status, 200);
    }
}

#[tokio::test]
async fn a_message_whose_id_is_not_told_is_published() {
    let client = client("effect = \"no_message_id\"\noperation = \"sns:Publish\"");
    let topic = "arn:aws:sns:eu-west-1:111111111111:keycensus";
    let form = [("TopicArn", topic), ("Message", "hello")];
    let answer = client.query("sns", "Publish", &form).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("MessageId"), "{}", answer.text());
    assert!(answer.text().contains("PublishResult"), "{}", answer.text());
    assert_eq!(client.simulator.messages().len(), 1);
}
