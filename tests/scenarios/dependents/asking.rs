//! Who is asked for what, and what is made of it.

use super::{IN_USE, LEAVING, OTHER, UNUSED, account, asked, key, snapshots, told, volumes, world};

#[tokio::test(start_paused = true)]
async fn volumes_and_snapshots_are_joined_to_the_key_that_they_are_encrypted_under() {
    let more = volumes(UNUSED, 3)
        + &snapshots(UNUSED, 12)
        + &volumes(IN_USE, 2)
        + &snapshots(LEAVING, 1)
        + &volumes(
            "arn:aws:kms:eu-west-1:999999999999:key/of-another-account",
            1,
        )
        + "[[account.volume]]\nregion = \"eu-west-1\"\n";
    let run = world("", &more).run().await;
    assert_eq!(
        told(&run, UNUSED),
        ["ebs_volumes=3;ebs_snapshots=12", "yes", "check_dependents"]
    );
    assert_eq!(told(&run, OTHER), ["", "yes", "disable_and_watch"]);
    assert_eq!(told(&run, IN_USE), ["", "", "none"]);
    assert_eq!(told(&run, LEAVING), ["ebs_snapshots=1", "yes", "none"]);
    let digest = run.digest().text();
    assert!(digest.contains("\n  still needed by 3 EBS volumes, 12 EBS snapshots\n"));
}

#[tokio::test(start_paused = true)]
async fn grants_are_told_by_the_service_that_has_them() {
    let grant = |grantee: &str| format!("[[account.key.grant]]\n{grantee}\n");
    let role = "arn:aws:iam::222222222222:role";
    let grants = [
        "grantee = \"rds.amazonaws.com\"".to_owned(),
        "grantee_service = \"rds.amazonaws.com\"".to_owned(),
        format!("grantee = \"{role}/application\""),
        format!(
            "grantee = \"{role}/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling\""
        ),
        "grantee = \"arn:aws:sts::222222222222:assumed-role/aws:ec2-infrastructure/i-5d476fab\""
            .to_owned(),
    ];
    let grants: String = grants.iter().map(|grantee| grant(grantee)).collect();
    let keys = key(UNUSED, "last_used = \"120d\"") + &grants;
    let run = account("", &keys).run().await;
    let [dependents, checked, recommendation] = told(&run, UNUSED);
    assert_eq!(
        dependents,
        "grants=autoscaling.amazonaws.com:1,ec2.amazonaws.com:1,iam:1,rds.amazonaws.com:2"
    );
    assert_eq!([&*checked, &*recommendation], ["yes", "check_dependents"]);
}

#[tokio::test(start_paused = true)]
async fn each_listing_is_made_once_a_cell_and_only_where_a_key_asks() {
    let run = world("", &volumes(UNUSED, 1)).run().await;
    // Two keys are flagged, and one will be deleted.
    assert_eq!(asked(&run), [1, 1, 3]);
    for call in run.aws.log() {
        if call.operation.starts_with("ec2:") {
            assert_eq!(call.region, "eu-west-1", "{call:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_no_key_is_flagged_or_will_be_deleted() {
    let keys = [
        key(IN_USE, "last_used = \"1d\""),
        key(
            UNUSED,
            "last_used = \"120d\"\ntags = { \"keycensus:exempt\" = \"legal\" }",
        ),
        key(OTHER, "manager = \"AWS\""),
    ];
    let run = account("", &(keys.concat() + &volumes(IN_USE, 2)))
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    assert_eq!(asked(&run), [0, 0, 0]);
    for id in [IN_USE, UNUSED, OTHER] {
        assert_eq!(told(&run, id)[..2], ["", ""]);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_it_is_switched_off_and_the_report_says_so() {
    let run = world("", &volumes(UNUSED, 3))
        .with("KEYCENSUS_DEPENDENTS", "off")
        .run()
        .await;
    assert_eq!(asked(&run), [0, 0, 0]);
    assert_eq!(told(&run, UNUSED), ["", "no", "disable_and_watch"]);
    assert_eq!(told(&run, LEAVING), ["", "no", "none"]);
    assert_eq!(told(&run, IN_USE)[1], "");
    assert_eq!(run.key(UNUSED)["detail"], "");
    let digest = run.digest().text();
    assert!(digest.contains("was not looked for: KEYCENSUS_DEPENDENTS is off."));
    assert!(
        run.latest("report.html")
            .contains("3 keys were not checked.")
    );
}

#[tokio::test(start_paused = true)]
async fn every_page_of_each_listing_is_read() {
    let grants = "[[account.key.grant]]\ngrantee = \"rds.amazonaws.com\"\n".repeat(250);
    let keys = key(UNUSED, "last_used = \"120d\"") + &grants;
    let more = volumes(UNUSED, 1_300) + &snapshots(UNUSED, 2_100);
    let run = account("quotas = true", &(keys + &more)).run().await;
    assert_eq!(
        told(&run, UNUSED)[..2],
        [
            "ebs_volumes=1300;ebs_snapshots=2100;grants=rds.amazonaws.com:250",
            "yes"
        ]
    );
    assert_eq!(asked(&run), [3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn the_account_that_the_census_runs_in_is_asked_with_its_own_credentials() {
    let keys = "[[account.key]]\nregion = \"us-east-1\"\nid = \"one\"\nlast_used = \"120d\"\n\
                [[account.volume]]\nregion = \"us-east-1\"\nkms_key = \"one\"\n";
    let run = tests::Scenario::small("", keys).run().await;
    assert_eq!(told(&run, "one")[..2], ["ebs_volumes=1", "yes"]);
    assert_eq!(run.aws.calls().sent("sts:AssumeRole"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_grants_a_second_are_asked_for_and_no_quota_is_overdrawn() {
    // Keys that ask without waiting for a turn at GetKeyLastUsage.
    let leaving = "state = \"PendingDeletion\"\ndeletion_date = \"2026-11-28T02:00:00Z\"";
    let keys: String = (0..300)
        .map(|n| key(&format!("key-{n:04}"), leaving))
        .collect();
    let run = account("quotas = true", &keys)
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    assert_eq!(asked(&run), [1, 1, 300]);
    assert_eq!(run.aws.calls().throttled("kms:ListGrants"), 0);
    let rows = run.rows("keys.csv");
    assert!(rows.iter().all(|row| row["dependents_checked"] == "yes"));
}
