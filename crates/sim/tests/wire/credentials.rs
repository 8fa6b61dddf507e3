use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::request::scanner;

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1"]
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1"]
    session_seconds = 900
"#;

#[tokio::test(start_paused = true)]
async fn a_session_ends_when_its_time_is_over() {
    let member = scanner(WORLD).enter("222222222222").await;
    tokio::time::sleep(Duration::from_secs(899)).await;
    assert_eq!(member.kms("ListKeys", json!({})).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = member.kms("ListKeys", json!({})).await;
    assert_eq!(late.failure(), (400, "ExpiredTokenException".to_owned()));
    let late = member.query("sts", "GetCallerIdentity", &[]).await;
    assert_eq!(late.failure(), (403, "ExpiredToken".to_owned()));
}

#[tokio::test]
async fn an_access_key_nobody_has_is_refused_in_each_services_words() {
    let mut stranger = scanner(WORLD);
    stranger.access_key = "AKIASTRANGER00000000".to_owned();
    let unknown = (400, "UnrecognizedClientException".to_owned());
    assert_eq!(stranger.kms("ListKeys", json!({})).await.failure(), unknown);
    assert_eq!(
        stranger
            .organizations("ListAccounts", json!({}))
            .await
            .failure(),
        unknown
    );
    let invalid = (403, "InvalidClientTokenId".to_owned());
    assert_eq!(
        stranger
            .query("sts", "GetCallerIdentity", &[])
            .await
            .failure(),
        invalid
    );
    let missing = (403, "InvalidAccessKeyId".to_owned());
    assert_eq!(
        stranger.s3("GET", "/reports/a", &[], "").await.failure(),
        missing
    );
}

#[tokio::test]
async fn a_session_without_its_token_is_refused() {
    let mut member = scanner(WORLD).enter("222222222222").await;
    member.token = None;
    let answer = member.kms("ListKeys", json!({})).await;
    assert_eq!(
        answer.failure(),
        (400, "UnrecognizedClientException".to_owned())
    );
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused_in_the_protocol_it_speaks() {
    let client = scanner(WORLD);
    for (target, body, status, code) in [
        (
            "TrentService.ListKeys",
            "{}",
            400,
            "MissingAuthenticationTokenException",
        ),
        (
            "AWSEvents.PutEvents",
            "{}",
            400,
            "MissingAuthenticationTokenException",
        ),
        (
            "",
            "Action=GetCallerIdentity",
            403,
            "MissingAuthenticationToken",
        ),
    ] {
        let mut request = Request::post("http://127.0.0.1/");
        if !target.is_empty() {
            request = request.header("x-amz-target", target);
        }
        let answer = client
            .raw(request.body(Bytes::from_static(body.as_bytes())).unwrap())
            .await;
        assert_eq!(answer.failure(), (status, code.to_owned()));
    }
}

#[tokio::test]
async fn every_answer_carries_a_request_id_of_its_own() {
    let client = scanner(WORLD);
    let first = client.kms("ListKeys", json!({})).await;
    let second = client.kms("DescribeKey", json!({"KeyId": "nope"})).await;
    assert_eq!(first.header("x-amzn-requestid").len(), 36);
    assert_ne!(
        first.header("x-amzn-requestid"),
        second.header("x-amzn-requestid")
    );
    let s3 = client.s3("HEAD", "/nope", &[], "").await;
    assert!(!s3.header("x-amz-request-id").is_empty());
}
