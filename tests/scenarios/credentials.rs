//! Entering accounts: the role, its external ID, its session.

use tests::{
    Scenario,
    parts::{MEMBER, keys},
};

/// A member account with so many keys.
fn world(member: &str, count: usize) -> Scenario {
    let keys = keys(0..count, "last_used = '120d'\nexpect = 'stale'");
    Scenario::member("", &format!("{member}\n{keys}"))
}

#[tokio::test(start_paused = true)]
async fn a_role_with_a_path_and_an_external_id_is_assumed() {
    let role = "role = 'security/audit/Reader'\nexternal_id = 'census-1'";
    let run = world(role, 1)
        .with("KEYCENSUS_MEMBER_ROLE", "security/audit/Reader")
        .with("KEYCENSUS_EXTERNAL_ID", "census-1")
        .run()
        .await;
    run.verdicts_match_the_world();
}

#[tokio::test(start_paused = true)]
async fn a_role_that_does_not_trust_the_scanner_or_its_external_id_makes_the_account_unreachable() {
    for (member, external_id) in [
        ("external_id = 'census-1'", "census-2"),
        ("external_id = 'census-1'", ""),
        ("trusts = ['999999999999']", ""),
    ] {
        let scenario = world(member, 0).with("KEYCENSUS_EXTERNAL_ID", external_id);
        let row = scenario.run().await.cell(MEMBER, "*");
        // No external ID is in it.
        let detail =
            "sts:AssumeRole AccessDenied; role arn:aws:iam::222222222222:role/KeycensusReader";
        let found = row.values(["status", "error_code", "detail"]);
        assert_eq!(found, ["unreachable", "AccessDenied", detail]);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_are_renewed_before_they_expire() {
    // 1,000 keys at 5 a second take 200 seconds; a session lasts 460, and is
    // renewed 400 before its end.
    let run = world("session_seconds = 460", 1_000).run().await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
    assert!(run.sent("sts:AssumeRole") > 2);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_of_awss_does_not_have_the_role_assumed_with_each_call() {
    // By the census's clock, every session that STS gives expired long ago.
    let world = world("", 20).aws.world().clone();
    let now = "2026-11-20T02:00:00Z".parse().ok();
    let scenario = Scenario::in_world(keycensus_sim::World { now, ..world });
    let run = scenario.run().await;
    assert_eq!(run.summary()["keys"]["total"], 20);
    assert!(run.is_complete());
    assert_eq!(run.sent("sts:AssumeRole"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_session_is_enough_for_all_regions_of_an_account() {
    let regions = "regions = ['us-east-1', 'eu-west-1', 'eu-central-1']";
    let run = world(regions, 1).run().await;
    assert_eq!(run.sent("sts:AssumeRole"), 1);
}
