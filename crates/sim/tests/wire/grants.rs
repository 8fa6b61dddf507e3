//! `kms:ListGrants` and `kms:GetKeyPolicy`.

use serde_json::{Value, json};

use crate::request::{Client, scanner};

const NOW: f64 = 1_795_226_400.0;
const DAY: f64 = 86_400.0;
const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1", "cn-north-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "granted"
    aliases = ["alias/granted"]
    policy = '{"Version": "2012-10-17"}'
    [[account.key.grant]]
    grantee = "arn:aws:iam::111111111111:role/etl"
    id = "grant-1"
    name = "etl"
    created = "10d"
    operations = ["Decrypt"]
    retiring = "arn:aws:iam::111111111111:role/admin"
    [[account.key.grant]]
    grantee = "rds.amazonaws.com"
    id = "grant-2"
    created = "20d"
    [[account.key.grant]]
    grantee_service = "dynamodb.amazonaws.com"
    [[account.key]]
    region = "eu-west-1"
    id = "plain"
    state = "PendingDeletion"
    [[account.key]]
    region = "cn-north-1"
    id = "beijing"
"#;

async fn grants(client: &Client, input: Value) -> Value {
    client.kms("ListGrants", input).await.json()
}

#[tokio::test]
async fn grants_are_listed_oldest_first_with_their_grantees() {
    let client = scanner(WORLD);
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/granted";
    for name in ["granted", arn] {
        let listed = grants(&client, json!({"KeyId": name})).await;
        assert_eq!(listed["Truncated"], false);
        let [service, rds, role] = listed["Grants"].as_array().unwrap().as_slice() else {
            panic!("{listed}");
        };
        assert_eq!(
            *role,
            json!({
                "KeyId": arn,
                "GrantId": "grant-1",
                "Name": "etl",
                "CreationDate": NOW - 10.0 * DAY,
                "GranteePrincipal": "arn:aws:iam::111111111111:role/etl",
                "RetiringPrincipal": "arn:aws:iam::111111111111:role/admin",
                "IssuingAccount": "arn:aws:iam::111111111111:root",
                "Operations": ["Decrypt"],
            })
        );
        assert_eq!(rds["GranteePrincipal"], "rds.amazonaws.com");
        assert!(rds.get("RetiringPrincipal").is_none());
        assert_eq!(service["GranteeServicePrincipal"], "dynamodb.amazonaws.com");
        assert!(service.get("GranteePrincipal").is_none());
        assert_eq!(service["GrantId"].as_str().unwrap().len(), 64);
    }
    let none = grants(&client, json!({"KeyId": "plain"})).await;
    assert_eq!(none, json!({"Grants": [], "Truncated": false}));
}

#[tokio::test]
async fn grants_come_in_pages_and_can_be_asked_for_by_id_or_grantee() {
    let client = scanner(WORLD);
    let first = grants(&client, json!({"KeyId": "granted", "Limit": 2})).await;
    assert_eq!(first["Truncated"], true);
    let input = json!({"KeyId": "granted", "Limit": 2, "Marker": first["NextMarker"]});
    let rest = grants(&client, input).await;
    assert_eq!(rest["Grants"][0]["GrantId"], "grant-1");
    for (name, value) in [
        ("GrantId", "grant-2"),
        ("GranteePrincipal", "rds.amazonaws.com"),
    ] {
        let only = grants(&client, json!({"KeyId": "granted", name: value})).await;
        assert_eq!(only["Grants"].as_array().unwrap().len(), 1);
        assert_eq!(only["Grants"][0]["GrantId"], "grant-2");
    }
}

#[tokio::test]
async fn the_policy_of_a_key_is_the_worlds_or_the_one_that_aws_gives() {
    let client = scanner(WORLD);
    let input = json!({"KeyId": "granted", "PolicyName": "default"});
    let given = client.kms("GetKeyPolicy", input).await.json();
    assert_eq!(
        given,
        json!({"Policy": "{\"Version\": \"2012-10-17\"}", "PolicyName": "default"})
    );
    for (client, key, root) in [
        (client.clone(), "plain", "arn:aws:iam::111111111111:root"),
        (
            client.in_region("cn-north-1"),
            "beijing",
            "arn:aws-cn:iam::111111111111:root",
        ),
    ] {
        let answer = client
            .kms("GetKeyPolicy", json!({"KeyId": key}))
            .await
            .json();
        let policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
        let statement = &policy["Statement"][0];
        assert_eq!(statement["Principal"]["AWS"], root);
        assert_eq!(statement["Action"], "kms:*");
    }
}

#[tokio::test]
async fn what_cannot_be_told_says_why() {
    let client = scanner(WORLD);
    for (operation, input, code) in [
        ("ListGrants", json!({"KeyId": "none"}), "NotFoundException"),
        (
            "ListGrants",
            json!({"KeyId": "alias/granted"}),
            "NotFoundException",
        ),
        ("ListGrants", json!({}), "ValidationException"),
        (
            "ListGrants",
            json!({"KeyId": "granted", "Limit": 101}),
            "ValidationException",
        ),
        (
            "ListGrants",
            json!({"KeyId": "granted", "Marker": "x"}),
            "InvalidMarkerException",
        ),
        (
            "GetKeyPolicy",
            json!({"KeyId": "none"}),
            "NotFoundException",
        ),
        (
            "GetKeyPolicy",
            json!({"KeyId": "granted", "PolicyName": "AWS_RAM"}),
            "NotFoundException",
        ),
    ] {
        let answer = client.kms(operation, input.clone()).await;
        assert_eq!(
            answer.failure(),
            (400, code.to_owned()),
            "{operation} {input}"
        );
    }
    for operation in ["ListGrants", "GetKeyPolicy"] {
        for (rule, code) in [
            ("[[fault]]\neffect = \"vanish\"", "NotFoundException"),
            ("[[refuse]]", "AccessDeniedException"),
        ] {
            let client = scanner(&format!("{WORLD}\n{rule}\nkey = \"alias/granted\""));
            let answer = client.kms(operation, json!({"KeyId": "granted"})).await;
            assert_eq!(answer.failure(), (400, code.to_owned()), "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn grants_and_policies_have_quotas_of_their_own() {
    let client = scanner(&format!("quotas = true\n{WORLD}"));
    for (operation, rate) in [("ListGrants", 100), ("GetKeyPolicy", 1000)] {
        let input = json!({"KeyId": "plain"});
        for _ in 0..rate {
            let answer = client.kms(operation, input.clone()).await;
            assert_eq!(answer.status, 200);
        }
        let late = client.kms(operation, input).await;
        assert_eq!(late.failure(), (400, "ThrottlingException".to_owned()));
    }
}
