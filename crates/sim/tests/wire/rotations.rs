//! `kms:ListKeyRotations`.

use serde_json::{Value, json};

use crate::request::{Client, scanner};

const NOW: f64 = 1_795_226_400.0;
const DAY: f64 = 86_400.0;
const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    regions = ["eu-west-1"]
    [[account.key]]
    region = "eu-west-1"
    id = "rotated"
    aliases = ["alias/payments"]
    created = "1200d"
    rotations = ["800d", "-5d", "35d", "2025-10-17T02:00:00Z"]
    [[account.key]]
    region = "eu-west-1"
    id = "young"
    [[account.key]]
    region = "eu-west-1"
    id = "imported"
    origin = "EXTERNAL"
    state = "PendingDeletion"
    rotations = ["10d"]
    [[account.key]]
    region = "eu-west-1"
    id = "signing"
    spec = "ECC_NIST_P256"
    usage = "SIGN_VERIFY"
    [[account.key]]
    region = "eu-west-1"
    id = "hmac"
    spec = "HMAC_256"
    usage = "GENERATE_VERIFY_MAC"
"#;

async fn rotations(client: &Client, input: Value) -> Value {
    client.kms("ListKeyRotations", input).await.json()
}

#[tokio::test]
async fn completed_rotations_are_listed_oldest_first() {
    let client = scanner(WORLD);
    let rotation = |age: f64| json!({"KeyId": "rotated", "RotationDate": NOW - age * DAY, "RotationType": "AUTOMATIC"});
    let arn = "arn:aws:kms:eu-west-1:111111111111:key/rotated";
    for name in ["rotated", arn] {
        assert_eq!(
            rotations(&client, json!({"KeyId": name})).await,
            json!({
                "Rotations": [rotation(800.0), rotation(400.0), rotation(35.0)],
                "Truncated": false,
            })
        );
    }
    let none = rotations(&client, json!({"KeyId": "young"})).await;
    assert_eq!(none, json!({"Rotations": [], "Truncated": false}));
}

#[tokio::test]
async fn imported_material_is_rotated_on_demand_and_a_key_about_to_be_deleted_still_tells_of_it() {
    let listed = rotations(&scanner(WORLD), json!({"KeyId": "imported"})).await;
    assert_eq!(listed["Rotations"][0]["RotationType"], "ON_DEMAND");
}

#[tokio::test]
async fn rotations_are_listed_in_pages() {
    let client = scanner(WORLD);
    let input = json!({"KeyId": "rotated", "Limit": 2});
    let first = rotations(&client, input).await;
    assert_eq!(first["Truncated"], true);
    assert_eq!(first["Rotations"].as_array().unwrap().len(), 2);
    let input = json!({"KeyId": "rotated", "Limit": 2, "Marker": first["NextMarker"]});
    let rest = rotations(&client, input).await;
    assert_eq!(rest["Truncated"], false);
    assert_eq!(rest["Rotations"][0]["RotationDate"], NOW - 35.0 * DAY);
    assert!(rest.get("NextMarker").is_none());
}

#[tokio::test]
async fn a_key_whose_rotations_cannot_be_listed_says_why() {
    let client = scanner(WORLD);
    for (input, code) in [
        (json!({"KeyId": "signing"}), "UnsupportedOperationException"),
        (json!({"KeyId": "hmac"}), "UnsupportedOperationException"),
        (json!({"KeyId": "none"}), "NotFoundException"),
        (json!({"KeyId": "alias/payments"}), "NotFoundException"),
        (
            json!({"KeyId": "arn:aws:kms:eu-west-1:111111111111:alias/payments"}),
            "InvalidArnException",
        ),
        (
            json!({"KeyId": "rotated", "Marker": "x"}),
            "InvalidMarkerException",
        ),
        (
            json!({"KeyId": "rotated", "Limit": 1001}),
            "ValidationException",
        ),
        (json!({}), "ValidationException"),
    ] {
        let answer = client.kms("ListKeyRotations", input.clone()).await;
        assert_eq!(answer.failure(), (400, code.to_owned()), "{input}");
    }
}

#[tokio::test]
async fn a_listing_of_rotations_goes_wrong_as_other_listings_do() {
    let fault = "[[fault]]\neffect = \"empty_page\"\noperation = \"kms:ListKeyRotations\"";
    let client = scanner(&format!("{WORLD}\n{fault}"));
    let empty = rotations(&client, json!({"KeyId": "rotated"})).await;
    assert_eq!(
        (&empty["Rotations"], &empty["Truncated"]),
        (&json!([]), &json!(true))
    );
    let input = json!({"KeyId": "rotated", "Marker": empty["NextMarker"]});
    let promised = rotations(&client, input).await;
    assert_eq!(promised["Rotations"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_refusal_of_rotations_leaves_the_key_readable() {
    let refusal = "[[refuse]]\noperation = \"kms:ListKeyRotations\"\nkey = \"alias/payments\"";
    let client = scanner(&format!("{WORLD}\n{refusal}"));
    let input = json!({"KeyId": "rotated"});
    let denied = client.kms("ListKeyRotations", input.clone()).await;
    assert_eq!(denied.failure(), (400, "AccessDeniedException".to_owned()));
    assert_eq!(client.kms("DescribeKey", input).await.status, 200);
}
