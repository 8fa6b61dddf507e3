//! Entering accounts: the role, its external ID, its session.

use tests::Scenario;

fn world(member: &str, keys: usize) -> Scenario {
    let keys =
        "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\nexpect = \"stale\"\n"
            .repeat(keys);
    let member = format!("[[account]]\nid = \"222222222222\"\n{member}\n{keys}");
    Scenario::small("", &member)
}

#[tokio::test(start_paused = true)]
async fn a_role_with_a_path_and_an_external_id_is_assumed() {
    let run = world(
        "role = \"security/audit/Reader\"\nexternal_id = \"census-1\"",
        1,
    )
    .with("KEYCENSUS_MEMBER_ROLE", "security/audit/Reader")
    .with("KEYCENSUS_EXTERNAL_ID", "census-1")
    .run()
    .await;
    run.verdicts_match_the_world();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_external_id_makes_the_account_unreachable_and_is_not_repeated_in_the_report() {
    for wrong in ["census-2", ""] {
        let run = world("external_id = \"census-1\"", 0)
            .with("KEYCENSUS_EXTERNAL_ID", wrong)
            .run()
            .await;
        let row = run.cell("222222222222", "*");
        assert_eq!(
            (&*row["status"], &*row["error_code"]),
            ("unreachable", "AccessDenied")
        );
        assert_eq!(
            row["detail"],
            "sts:AssumeRole AccessDenied; role arn:aws:iam::222222222222:role/KeycensusReader"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_trusts_somebody_else_makes_the_account_unreachable() {
    let run = world("trusts = [\"999999999999\"]", 0).run().await;
    assert_eq!(run.cell("222222222222", "*")["status"], "unreachable");
}

#[tokio::test(start_paused = true)]
async fn credentials_are_renewed_before_they_expire() {
    // 1,000 keys at 5 a second take 200 seconds; a session lasts 460, and is
    // renewed 400 before its end.
    let run = world("session_seconds = 460", 1_000).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert!(run.aws.calls().sent("sts:AssumeRole") > 2);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_of_awss_does_not_have_the_role_assumed_with_each_call() {
    // Whatever STS gives expired long ago by the census's clock.
    let keys = "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"1h\"\n".repeat(20);
    let run = Scenario::of(&format!(
        "now = \"2026-11-20T02:00:00Z\"\n[[bucket]]\nname = \"keycensus-reports\"\n\
         [[account]]\nid = \"111111111111\"\n[[account]]\nid = \"222222222222\"\n{keys}"
    ))
    .run()
    .await;
    assert_eq!(run.summary()["keys"]["total"], 20);
    assert_eq!(run.summary()["coverage"]["complete"], true);
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_session_is_enough_for_all_regions_of_an_account() {
    let run = world(
        "regions = [\"us-east-1\", \"eu-west-1\", \"eu-central-1\"]",
        1,
    )
    .run()
    .await;
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 1);
}

#[tokio::test(start_paused = true)]
async fn roles_are_named_in_the_partition_the_census_runs_in() {
    let run = Scenario::of(
        "now = \"2026-11-21T02:00:00Z\"\n[[bucket]]\nname = \"keycensus-reports\"\nregion = \"us-gov-west-1\"\n\
         [[account]]\nid = \"111111111111\"\nregions = [\"us-gov-west-1\"]\n\
         [[account]]\nid = \"222222222222\"\nregions = [\"us-gov-west-1\"]\n\
         [[account.key]]\nregion = \"us-gov-west-1\"\nlast_used = \"120d\"\nexpect = \"stale\"\n",
    )
    .run()
    .await;
    run.verdicts_match_the_world();
    assert!(
        run.rows("keys.csv")[0]["arn"]
            .starts_with("arn:aws-us-gov:kms:us-gov-west-1:222222222222:key/")
    );
}
