//! STS by Region: in accounts that have not enabled the scanner's Region, or whose
//! administrator has deactivated STS there.

use tests::{
    BUCKET, NOW, Run, Scenario,
    parts::{self, fault, key_in},
};

/// The scanner's account and two others, with the scanner in `region`. `of_each` is TOML of
/// accounts 111111111111, 222222222222 and 333333333333.
fn organization(region: &str, of_each: [&str; 3], more: &str) -> Scenario {
    let key = key_in(region, "one", "last_used = '120d'\nexpect = 'stale'");
    let ids = ["111111111111", "222222222222", "333333333333"].into_iter();
    let accounts = ids
        .zip(of_each)
        .map(|(id, rest)| parts::account(id, &format!("regions = ['{region}']\n{rest}\n{key}")));
    let accounts: String = accounts.collect();
    Scenario::of(&format!(
        "now = '{NOW}'\n[[bucket]]\nname = '{BUCKET}'\nregion = '{region}'\n{accounts}{more}"
    ))
}

/// The Region and status of each call of STS, in order.
fn asked(run: &Run, operation: &str) -> Vec<(String, u16)> {
    let mut calls = run.aws.log();
    calls.retain(|call| call.operation == operation);
    let calls = calls.into_iter();
    calls.map(|call| (call.region, call.status)).collect()
}

const DEACTIVATED: &str = "sts_deactivated = ['eu-west-1']";

#[tokio::test(start_paused = true)]
async fn members_without_the_scanners_region_are_entered_by_sts_of_the_partitions_default_region() {
    for (partition, region, default) in [
        ("aws", "eu-central-2", "us-east-1"),
        ("aws", "eu-west-1", "us-east-1"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1"),
        ("aws-cn", "cn-northwest-1", "cn-north-1"),
    ] {
        let deactivated = format!("sts_deactivated = ['{region}']");
        let scenario = organization(region, ["", &deactivated, &deactivated], "");
        let run = scenario.run().await;
        run.verdicts_match_the_world();
        assert!(run.is_complete(), "{region}");
        let entered = asked(&run, "sts:AssumeRole");
        assert!(entered.contains(&(default.to_owned(), 200)), "{entered:?}");
        let away = entered.iter().filter(|(region, _)| region == default);
        assert_eq!(away.count(), 2, "{entered:?}");
        let arn = format!("arn:{partition}:kms:{region}:222222222222:key/one");
        assert_eq!(run.column("keys.csv", "arn")[1], arn);
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_has_not_enabled_the_scanners_region_is_entered() {
    let accounts = parts::account("111111111111", "regions = ['eu-central-2']")
        + &parts::account("333333333333", "regions = ['us-east-1']")
        + &key_in("us-east-1", "one", "last_used = '120d'\nexpect = 'stale'");
    let bucket = format!("[[bucket]]\nname = '{BUCKET}'\nregion = 'eu-central-2'\n");
    let scenario = Scenario::of(&format!("now = '{NOW}'\n{bucket}{accounts}"));
    let run = scenario.run().await;
    run.verdicts_match_the_world();
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn once_an_account_was_entered_by_the_default_region_all_others_are_too() {
    let scenario = organization("eu-west-1", [DEACTIVATED, "", DEACTIVATED], "");
    let run = scenario.run().await;
    assert!(run.is_complete());
    // The scanner's own account is the first to be without.
    let default = |status| ("us-east-1".to_owned(), status);
    assert_eq!(
        asked(&run, "sts:GetCallerIdentity"),
        [("eu-west-1".to_owned(), 403), default(200)]
    );
    assert_eq!(asked(&run, "sts:AssumeRole"), [default(200), default(200)]);
    let warnings = run.logs.matches("is not active in every account").count();
    assert_eq!(warnings, 1, "{}", run.logs);
}

#[tokio::test(start_paused = true)]
async fn an_account_whose_role_is_not_there_either_says_so() {
    let without_role = format!("{DEACTIVATED}\nrole = ''");
    let scenario = organization("eu-west-1", ["", "", &without_role], "");
    let row = scenario.run().await.cell("333333333333", "*");
    assert_eq!(row["error_code"], "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn where_the_default_region_is_out_of_reach_the_account_and_the_digest_say_what_is_missing() {
    let topic = "[[topic]]\narn = 'arn:aws:sns:eu-west-1:111111111111:keycensus'\n";
    for effect in ["reset_before", "hang", "internal_error"] {
        let fault = fault("sts:AssumeRole", effect, "region = 'us-east-1'");
        let more = format!("{topic}{fault}");
        let scenario = organization("eu-west-1", ["", "", DEACTIVATED], &more);
        let run = scenario.run().await;
        let row = run.cell("333333333333", "*");
        let found = row.values(["status", "error_code"]);
        assert_eq!(
            found,
            ["unreachable", "RegionDisabledException"],
            "{effect}"
        );
        let digest = run.digest().text();
        let gap = "- account not entered for RegionDisabledException: STS is not active there";
        assert!(digest.contains(gap), "{digest}");
        assert!(!digest.contains("deploy the member role"), "{digest}");
        assert_eq!(run.cell("222222222222", "eu-west-1")["status"], "scanned");
    }
}
