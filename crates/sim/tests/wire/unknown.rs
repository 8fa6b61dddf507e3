use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use crate::request::estate;

#[tokio::test]
async fn an_unknown_operation_is_answered_501_and_fails_the_test_at_the_end() {
    let client = estate("");
    let answer = client.kms("CreateKey", json!({})).await;
    assert_eq!(
        answer.failure(),
        (501, "UnknownOperationException".to_owned())
    );
    client.kms("CreateKey", json!({})).await;
    client
        .send("ec2", "POST", "/", &[], "Action=DescribeRegions")
        .await;
    client.s3("DELETE", "/reports/a", &[], "").await;
    // Changes of keys are known only to a simulator that allows them.
    for change in ["iam:UpdateAccessKey", "iam:DeleteAccessKey"] {
        assert_eq!(client.call(change).await.status, 501);
    }
    let unknown = [
        "kms:CreateKey",
        "ec2:DescribeRegions",
        "s3:DeleteObject",
        "iam:UpdateAccessKey",
        "iam:DeleteAccessKey",
    ];
    assert_eq!(client.simulator.unknown_operations(), unknown);

    let copy = client.simulator.clone();
    drop(client);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(copy))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(
        unknown.iter().all(|name| message.contains(name)),
        "{message}"
    );
}

#[tokio::test]
async fn known_operations_alone_end_quietly() {
    let client = estate("");
    client.kms("ListKeys", json!({})).await;
    assert!(client.simulator.unknown_operations().is_empty());
}
