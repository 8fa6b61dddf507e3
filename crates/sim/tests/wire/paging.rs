//! Faults of listings.

use serde_json::{Value, json};

use crate::request::{Client, estate};

fn client(fault: &str) -> Client {
    estate(&format!("[[fault]]\n{fault}"))
}

/// The IDs of each page of keys, two a page, up to ten pages.
async fn pages_of_keys(client: &Client) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut input = json!({"Limit": 2});
    while pages.len() < 10 {
        let page = client.kms("ListKeys", input.clone()).await.json();
        pages.push(ids(&page["Keys"], "KeyId"));
        assert_eq!(page["Truncated"], !page["NextMarker"].is_null());
        match page.get("NextMarker") {
            Some(marker) => input["Marker"] = marker.clone(),
            None => break,
        }
    }
    pages
}

fn ids(items: &Value, name: &str) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| item[name].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_repeated_token_leads_to_the_same_page_for_ever() {
    let client = client("effect = \"repeat_token\"\noperation = \"kms:ListKeys\"");
    let pages = pages_of_keys(&client).await;
    assert_eq!(pages, vec![["key-1", "key-2"]; 10]);
    let first = client.kms("ListKeys", json!({"Limit": 2})).await.json();
    let input = json!({"Limit": 2, "Marker": first["NextMarker"]});
    let second = client.kms("ListKeys", input).await.json();
    assert_eq!(first["NextMarker"], second["NextMarker"]);
}

#[tokio::test]
async fn a_token_of_a_first_page_leads_to_itself_even_if_the_fault_struck_only_once() {
    let client = client("effect = \"repeat_token\"\nnth = 1");
    assert_eq!(pages_of_keys(&client).await.len(), 10);
    let struck = client
        .simulator
        .log()
        .into_iter()
        .filter_map(|call| call.fault);
    assert_eq!(struck.count(), 1);
}

#[tokio::test]
async fn a_later_page_that_repeats_its_token_can_be_asked_for_again() {
    let client = client("effect = \"repeat_token\"\nnth = 2");
    let pages = pages_of_keys(&client).await;
    assert_eq!(
        pages,
        [vec!["key-1", "key-2"], vec!["withheld"], vec!["withheld"]]
    );
}

#[tokio::test]
async fn cyclic_tokens_lead_back_by_way_of_another() {
    let client = client("effect = \"cyclic_tokens\"\nnth = 1");
    let mut tokens = Vec::new();
    let mut input = json!({"Limit": 2});
    for _ in 0..5 {
        let page = client.kms("ListKeys", input.clone()).await.json();
        assert_eq!(ids(&page["Keys"], "KeyId"), ["key-1", "key-2"]);
        input["Marker"] = page["NextMarker"].clone();
        tokens.push(page["NextMarker"].as_str().unwrap().to_owned());
    }
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(tokens[..2], tokens[2..4]);
    assert_eq!(tokens[0], tokens[4]);
}

#[tokio::test]
async fn an_empty_page_continues_with_the_page_that_should_have_come() {
    let always = client("effect = \"empty_page\"\noperation = \"kms:*\"");
    let none: Vec<&str> = Vec::new();
    assert_eq!(
        pages_of_keys(&always).await,
        [
            none.clone(),
            vec!["key-1", "key-2"],
            none.clone(),
            vec!["withheld"]
        ]
    );
    let second = client("effect = \"empty_page\"\nnth = 2");
    assert_eq!(
        pages_of_keys(&second).await,
        [vec!["key-1", "key-2"], none, vec!["withheld"]]
    );
}

#[tokio::test]
async fn the_first_item_is_told_again_on_every_page() {
    let client = client("effect = \"duplicate_item\"");
    assert_eq!(
        pages_of_keys(&client).await,
        [vec!["key-1", "key-2", "key-1"], vec!["withheld", "key-1"]]
    );
}

#[tokio::test]
async fn a_listing_that_is_refused_has_no_page_to_go_wrong() {
    let client = client("effect = \"empty_page\"");
    let answer = client.kms("ListKeys", json!({"Marker": "x"})).await;
    assert_eq!(answer.failure(), (400, "InvalidMarkerException".to_owned()));
    assert_eq!(client.simulator.log()[0].fault, None);
}
