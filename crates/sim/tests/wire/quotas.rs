//! How many calls are allowed at once, and how the others are throttled.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::request::{Client, estate};

/// Makes a call and answers its HTTP status.
async fn status(client: &Client, operation: &str) -> u16 {
    client.call(operation).await.status
}

#[tokio::test(start_paused = true)]
async fn so_many_calls_of_an_operation_are_allowed_and_the_next_is_throttled() {
    for (operation, allowed, failure) in [
        ("cloudtrail:LookupEvents", 2, (400, "ThrottlingException")),
        ("ec2:DescribeVolumes", 100, (503, "RequestLimitExceeded")),
        ("events:PutEvents", 400, (400, "ThrottlingException")),
        ("iam:ListUsers", 50, (400, "Throttling")),
        ("kms:GetKeyLastUsage", 5, (400, "ThrottlingException")),
        ("kms:GetKeyPolicy", 1000, (400, "ThrottlingException")),
        ("kms:ListGrants", 100, (400, "ThrottlingException")),
        ("kms:ListKeyRotations", 100, (400, "ThrottlingException")),
        (
            "organizations:ListAccounts",
            12,
            (400, "TooManyRequestsException"),
        ),
        (
            "securityhub:BatchImportFindings",
            30,
            (429, "LimitExceededException"),
        ),
        ("sns:Publish", 300, (400, "Throttling")),
        ("sts:GetCallerIdentity", 600, (400, "Throttling")),
    ] {
        let client = estate("quotas = true");
        for _ in 0..allowed {
            assert_eq!(status(&client, operation).await, 200, "{operation}");
        }
        let next = client.call(operation).await;
        assert_eq!(
            next.failure(),
            (failure.0, failure.1.to_owned()),
            "{operation}"
        );
        let calls = client.simulator.calls();
        assert_eq!(
            (calls.sent(operation), calls.throttled(operation)),
            (allowed + 1, 1)
        );
        // What is throttled does nothing.
        let written = client.simulator.messages().len() + client.simulator.events().len();
        assert!(written == 0 || written as u64 == allowed, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_allowance_refills_by_the_second() {
    for (operation, refills_ms) in [
        ("cloudtrail:LookupEvents", 500),
        ("ec2:DescribeVolumes", 50),
        ("iam:ListUsers", 40),
        ("kms:GetKeyLastUsage", 200),
    ] {
        let client = estate("quotas = true");
        while status(&client, operation).await == 200 {}
        sleep(Duration::from_millis(refills_ms)).await;
        let then = [
            status(&client, operation).await,
            status(&client, operation).await,
        ];
        assert!(then[0] == 200 && then[1] >= 400, "{operation}: {then:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_allowance_is_of_an_operation_an_account_and_a_region_but_one_for_all_of_iam() {
    let client = estate("quotas = true");
    let member = client.enter("222222222222").await;
    for (operation, apart) in [
        ("ec2:DescribeVolumes", "ec2:DescribeSnapshots"),
        ("cloudtrail:LookupEvents", "kms:ListKeys"),
        ("kms:GetKeyLastUsage", "kms:DescribeKey"),
    ] {
        while status(&client, operation).await == 200 {}
        assert_eq!(status(&client, apart).await, 200, "{apart}");
    }
    let elsewhere = client.in_region("us-east-1");
    assert_eq!(status(&elsewhere, "cloudtrail:LookupEvents").await, 200);

    while status(&client, "iam:ListUsers").await == 200 {}
    let late = client.call("iam:GetAccessKeyLastUsed").await;
    assert_eq!(late.failure(), (400, "Throttling".to_owned()));
    assert_eq!(late.element("Message"), "Rate exceeded");
    assert_eq!(status(&member, "iam:ListUsers").await, 200);
    let calls = client.simulator.calls();
    let (own, here) = (Some("111111111111"), Some("eu-west-1"));
    assert_eq!(calls.count("kms:GetKeyLastUsage", own, here).sent, 6);
}

#[tokio::test]
async fn a_refusal_with_the_code_of_a_throttle_is_counted_as_one() {
    let slow = estate("[[refuse]]\noperation = \"s3:*\"\ncode = \"SlowDown\"");
    let answer = slow.call("s3:GetObject").await;
    assert_eq!(answer.failure(), (503, "SlowDown".to_owned()));
    assert_eq!(slow.simulator.calls().throttled("s3:GetObject"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_as_long_as_the_world_says() {
    let client = estate("latency_ms = 40");
    let start = Instant::now();
    client.call("sts:GetCallerIdentity").await;
    assert_eq!(start.elapsed().as_millis(), 40);
}
