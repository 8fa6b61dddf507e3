//! Operations that change keys, which a simulator knows only when it is told to.

use serde_json::{Value, json};

use crate::request::{Client, administrator, scanner};

const NOW: f64 = 1_795_226_400.0;
const DAY: f64 = 86_400.0;
const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "old"
    aliases = ["alias/old"]
    [[account.key]]
    region = "eu-west-1"
    id = "primary"
    multi_region = "PRIMARY"
    multi_region_replicas = ["us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "awss"
    manager = "AWS"
    [[account.user]]
    name = "bot"
    [[account.user.access_key]]
    id = "AKIABOT0000000000001"
    [[account.user.access_key]]
    id = "AKIABOT0000000000002"
    [[account.user]]
    name = "web"
"#;

async fn metadata(client: &Client, key: &str) -> Value {
    let answer = client.kms("DescribeKey", json!({"KeyId": key})).await;
    answer.json()["KeyMetadata"].clone()
}

async fn change(client: &Client, operation: &str, key: &str) -> (u16, String) {
    let answer = client.kms(operation, json!({"KeyId": key})).await;
    match answer.status {
        200 => (200, answer.text().to_owned()),
        _ => answer.failure(),
    }
}

#[tokio::test]
async fn a_simulator_knows_no_change_unless_it_was_told_to() {
    let client = scanner(WORLD);
    for operation in [
        "DisableKey",
        "EnableKey",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
    ] {
        assert_eq!(change(&client, operation, "old").await.0, 501);
    }
    for operation in ["UpdateAccessKey", "DeleteAccessKey"] {
        assert_eq!(client.query("iam", operation, &[]).await.status, 501);
    }
    assert_eq!(metadata(&client, "old").await["KeyState"], "Enabled");
    assert_eq!(client.simulator.unknown_operations().len(), 6);
    // Its last handle would panic over them.
    std::mem::forget(client);
}

#[tokio::test]
async fn a_key_is_disabled_and_enabled_again() {
    let client = administrator(WORLD);
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/old";
    for (operation, key, state) in [
        ("DisableKey", "old", "Disabled"),
        ("DisableKey", arn, "Disabled"),
        ("EnableKey", "old", "Enabled"),
    ] {
        let done = change(&client, operation, key).await;
        assert_eq!(done, (200, String::new()));
        let told = metadata(&client, "alias/old").await;
        assert_eq!(told["KeyState"], state);
        assert_eq!(told["Enabled"], state == "Enabled");
    }
}

#[tokio::test]
async fn a_deletion_is_scheduled_and_canceled_which_leaves_the_key_disabled() {
    let client = administrator(WORLD);
    let input = json!({"KeyId": "old", "PendingWindowInDays": 7});
    let told = client.kms("ScheduleKeyDeletion", input).await.json();
    let date = told["DeletionDate"].as_f64().unwrap();
    assert!((NOW + 7.0 * DAY..NOW + 7.0 * DAY + 60.0).contains(&date));
    assert_eq!(told["KeyState"], "PendingDeletion");
    assert_eq!(told["PendingWindowInDays"], 7);
    assert_eq!(metadata(&client, "old").await["DeletionDate"], date);
    for operation in ["DisableKey", "EnableKey", "ScheduleKeyDeletion"] {
        let refused = change(&client, operation, "old").await;
        assert_eq!(refused, (400, "KMSInvalidStateException".to_owned()));
    }
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/old";
    let canceled = client.kms("CancelKeyDeletion", json!({"KeyId": arn})).await;
    assert_eq!(canceled.json(), json!({"KeyId": arn}));
    let told = metadata(&client, "old").await;
    assert_eq!(told["KeyState"], "Disabled");
    assert!(told.get("DeletionDate").is_none());
    let again = change(&client, "CancelKeyDeletion", "old").await;
    assert_eq!(again, (400, "KMSInvalidStateException".to_owned()));
}

#[tokio::test]
async fn a_primary_waits_for_its_replicas_without_a_date() {
    let client = administrator(WORLD);
    let input = json!({"KeyId": "primary", "PendingWindowInDays": 12});
    let told = client.kms("ScheduleKeyDeletion", input).await.json();
    assert_eq!(told["KeyState"], "PendingReplicaDeletion");
    assert!(told.get("DeletionDate").is_none());
    let told = metadata(&client, "primary").await;
    assert_eq!(told["PendingDeletionWindowInDays"], 12);
    assert!(told.get("DeletionDate").is_none());
}

#[tokio::test]
async fn a_waiting_period_is_a_week_to_thirty_days_and_thirty_by_itself() {
    let client = administrator(WORLD);
    for days in [1, 6, 31] {
        let input = json!({"KeyId": "old", "PendingWindowInDays": days});
        let refused = client.kms("ScheduleKeyDeletion", input).await;
        assert_eq!(
            refused.failure(),
            (400, "ValidationException".to_owned()),
            "{days}"
        );
    }
    let input = json!({"KeyId": "old"});
    let told = client.kms("ScheduleKeyDeletion", input).await.json();
    assert_eq!(told["PendingWindowInDays"], 30);
}

#[tokio::test]
async fn keys_that_aws_manages_or_that_nobody_knows_are_not_changed() {
    let client = administrator(WORLD);
    for (key, code) in [
        ("awss", "AccessDeniedException"),
        ("none", "NotFoundException"),
        ("alias/old", "NotFoundException"),
    ] {
        let refused = change(&client, "DisableKey", key).await;
        assert_eq!(refused, (400, code.to_owned()), "{key}");
    }
}

#[tokio::test]
async fn an_access_key_is_switched_off_and_deleted() {
    let client = administrator(WORLD);
    let fields = |status| {
        [
            ("UserName", "bot"),
            ("AccessKeyId", "AKIABOT0000000000001"),
            ("Status", status),
        ]
    };
    let done = client
        .query("iam", "UpdateAccessKey", &fields("Inactive"))
        .await;
    assert_eq!(done.status, 200);
    assert!(
        done.text().starts_with(
            "<UpdateAccessKeyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>"
        ),
        "{}",
        done.text()
    );
    let keys = [("UserName", "bot")];
    let listed = client.query("iam", "ListAccessKeys", &keys).await;
    assert_eq!(listed.elements("Status"), ["Inactive", "Active"]);

    let fields = &fields("")[..2];
    let deleted = client.query("iam", "DeleteAccessKey", fields).await;
    assert_eq!(deleted.status, 200);
    let listed = client.query("iam", "ListAccessKeys", &keys).await;
    assert_eq!(listed.elements("AccessKeyId"), ["AKIABOT0000000000002"]);
    let used = client
        .query("iam", "GetAccessKeyLastUsed", &fields[1..])
        .await;
    assert_eq!(used.failure(), (403, "AccessDenied".to_owned()));
    let again = client.query("iam", "DeleteAccessKey", fields).await;
    assert_eq!(again.failure(), (404, "NoSuchEntity".to_owned()));
}

#[tokio::test]
async fn a_change_of_an_access_key_must_name_its_user_and_a_status() {
    let client = administrator(WORLD);
    for (user, key, status, code) in [
        (
            "nobody",
            "AKIABOT0000000000001",
            "Inactive",
            (404, "NoSuchEntity"),
        ),
        (
            "web",
            "AKIABOT0000000000001",
            "Inactive",
            (404, "NoSuchEntity"),
        ),
        (
            "bot",
            "AKIABOT0000000000001",
            "Off",
            (400, "ValidationError"),
        ),
        (
            "",
            "AKIABOT0000000000001",
            "Inactive",
            (400, "ValidationError"),
        ),
    ] {
        let fields = [("UserName", user), ("AccessKeyId", key), ("Status", status)];
        let answer = client.query("iam", "UpdateAccessKey", &fields).await;
        assert_eq!(answer.failure(), (code.0, code.1.to_owned()), "{user}");
    }
}
