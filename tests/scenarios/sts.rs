//! STS by Region: in accounts that have not enabled the scanner's Region, or whose
//! administrator has deactivated STS there.

use tests::{NOW, Run, Scenario};

/// The scanner's account and two others, with the scanner in `region`. `of_each` is TOML of
/// accounts 111111111111, 222222222222 and 333333333333.
fn organization(region: &str, of_each: [&str; 3]) -> String {
    let account = |id: &str, more: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\n{more}\n\
             [[account.key]]\nregion = \"{region}\"\nlast_used = \"120d\"\nexpect = \"stale\"\n"
        )
    };
    let [first, second, third] = of_each;
    format!(
        "now = \"{NOW}\"\n[[bucket]]\nname = \"keycensus-reports\"\nregion = \"{region}\"\n{}{}{}",
        account("111111111111", first),
        account("222222222222", second),
        account("333333333333", third),
    )
}

/// The Region and status of each call of STS, in order.
fn asked(run: &Run, operation: &str) -> Vec<(String, u16)> {
    let calls = run.aws.log().into_iter();
    calls
        .filter(|call| call.operation == operation)
        .map(|call| (call.region, call.status))
        .collect()
}

fn is_complete(run: &Run) -> bool {
    run.summary()["coverage"]["complete"] == true
}

#[tokio::test(start_paused = true)]
async fn members_without_the_scanners_region_are_entered_by_sts_of_the_partitions_default_one() {
    for (region, default) in [
        ("eu-central-2", "us-east-1"),
        ("eu-west-1", "us-east-1"),
        ("us-gov-east-1", "us-gov-west-1"),
        ("cn-northwest-1", "cn-north-1"),
    ] {
        let enabled = format!("regions = [\"{region}\"]");
        let deactivated = format!("{enabled}\nsts_deactivated = [\"{region}\"]");
        let run = Scenario::of(&organization(
            region,
            [&enabled, &deactivated, &deactivated],
        ))
        .run()
        .await;
        run.verdicts_match_the_world();
        assert!(is_complete(&run), "{region}");
        let entered = asked(&run, "sts:AssumeRole");
        assert!(entered.contains(&(default.to_owned(), 200)), "{entered:?}");
        let away = entered.iter().filter(|(region, _)| region == default);
        assert_eq!(away.count(), 2, "{entered:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_a_member_has_not_enabled_keeps_nobody_out() {
    let world = format!(
        "now = \"{NOW}\"\n[[bucket]]\nname = \"keycensus-reports\"\nregion = \"eu-central-2\"\n\
         [[account]]\nid = \"111111111111\"\nregions = [\"eu-central-2\"]\n\
         [[account]]\nid = \"333333333333\"\nregions = [\"us-east-1\"]\n\
         [[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\nexpect = \"stale\"\n"
    );
    let run = Scenario::of(&world).run().await;
    run.verdicts_match_the_world();
    assert!(is_complete(&run));
}

#[tokio::test(start_paused = true)]
async fn once_the_default_region_has_let_the_census_in_every_other_account_is_entered_there() {
    let deactivated = "regions = [\"eu-west-1\"]\nsts_deactivated = [\"eu-west-1\"]";
    let world = organization(
        "eu-west-1",
        [deactivated, "regions = [\"eu-west-1\"]", deactivated],
    );
    let run = Scenario::of(&world).run().await;
    assert!(is_complete(&run));
    // The scanner's own account is the first to be without.
    let default = |status| ("us-east-1".to_owned(), status);
    assert_eq!(
        asked(&run, "sts:GetCallerIdentity"),
        [("eu-west-1".to_owned(), 403), default(200)]
    );
    assert_eq!(asked(&run, "sts:AssumeRole"), [default(200), default(200)]);
    let told = run.logs.matches("is not active in every account").count();
    assert_eq!(told, 1, "{}", run.logs);
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_role_is_not_there_either_says_so() {
    let world = organization(
        "eu-west-1",
        [
            "regions = [\"eu-west-1\"]",
            "regions = [\"eu-west-1\"]",
            "regions = [\"eu-west-1\"]\nsts_deactivated = [\"eu-west-1\"]\nrole = \"\"",
        ],
    );
    let run = Scenario::of(&world).run().await;
    assert_eq!(run.cell("333333333333", "*")["error_code"], "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn where_the_default_region_is_out_of_reach_the_account_and_the_digest_say_what_is_missing() {
    let deactivated = "regions = [\"eu-west-1\"]\nsts_deactivated = [\"eu-west-1\"]";
    let world = organization(
        "eu-west-1",
        [
            "regions = [\"eu-west-1\"]",
            "regions = [\"eu-west-1\"]",
            deactivated,
        ],
    );
    for effect in ["reset_before", "hang", "internal_error"] {
        let fault = format!(
            "[[fault]]\noperation = \"sts:AssumeRole\"\nregion = \"us-east-1\"\neffect = \"{effect}\"\n\
             [[topic]]\narn = \"arn:aws:sns:eu-west-1:111111111111:keycensus\"\n"
        );
        let world = world.replacen("[[account]]", &format!("{fault}[[account]]"), 1);
        let run = Scenario::of(&world).run().await;
        let row = run.cell("333333333333", "*");
        assert_eq!(row["status"], "unreachable", "{effect}");
        assert_eq!(row["error_code"], "RegionDisabledException", "{effect}");
        let digest = run.digest().text();
        assert!(
            digest.contains(
                "- account not entered for RegionDisabledException: STS is not active there"
            ),
            "{digest}"
        );
        assert!(!digest.contains("deploy the member role"), "{digest}");
        assert_eq!(run.cell("222222222222", "eu-west-1")["status"], "scanned");
    }
}
