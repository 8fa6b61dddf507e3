//! Which calls are made for which keys, and what is made of the answers.

use tests::parts::{IN_USE, UNUSED};

use super::{
    IDLE, LEAVING, OTHER, USED, WILL_BE_DELETED, account, asked, dependents, grants, key,
    snapshots, volumes, world,
};

#[tokio::test(start_paused = true)]
async fn volumes_and_snapshots_are_joined_to_the_key_that_they_are_encrypted_under() {
    let foreign = "arn:aws:kms:eu-west-1:999999999999:key/of-another-account";
    let more = volumes(IDLE, 3)
        + &snapshots(IDLE, 12)
        + &volumes(USED, 2)
        + &snapshots(LEAVING, 1)
        + &volumes(foreign, 1)
        + "[[account.volume]]\nregion = 'eu-west-1'\n";
    let run = world("", &more).run().await;
    let found = "ebs_volumes=3;ebs_snapshots=12";
    for (key, expected) in [
        (IDLE, [found, "yes", "check_dependents"]),
        (OTHER, ["", "yes", "disable_and_watch"]),
        (USED, ["", "", "none"]),
        (LEAVING, ["ebs_snapshots=1", "yes", "none"]),
    ] {
        assert_eq!(dependents(&run, key), expected);
    }
    let digest = run.digest().text();
    assert!(digest.contains("\n  still needed by 3 EBS volumes, 12 EBS snapshots\n"));
    // Each listing is made once a cell: two keys are flagged, and one will be deleted.
    assert_eq!(asked(&run), [1, 1, 3]);
    let mut of_ec2 = run.aws.log();
    of_ec2.retain(|call| call.operation.starts_with("ec2:"));
    let in_the_cell = of_ec2.iter().all(|call| call.region == "eu-west-1");
    assert!(in_the_cell, "{of_ec2:?}");
}

#[tokio::test(start_paused = true)]
async fn grants_are_counted_by_the_service_that_has_them() {
    let of_autoscaling = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    let grants = [
        "grantee = 'rds.amazonaws.com'",
        "grantee_service = 'rds.amazonaws.com'",
        "grantee = 'arn:aws:iam::222222222222:role/application'",
        &format!("grantee = 'arn:aws:iam::222222222222:role/{of_autoscaling}'"),
        "grantee = 'arn:aws:sts::222222222222:assumed-role/aws:ec2-infrastructure/i-5d476fab'",
    ];
    let grants = grants.map(|grantee| format!("[[account.key.grant]]\n{grantee}\n"));
    let scenario = account("", &(key(IDLE, UNUSED) + &grants.concat()));
    let found = "grants=autoscaling.amazonaws.com:1,ec2.amazonaws.com:1,iam:1,rds.amazonaws.com:2";
    let expected = [found, "yes", "check_dependents"];
    assert_eq!(dependents(&scenario.run().await, IDLE), expected);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_no_key_is_flagged_or_will_be_deleted() {
    let exempt = format!("{UNUSED}\ntags = {{ 'keycensus:exempt' = 'legal' }}");
    let keys = [
        key(USED, IN_USE),
        key(IDLE, &exempt),
        key(OTHER, "manager = 'AWS'"),
    ];
    let run = account("", &(keys.concat() + &volumes(USED, 2)))
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    assert_eq!(asked(&run), [0, 0, 0]);
    for id in [USED, IDLE, OTHER] {
        assert_eq!(dependents(&run, id)[..2], ["", ""]);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_it_is_switched_off_and_the_report_says_so() {
    let scenario = world("", &volumes(IDLE, 3)).with("KEYCENSUS_DEPENDENTS", "off");
    let run = scenario.run().await;
    assert_eq!(asked(&run), [0, 0, 0]);
    assert_eq!(dependents(&run, IDLE), ["", "no", "disable_and_watch"]);
    assert_eq!(dependents(&run, LEAVING), ["", "no", "none"]);
    assert_eq!(dependents(&run, USED)[1], "");
    assert_eq!(run.key(IDLE)["detail"], "");
    let digest = run.digest().text();
    assert!(digest.contains("was not looked for: KEYCENSUS_DEPENDENTS is off."));
    let page = run.latest("report.html");
    assert!(page.contains("3 keys were not checked."));
}

#[tokio::test(start_paused = true)]
async fn every_page_of_each_listing_is_read() {
    let keys = key(IDLE, UNUSED) + &grants(250);
    let more = volumes(IDLE, 1_300) + &snapshots(IDLE, 2_100);
    let run = account("quotas = true", &(keys + &more)).run().await;
    let found = "ebs_volumes=1300;ebs_snapshots=2100;grants=rds.amazonaws.com:250";
    assert_eq!(dependents(&run, IDLE)[..2], [found, "yes"]);
    assert_eq!(asked(&run), [3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_grants_a_second_are_asked_for_and_no_quota_is_overdrawn() {
    // Keys that ask without waiting for a turn at GetKeyLastUsage.
    let keys = (0..300).map(|n| key(&format!("key-{n:04}"), WILL_BE_DELETED));
    let run = account("quotas = true", &keys.collect::<String>())
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    assert_eq!(asked(&run), [1, 1, 300]);
    assert_eq!(run.aws.calls().throttled("kms:ListGrants"), 0);
    let checked = run.column("keys.csv", "dependents_checked");
    assert!(checked.iter().all(|checked| checked == "yes"));
}
