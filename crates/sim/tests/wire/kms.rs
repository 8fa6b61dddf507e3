use serde_json::json;

use crate::request::scanner;

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "aaaaaaaa-0000-4000-8000-000000000001"
    aliases = ["alias/payments", "alias/billing"]
    created = "400d"
    last_used = "12d"
    operation = "GenerateDataKey"
    tags = { owner = "payments", stage = "prod", cost = "1" }
    [[account.key]]
    region = "eu-west-1"
    id = "aaaaaaaa-0000-4000-8000-000000000002"
    created = "30d"
    state = "PendingDeletion"
    deletion_date = "-20d"
    [[account.key]]
    region = "eu-west-1"
    id = "mrk-00000000000000000000000000000003"
    aliases = ["alias/global"]
    multi_region = "REPLICA"
    multi_region_primary = "us-east-1"
    [[account.key]]
    region = "us-east-1"
    id = "mrk-00000000000000000000000000000003"
    multi_region = "PRIMARY"
    multi_region_replicas = ["eu-west-1"]
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "aaaaaaaa-0000-4000-8000-000000000009"
    manager = "AWS"
"#;

const FIRST: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const SECOND: &str = "aaaaaaaa-0000-4000-8000-000000000002";

#[tokio::test]
async fn keys_are_listed_in_pages() {
    let client = scanner(WORLD);
    let first = client.kms("ListKeys", json!({"Limit": 2})).await.json();
    assert_eq!(first["Truncated"], true);
    assert_eq!(first["Keys"][0]["KeyId"], FIRST);
    assert_eq!(
        first["Keys"][0]["KeyArn"],
        format!("arn:aws:kms:eu-west-1:111111111111:key/{FIRST}")
    );
    let second = client
        .kms(
            "ListKeys",
            json!({"Limit": 2, "Marker": first["NextMarker"]}),
        )
        .await
        .json();
    assert_eq!(second["Truncated"], false);
    assert_eq!(second["Keys"].as_array().unwrap().len(), 1);
    assert!(second.get("NextMarker").is_none());
    let wrong = client.kms("ListKeys", json!({"Marker": "x"})).await;
    assert_eq!(wrong.failure(), (400, "InvalidMarkerException".to_owned()));
}

#[tokio::test]
async fn aliases_are_listed_for_the_region_or_one_key() {
    let client = scanner(WORLD);
    let all = client.kms("ListAliases", json!({})).await.json();
    let names: Vec<_> = all["Aliases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alias| alias["AliasName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["alias/billing", "alias/global", "alias/payments"]);
    assert_eq!(
        all["Aliases"][0]["AliasArn"],
        "arn:aws:kms:eu-west-1:111111111111:alias/billing"
    );
    assert_eq!(all["Aliases"][0]["TargetKeyId"], FIRST);
    let one = client
        .kms("ListAliases", json!({"KeyId": FIRST, "Limit": 1}))
        .await
        .json();
    assert_eq!(
        (&one["Truncated"], one["Aliases"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
}

#[tokio::test]
async fn last_usage_is_told_in_epoch_seconds() {
    let client = scanner(WORLD);
    let usage = client
        .kms("GetKeyLastUsage", json!({"KeyId": FIRST}))
        .await
        .json();
    assert_eq!(usage["KeyLastUsage"]["Operation"], "GenerateDataKey");
    assert_eq!(
        usage["KeyLastUsage"]["Timestamp"],
        1_795_226_400.0 - 12.0 * 86_400.0
    );
    assert_eq!(usage["TrackingStartDate"], 1_776_902_400.0);
    assert_eq!(usage["KeyCreationDate"], 1_795_226_400.0 - 400.0 * 86_400.0);
}

#[tokio::test]
async fn a_key_without_recorded_use_has_an_empty_usage_and_is_tracked_since_its_creation() {
    let client = scanner(WORLD);
    let arn = format!("arn:aws:kms:eu-west-1:111111111111:key/{SECOND}");
    let usage = client
        .kms("GetKeyLastUsage", json!({"KeyId": arn}))
        .await
        .json();
    assert_eq!(usage["KeyLastUsage"], json!({}));
    assert_eq!(usage["TrackingStartDate"], usage["KeyCreationDate"]);
}

#[tokio::test]
async fn a_key_is_described_by_id_arn_and_alias() {
    let client = scanner(WORLD);
    let arn = format!("arn:aws:kms:eu-west-1:111111111111:key/{FIRST}");
    for name in [
        FIRST,
        &arn,
        "alias/billing",
        "arn:aws:kms:eu-west-1:111111111111:alias/payments",
    ] {
        let body = client
            .kms("DescribeKey", json!({"KeyId": name}))
            .await
            .json();
        let metadata = &body["KeyMetadata"];
        assert_eq!(metadata["KeyId"], FIRST, "{name}");
        assert_eq!(metadata["KeyManager"], "CUSTOMER");
        assert_eq!(metadata["Enabled"], true);
        assert_eq!(metadata["MultiRegion"], false);
        assert_eq!(
            metadata["EncryptionAlgorithms"],
            json!(["SYMMETRIC_DEFAULT"])
        );
    }
    let doomed = client
        .kms("DescribeKey", json!({"KeyId": SECOND}))
        .await
        .json();
    assert_eq!(doomed["KeyMetadata"]["KeyState"], "PendingDeletion");
    assert_eq!(
        doomed["KeyMetadata"]["DeletionDate"],
        1_795_226_400.0 + 20.0 * 86_400.0
    );
}

#[tokio::test]
async fn a_replica_names_its_primary_and_is_tracked_on_its_own() {
    let client = scanner(WORLD);
    let body = client
        .kms("DescribeKey", json!({"KeyId": "alias/global"}))
        .await
        .json();
    let arn = |region| {
        format!("arn:aws:kms:{region}:111111111111:key/mrk-00000000000000000000000000000003")
    };
    assert_eq!(
        body["KeyMetadata"]["MultiRegionConfiguration"],
        json!({
            "MultiRegionKeyType": "REPLICA",
            "PrimaryKey": {"Arn": arn("us-east-1"), "Region": "us-east-1"},
            "ReplicaKeys": [{"Arn": arn("eu-west-1"), "Region": "eu-west-1"}],
        })
    );
}

#[tokio::test]
async fn tags_are_listed_in_pages() {
    let client = scanner(WORLD);
    let first = client
        .kms("ListResourceTags", json!({"KeyId": FIRST, "Limit": 2}))
        .await
        .json();
    assert_eq!(
        first["Tags"],
        json!([{"TagKey": "cost", "TagValue": "1"}, {"TagKey": "owner", "TagValue": "payments"}])
    );
    let rest = client
        .kms(
            "ListResourceTags",
            json!({"KeyId": FIRST, "Marker": first["NextMarker"]}),
        )
        .await
        .json();
    assert_eq!(
        rest["Tags"],
        json!([{"TagKey": "stage", "TagValue": "prod"}])
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_found_says_why() {
    let client = scanner(WORLD);
    let foreign = "arn:aws:kms:eu-west-1:222222222222:key/aaaaaaaa-0000-4000-8000-000000000009";
    let elsewhere = format!("arn:aws:kms:us-east-1:111111111111:key/{FIRST}");
    for (operation, name, code) in [
        ("GetKeyLastUsage", "alias/payments", "NotFoundException"),
        (
            "GetKeyLastUsage",
            "arn:aws:kms:eu-west-1:111111111111:alias/payments",
            "InvalidArnException",
        ),
        ("GetKeyLastUsage", foreign, "AccessDeniedException"),
        ("GetKeyLastUsage", &elsewhere, "NotFoundException"),
        ("GetKeyLastUsage", "arn:nonsense", "InvalidArnException"),
        ("DescribeKey", "alias/none", "NotFoundException"),
        ("DescribeKey", "none", "NotFoundException"),
        ("DescribeKey", "", "ValidationException"),
    ] {
        let answer = client.kms(operation, json!({"KeyId": name})).await;
        assert_eq!(
            answer.failure(),
            (400, code.to_owned()),
            "{operation} {name}"
        );
    }
}

#[tokio::test]
async fn a_region_that_is_not_enabled_does_not_know_the_credentials() {
    let answer = scanner(WORLD)
        .in_region("ap-south-1")
        .kms("ListKeys", json!({}))
        .await;
    assert_eq!(
        answer.failure(),
        (400, "UnrecognizedClientException".to_owned())
    );
}

#[tokio::test]
async fn a_session_sees_the_keys_of_its_own_account_only() {
    let member = scanner(WORLD).enter("222222222222").await;
    let keys = member.kms("ListKeys", json!({})).await.json();
    assert_eq!(keys["Keys"].as_array().unwrap().len(), 1);
    let other = member.kms("DescribeKey", json!({"KeyId": FIRST})).await;
    assert_eq!(other.failure(), (400, "NotFoundException".to_owned()));
}

#[tokio::test]
async fn a_refusal_of_one_key_leaves_the_others_alone() {
    let refusal = "[[refuse]]\noperation = \"kms:GetKeyLastUsage\"\nkey = \"alias/payments\"";
    let client = scanner(&format!("{refusal}\n{}", WORLD.replacen("now", "# now", 1)));
    let denied = client.kms("GetKeyLastUsage", json!({"KeyId": FIRST})).await;
    assert_eq!(denied.failure(), (400, "AccessDeniedException".to_owned()));
    assert!(
        denied.json()["message"]
            .as_str()
            .unwrap()
            .contains(&format!("key/{FIRST}"))
    );
    assert_eq!(
        client
            .kms("GetKeyLastUsage", json!({"KeyId": SECOND}))
            .await
            .status,
        200
    );
    assert_eq!(
        client
            .kms("DescribeKey", json!({"KeyId": FIRST}))
            .await
            .status,
        200
    );
    let log = client.simulator.log();
    assert_eq!(
        (log[0].resource.as_str(), log[0].code.as_deref()),
        (FIRST, Some("AccessDeniedException"))
    );
}
