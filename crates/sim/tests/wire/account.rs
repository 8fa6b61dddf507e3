use serde_json::json;

use crate::request::scanner;

const WORLD: &str = r#"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1", "us-east-1", "eu-south-2"]
"#;

#[tokio::test]
async fn every_known_region_has_a_status() {
    let answer = scanner(WORLD)
        .enter("222222222222")
        .await
        .list_regions(json!({}))
        .await
        .json();
    let regions = answer["Regions"].as_array().unwrap();
    assert_eq!(regions.len(), 34);
    for (name, status) in [
        ("eu-west-1", "ENABLED_BY_DEFAULT"),
        ("eu-south-2", "ENABLED"),
        ("eu-west-3", "DISABLED"),
        ("af-south-1", "DISABLED"),
    ] {
        let region = regions
            .iter()
            .find(|region| region["RegionName"] == name)
            .unwrap();
        assert_eq!(region["RegionOptStatus"], status, "{name}");
    }
}

#[tokio::test]
async fn the_filter_and_the_pages_are_honoured() {
    let client = scanner(WORLD);
    let mut input = json!({
        "AccountId": "222222222222",
        "MaxResults": 2,
        "RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"],
    });
    let first = client.list_regions(input.clone()).await.json();
    assert_eq!(first["Regions"].as_array().unwrap().len(), 2);
    input["NextToken"] = first["NextToken"].clone();
    let second = client.list_regions(input).await.json();
    assert_eq!(second["Regions"].as_array().unwrap().len(), 1);
    assert!(second.get("NextToken").is_none());
}

#[tokio::test]
async fn only_the_management_account_may_ask_about_another() {
    let client = scanner(WORLD);
    let other = client
        .list_regions(json!({"AccountId": "222222222222"}))
        .await;
    assert_eq!(other.status, 200);
    let own = client
        .list_regions(json!({"AccountId": "111111111111"}))
        .await;
    assert_eq!(own.failure(), (403, "AccessDeniedException".to_owned()));
    assert!(own.text().contains("standalone context"), "{}", own.text());
    let member = client.enter("222222222222").await;
    let denied = member
        .list_regions(json!({"AccountId": "111111111111"}))
        .await;
    assert_eq!(denied.failure(), (403, "AccessDeniedException".to_owned()));
    assert_eq!(denied.header("x-amzn-errortype"), "AccessDeniedException");
}

#[tokio::test]
async fn other_partitions_have_their_own_regions() {
    let world = "[[account]]\nid = \"111111111111\"\nregions = [\"cn-north-1\"]";
    let answer = scanner(world)
        .in_region("cn-north-1")
        .list_regions(json!({}))
        .await
        .json();
    assert_eq!(
        answer["Regions"],
        json!([
            {"RegionName": "cn-north-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"},
            {"RegionName": "cn-northwest-1", "RegionOptStatus": "DISABLED"},
        ])
    );
}

#[tokio::test]
async fn without_trusted_access_nobody_may_name_an_account() {
    let world = format!("[organization]\naccount_management = false\n{WORLD}");
    let client = scanner(&world);
    let other = client
        .list_regions(json!({"AccountId": "222222222222"}))
        .await;
    assert_eq!(other.failure(), (403, "AccessDeniedException".to_owned()));
    assert!(other.text().contains("trusted access"), "{}", other.text());
    assert_eq!(client.list_regions(json!({})).await.status, 200);
}
