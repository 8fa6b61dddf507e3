//! IAM's users and access keys.

use crate::request::{Answer, Client, scanner};

const WORLD: &str = r#"
    now = "2026-11-21T02:00:00Z"
    [[account]]
    id = "111111111111"
    [[account.user]]
    name = "own"
    [[account]]
    id = "222222222222"
    [[account.root_access_key]]
    [[account.user]]
    name = "zoe"
    [[account.user]]
    name = "deploy-bot"
    path = "/ci/"
    created = "900d"
    tags = { owner = "platform", stage = "R&D" }
    [[account.user.access_key]]
    id = "AKIAIOSFODNN7EXAMPLE"
    created = "300d 12h"
    last_used = "3d 12h"
    service = "ec2"
    last_used_region = "eu-west-1"
    [[account.user.access_key]]
    id = "AKIAI44QH8DHBEXAMPLE"
    status = "Inactive"
"#;

/// A session in the account with the users.
async fn member(further: &str) -> Client {
    scanner(&format!("{WORLD}\n{further}"))
        .enter("222222222222")
        .await
}

async fn keys_of(client: &Client, user: &str) -> Answer {
    client
        .query("iam", "ListAccessKeys", &[("UserName", user)])
        .await
}

async fn last_used(client: &Client, id: &str) -> Answer {
    client
        .query("iam", "GetAccessKeyLastUsed", &[("AccessKeyId", id)])
        .await
}

#[tokio::test]
async fn users_are_listed_by_name_with_path_and_arn_and_without_tags() {
    let answer = member("").await.query("iam", "ListUsers", &[]).await;
    assert!(
        answer.text().starts_with(
            "<ListUsersResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListUsersResult>"
        ),
        "{}",
        answer.text()
    );
    assert_eq!(answer.elements("UserName"), ["deploy-bot", "zoe"]);
    assert_eq!(answer.elements("Path"), ["/ci/", "/"]);
    assert_eq!(
        answer.elements("Arn"),
        [
            "arn:aws:iam::222222222222:user/ci/deploy-bot",
            "arn:aws:iam::222222222222:user/zoe"
        ]
    );
    assert_eq!(
        answer.elements("CreateDate"),
        ["2024-06-04T02:00:00Z", "2025-10-17T02:00:00Z"]
    );
    assert_eq!(answer.element("IsTruncated"), "false");
    assert!(answer.elements("UserId")[0].starts_with("AIDA"));
    for absent in ["PasswordLastUsed", "Tags", "Marker"] {
        assert!(!answer.text().contains(absent), "{absent}");
    }
}

#[tokio::test]
async fn the_credentials_decide_whose_users_are_listed() {
    let client = scanner(WORLD);
    let own = client.query("iam", "ListUsers", &[]).await;
    assert_eq!(own.elements("UserName"), ["own"]);
    let foreign = keys_of(&client, "deploy-bot").await;
    assert_eq!(foreign.failure(), (404, "NoSuchEntity".to_owned()));
    let foreign = last_used(&client, "AKIAIOSFODNN7EXAMPLE").await;
    assert_eq!(foreign.failure(), (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn a_listing_comes_in_pages_of_at_most_max_items() {
    let client = member("").await;
    let mut fields = vec![("MaxItems", "1")];
    let first = client.query("iam", "ListUsers", &fields).await;
    assert_eq!(first.elements("UserName"), ["deploy-bot"]);
    assert_eq!(first.element("IsTruncated"), "true");
    let marker = first.element("Marker");
    fields.push(("Marker", &marker));
    let second = client.query("iam", "ListUsers", &fields).await;
    assert_eq!(second.elements("UserName"), ["zoe"]);
    assert_eq!(second.element("IsTruncated"), "false");

    for (fields, says) in [
        ([("MaxItems", "0")], "greater than or equal to 1"),
        ([("MaxItems", "1001")], "less than or equal to 1000"),
        ([("Marker", "none")], "Invalid Marker"),
    ] {
        let answer = client.query("iam", "ListUsers", &fields).await;
        assert_eq!(answer.failure(), (400, "ValidationError".to_owned()));
        assert!(answer.element("Message").contains(says), "{fields:?}");
    }
}

#[tokio::test]
async fn only_users_below_a_path_are_listed_where_it_is_given() {
    let client = member("").await;
    let below = client
        .query("iam", "ListUsers", &[("PathPrefix", "/ci/")])
        .await;
    assert_eq!(below.elements("UserName"), ["deploy-bot"]);
}

#[tokio::test]
async fn the_keys_of_a_user_carry_status_and_creation() {
    let client = member("").await;
    let answer = keys_of(&client, "deploy-bot").await;
    assert_eq!(
        answer.elements("AccessKeyId"),
        ["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"]
    );
    assert_eq!(answer.elements("Status"), ["Active", "Inactive"]);
    // The second was created with its user.
    assert_eq!(
        answer.elements("CreateDate"),
        ["2026-01-24T14:00:00Z", "2024-06-04T02:00:00Z"]
    );
    let none = keys_of(&client, "zoe").await;
    assert_eq!(none.elements("AccessKeyMetadata"), [""]);
}

#[tokio::test]
async fn a_last_use_has_date_service_and_region_and_no_use_has_no_date() {
    let client = member("").await;
    let used = last_used(&client, "AKIAIOSFODNN7EXAMPLE").await;
    assert_eq!(used.element("UserName"), "deploy-bot");
    assert_eq!(used.element("LastUsedDate"), "2026-11-17T14:00:00Z");
    assert_eq!(used.element("ServiceName"), "ec2");
    assert_eq!(used.element("Region"), "eu-west-1");
    let unused = last_used(&client, "AKIAI44QH8DHBEXAMPLE").await;
    assert!(!unused.text().contains("LastUsedDate"), "{}", unused.text());
    assert_eq!(unused.element("ServiceName"), "N/A");
    assert_eq!(unused.element("Region"), "N/A");
}

#[tokio::test]
async fn the_tags_of_a_user_are_listed() {
    let client = member("").await;
    let answer = client
        .query("iam", "ListUserTags", &[("UserName", "deploy-bot")])
        .await;
    assert_eq!(answer.elements("Key"), ["owner", "stage"]);
    assert_eq!(answer.elements("Value"), ["platform", "R&amp;D"]);
}

#[tokio::test]
async fn what_does_not_exist_is_no_such_entity_but_an_unknown_key_is_denied() {
    let client = member("").await;
    for operation in ["ListAccessKeys", "ListUserTags"] {
        let answer = client
            .query("iam", operation, &[("UserName", "none")])
            .await;
        assert_eq!(answer.failure(), (404, "NoSuchEntity".to_owned()));
        assert_eq!(
            answer.element("Message"),
            "The user with name none cannot be found."
        );
        assert_eq!(answer.element("Type"), "Sender");
    }
    let unknown = last_used(&client, "AKIANONENONENONENONE").await;
    assert_eq!(unknown.failure(), (403, "AccessDenied".to_owned()));
    let nobody = client.query("iam", "ListAccessKeys", &[]).await;
    assert_eq!(nobody.failure(), (400, "ValidationError".to_owned()));
}

#[tokio::test]
async fn a_rule_means_a_key_by_its_id_and_a_user_with_all_keys_by_name() {
    let refuse = |key: &str| format!("[[refuse]]\noperation = \"iam:*\"\nkey = \"{key}\"");
    let client = member(&refuse("AKIAIOSFODNN7EXAMPLE")).await;
    let denied = last_used(&client, "AKIAIOSFODNN7EXAMPLE").await;
    assert_eq!(denied.failure(), (403, "AccessDenied".to_owned()));
    assert_eq!(
        denied.element("Message"),
        "User: arn:aws:sts::222222222222:assumed-role/KeycensusReader/census is not authorized to perform: iam:GetAccessKeyLastUsed on resource: user deploy-bot because no identity-based policy allows the iam:GetAccessKeyLastUsed action"
    );
    let other = last_used(&client, "AKIAI44QH8DHBEXAMPLE").await;
    assert_eq!(other.status, 200);
    assert_eq!(keys_of(&client, "deploy-bot").await.status, 200);

    let client = member(&refuse("deploy-bot")).await;
    assert_eq!(keys_of(&client, "deploy-bot").await.status, 403);
    assert_eq!(last_used(&client, "AKIAI44QH8DHBEXAMPLE").await.status, 403);
    assert_eq!(keys_of(&client, "zoe").await.status, 200);
}

#[tokio::test]
async fn a_key_or_user_vanishes_between_listing_and_reading() {
    let client = member("[[fault]]\neffect = \"vanish\"\noperation = \"iam:*\"").await;
    let listed = client.query("iam", "ListUsers", &[]).await;
    assert_eq!(listed.elements("UserName"), ["deploy-bot", "zoe"]);
    let gone = (404, "NoSuchEntity".to_owned());
    assert_eq!(keys_of(&client, "zoe").await.failure(), gone);
    let key = last_used(&client, "AKIAIOSFODNN7EXAMPLE").await;
    assert_eq!(key.failure(), gone);
    assert_eq!(
        key.element("Message"),
        "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found."
    );
}

#[tokio::test]
async fn a_code_of_iams_comes_with_its_status() {
    for (code, status) in [
        ("NoSuchEntity", 404),
        ("LimitExceeded", 409),
        ("ReportNotPresent", 410),
        ("ReportExpired", 410),
        ("ReportInProgress", 404),
        ("ServiceFailure", 500),
        ("InvalidClientTokenId", 403),
        ("ExpiredToken", 403),
        ("Throttling", 400),
    ] {
        let refuse = format!("[[refuse]]\noperation = \"iam:ListUsers\"\ncode = \"{code}\"");
        let answer = member(&refuse).await.query("iam", "ListUsers", &[]).await;
        assert_eq!(answer.failure(), (status, code.to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn all_operations_of_an_account_share_one_quota() {
    let client = scanner(&format!("quotas = true\n{WORLD}"));
    let member = client.enter("222222222222").await;
    for _ in 0..25 {
        assert_eq!(keys_of(&member, "zoe").await.status, 200);
        let users = member.query("iam", "ListUsers", &[]).await;
        assert_eq!(users.status, 200);
    }
    let late = last_used(&member, "AKIAIOSFODNN7EXAMPLE").await;
    assert_eq!(late.failure(), (400, "Throttling".to_owned()));
    assert_eq!(late.element("Message"), "Rate exceeded");
    let elsewhere = client.query("iam", "ListUsers", &[]).await;
    assert_eq!(elsewhere.status, 200);
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!(keys_of(&member, "zoe").await.status, 200);
    assert_eq!(keys_of(&member, "zoe").await.status, 400);
}

#[tokio::test]
async fn listings_go_wrong_as_those_of_other_services() {
    let fault = |effect: &str| format!("[[fault]]\noperation = \"iam:*\"\neffect = \"{effect}\"");
    let twice = member(&fault("duplicate_item")).await;
    let answer = keys_of(&twice, "deploy-bot").await;
    assert_eq!(
        answer.elements("AccessKeyId"),
        [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAI44QH8DHBEXAMPLE",
            "AKIAIOSFODNN7EXAMPLE"
        ]
    );
    let fields = [("MaxItems", "1"), ("Marker", "sim-ListUsers-1")];
    let second = twice.query("iam", "ListUsers", &fields).await;
    assert_eq!(second.elements("UserName"), ["zoe", "deploy-bot"]);

    let empty = member(&fault("empty_page")).await;
    let first = empty.query("iam", "ListUsers", &[]).await;
    assert_eq!(first.elements("UserName"), Vec::<String>::new());
    assert_eq!(first.element("IsTruncated"), "true");
    let fields = [("Marker", &*first.element("Marker"))];
    let second = empty.query("iam", "ListUsers", &fields).await;
    assert_eq!(second.elements("UserName"), ["deploy-bot", "zoe"]);

    let endless = member(&fault("repeat_token")).await;
    let fields = [("UserName", "deploy-bot")];
    let first = endless.query("iam", "ListUserTags", &fields).await;
    let marker = first.element("Marker");
    let fields = [("UserName", "deploy-bot"), ("Marker", &*marker)];
    let second = endless.query("iam", "ListUserTags", &fields).await;
    assert_eq!(second.element("Marker"), marker);
    assert_eq!(second.elements("Key"), ["owner", "stage"]);
}
