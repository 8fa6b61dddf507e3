//! IAM in the partitions beside the commercial one.

use std::collections::BTreeSet;

use tests::Scenario;

#[tokio::test(start_paused = true)]
async fn iam_is_asked_where_the_partition_has_it_and_arns_are_of_the_partition() {
    for (partition, region, home) in [
        ("aws-cn", "cn-northwest-1", "cn-north-1"),
        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1"),
        ("aws", "eu-west-1", "us-east-1"),
    ] {
        let world = format!(
            "now = \"2026-11-21T02:00:00Z\"\n[[bucket]]\nname = \"keycensus-reports\"\nregion = \"{region}\"\n\
             [[account]]\nid = \"111111111111\"\nregions = [\"{region}\"]\n\
             [[account]]\nid = \"222222222222\"\nregions = [\"{region}\"]\n\
             [[account.root_access_key]]\nexpect = \"never_used\"\n\
             [[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nlast_used = \"1d 12h\"\nexpect = \"in_use\"\n"
        );
        let run = Scenario::of(&world).run().await;
        run.verdicts_match_the_world();
        assert_eq!(run.summary()["coverage"]["complete"], true);
        let arns: Vec<String> = run
            .rows("keys.csv")
            .into_iter()
            .map(|row| row["arn"].clone())
            .collect();
        assert_eq!(
            arns,
            [
                format!("arn:{partition}:iam::222222222222:user/bot"),
                format!("arn:{partition}:iam::222222222222:root"),
            ]
        );
        let asked = run.aws.log().into_iter();
        let asked: BTreeSet<String> = asked
            .filter(|call| call.operation.starts_with("iam:"))
            .map(|call| call.region)
            .collect();
        assert_eq!(asked, [home.to_owned()].into(), "{partition}");
    }
}
