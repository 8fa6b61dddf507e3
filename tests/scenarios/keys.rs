//! Keys and what is reported of them.

use tests::{
    Scenario,
    parts::{key, key_id},
};

#[tokio::test(start_paused = true)]
async fn every_verdict_is_in_the_files_and_in_the_digest() {
    let run = Scenario::named("every_verdict").run().await;
    // Several aliases of a key are sorted, and a key without one has none.
    run.matches_expected_whole("every_verdict");
}

#[tokio::test(start_paused = true)]
async fn the_first_owner_tag_in_the_order_of_the_setting_names_the_owner() {
    // In its default order, `Owner` comes first: see the expected files.
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_OWNER_TAGS", "team,Owner");
    assert_eq!(scenario.run().await.key(&key_id(1))["owner"], "orders");
}

#[tokio::test(start_paused = true)]
async fn the_exemption_tag_is_the_one_that_is_set() {
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_EXEMPT_TAG", "team");
    let run = scenario.run().await;
    let tagged = run.key(&key_id(1));
    let found = tagged.values(["exempt", "flagged", "detail"]);
    assert_eq!(found, ["true", "false", "exempt: orders"]);
    assert_eq!(run.key(&key_id(8))["flagged"], "true");
}

#[tokio::test(start_paused = true)]
async fn no_quota_is_spent_on_keys_that_aws_manages_or_that_are_pending_deletion() {
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_KINDS", "kms");
    let run = scenario.run().await;
    let keys = run.rows("keys.csv").len() as u64;
    let not_asked = 3;
    assert_eq!(run.sent("kms:DescribeKey"), keys);
    assert_eq!(run.sent("kms:GetKeyLastUsage"), keys - not_asked);
    let aws_managed = run.key(&key_id(7));
    let of_usage = [
        "tracked_since",
        "last_used_at",
        "last_operation",
        "idle_days",
    ];
    assert_eq!(aws_managed.values(of_usage), [""; 4]);
}

#[tokio::test(start_paused = true)]
async fn every_key_of_twelve_hundred_over_the_pages_of_a_listing_has_its_row() {
    let keys = (0..1_200).map(|n| {
        let days = n % 90;
        let rest = format!("aliases = ['alias/k{n:04}']\nlast_used = '{days}d'\nexpect = 'in_use'");
        key(&key_id(n), &rest)
    });
    let scenario = Scenario::small("quotas = true", &keys.collect::<String>());
    let run = scenario.run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.rows("keys.csv").len(), 1_200);
    assert_eq!(run.cell("111111111111", "us-east-1")["keys"], "1200");
    let listings = ["kms:ListKeys", "kms:ListAliases", "kms:GetKeyLastUsage"];
    assert_eq!(listings.map(|name| run.sent(name)), [2, 12, 1_200]);
    assert_eq!(run.aws.calls().throttled("kms:GetKeyLastUsage"), 0);
}
