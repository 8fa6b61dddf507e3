//! Keys and what is said of them.

use tests::Scenario;

#[tokio::test(start_paused = true)]
async fn every_verdict_is_told_in_files_and_digest() {
    let run = Scenario::named("every_verdict").run().await;
    run.matches_expected_whole("every_verdict");
}

#[tokio::test(start_paused = true)]
async fn a_key_with_several_aliases_has_them_sorted_and_one_without_has_none() {
    let run = Scenario::named("every_verdict").run().await;
    let several = run.key("22220000-0000-4000-8000-000000000001");
    assert_eq!(
        several["name"],
        "alias/checkout;alias/orders;alias/orders-2024"
    );
    assert_eq!(run.key("22220000-0000-4000-8000-000000000002")["name"], "");
}

#[tokio::test(start_paused = true)]
async fn the_first_owner_tag_in_the_order_of_the_setting_names_the_owner() {
    let scenario = Scenario::named("every_verdict");
    let key = "22220000-0000-4000-8000-000000000001";
    assert_eq!(scenario.run().await.key(key)["owner"], "orders-lead");
    let by_team = scenario
        .as_request("run-2")
        .with("KEYCENSUS_OWNER_TAGS", "team,Owner");
    assert_eq!(by_team.run().await.key(key)["owner"], "orders");
}

#[tokio::test(start_paused = true)]
async fn the_exemption_tag_is_the_one_that_is_set() {
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_EXEMPT_TAG", "team");
    let run = scenario.run().await;
    let tagged = run.key("22220000-0000-4000-8000-000000000001");
    assert_eq!((&*tagged["exempt"], &*tagged["flagged"]), ("true", "false"));
    assert_eq!(tagged["detail"], "exempt: orders");
    assert_eq!(
        run.key("22220000-0000-4000-8000-000000000008")["flagged"],
        "true"
    );
}

#[tokio::test(start_paused = true)]
async fn no_quota_is_spent_on_keys_that_aws_manages_or_that_are_pending_deletion() {
    let run = Scenario::named("every_verdict")
        .with("KEYCENSUS_KINDS", "kms")
        .run()
        .await;
    let keys = run.rows("keys.csv").len() as u64;
    let not_asked = 3;
    assert_eq!(run.aws.calls().sent("kms:DescribeKey"), keys);
    assert_eq!(
        run.aws.calls().sent("kms:GetKeyLastUsage"),
        keys - not_asked
    );
    let aws_managed = run.key("22220000-0000-4000-8000-000000000007");
    for column in [
        "tracked_since",
        "last_used_at",
        "last_operation",
        "idle_days",
    ] {
        assert_eq!(aws_managed[column], "", "{column}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_key_of_twelve_hundred_over_the_pages_of_a_listing_has_its_row() {
    let keys: String = (0..1_200)
        .map(|n| {
            format!("[[account.key]]\nregion = \"us-east-1\"\naliases = [\"alias/k{n:04}\"]\nlast_used = \"{}d\"\nexpect = \"in_use\"\n", n % 90)
        })
        .collect();
    let run = Scenario::small("quotas = true", &keys).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.rows("keys.csv").len(), 1_200);
    assert_eq!(run.cell("111111111111", "us-east-1")["keys"], "1200");
    let calls = run.aws.calls();
    assert_eq!(calls.sent("kms:ListKeys"), 2);
    assert_eq!(calls.sent("kms:ListAliases"), 12);
    assert_eq!(calls.sent("kms:GetKeyLastUsage"), 1_200);
    assert_eq!(calls.throttled("kms:GetKeyLastUsage"), 0);
}
