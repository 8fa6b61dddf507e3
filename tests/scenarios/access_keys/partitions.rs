//! IAM in the partitions beside the commercial one.

use std::collections::BTreeSet;

use tests::{
    BUCKET, NOW, Scenario,
    parts::{access_key, account, user},
};

#[tokio::test(start_paused = true)]
async fn iam_is_called_in_its_partitions_region_and_arns_are_of_the_partition() {
    for (partition, region, home) in [
        ("aws-cn", "cn-northwest-1", "cn-north-1"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1"),
        ("aws", "eu-west-1", "us-east-1"),
    ] {
        let regions = format!("regions = ['{region}']\n");
        let keys = "[[account.root_access_key]]\nexpect = 'never_used'\n".to_owned()
            + &user("bot", "")
            + &access_key("last_used = '1d 12h'\nexpect = 'in_use'");
        let accounts =
            account("111111111111", &regions) + &account("222222222222", &(regions + &keys));
        let scenario = Scenario::of(&format!(
            "now = '{NOW}'\n[[bucket]]\nname = '{BUCKET}'\nregion = '{region}'\n{accounts}"
        ));
        let run = scenario.run().await;
        run.verdicts_match_the_world();
        assert!(run.is_complete());
        let arns =
            ["user/bot", "root"].map(|name| format!("arn:{partition}:iam::222222222222:{name}"));
        assert_eq!(run.column("keys.csv", "arn"), arns);
        let mut asked = run.aws.log();
        asked.retain(|call| call.operation.starts_with("iam:"));
        let asked: BTreeSet<&str> = asked.iter().map(|call| &*call.region).collect();
        assert_eq!(asked, [home].into(), "{partition}");
    }
}
