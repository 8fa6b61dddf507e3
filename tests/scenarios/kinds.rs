//! What is read is what is asked for, and nothing else is called.

use std::collections::BTreeSet;

use tests::{Run, Scenario};

async fn of_kinds(kinds: &str) -> Run {
    Scenario::named("every_verdict")
        .with("KEYCENSUS_KINDS", kinds)
        .run()
        .await
}

/// What was called of the services that know of keys and Regions.
fn called(run: &Run) -> BTreeSet<String> {
    let mut called = run.aws.calls().by_operation();
    called.retain(|operation, _| {
        ["kms:", "ec2:", "iam:", "account:"]
            .iter()
            .any(|service| operation.starts_with(service))
    });
    called.into_keys().collect()
}

fn kinds_in(run: &Run, file: &str) -> BTreeSet<String> {
    let rows = run.rows(file).into_iter();
    rows.filter_map(|mut row| row.remove("kind")).collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test(start_paused = true)]
async fn asked_for_kms_keys_a_census_calls_nothing_of_iam_and_has_rows_of_kms_keys_only() {
    let run = of_kinds("kms").await;
    let expected = [
        "account:ListRegions",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "kms:DescribeKey",
        "kms:GetKeyLastUsage",
        "kms:ListAliases",
        "kms:ListGrants",
        "kms:ListKeyRotations",
        "kms:ListKeys",
        "kms:ListResourceTags",
    ];
    assert_eq!(called(&run), set(expected));
    assert_eq!(kinds_in(&run, "keys.csv"), set(["kms_key"]));
    assert_eq!(kinds_in(&run, "coverage.csv"), set(["kms_key"]));
}

#[tokio::test(start_paused = true)]
async fn asked_for_access_keys_a_census_calls_nothing_of_kms_and_has_rows_of_access_keys_only() {
    let run = of_kinds("iam").await;
    let expected = [
        "iam:GenerateCredentialReport",
        "iam:GetAccessKeyLastUsed",
        "iam:GetCredentialReport",
        "iam:ListAccessKeys",
        "iam:ListUserTags",
        "iam:ListUsers",
    ];
    assert_eq!(called(&run), set(expected));
    assert_eq!(
        kinds_in(&run, "keys.csv"),
        set(["iam_access_key", "root_access_key"])
    );
    assert_eq!(kinds_in(&run, "coverage.csv"), set(["iam_access_key"]));
}

#[tokio::test(start_paused = true)]
async fn the_digest_and_the_answer_say_nothing_of_what_was_not_asked_for() {
    let kms = of_kinds("kms").await.digest();
    assert!(!kms.text().contains("ACCESS KEYS"), "{}", kms.text());
    let iam = of_kinds("iam").await.digest();
    assert!(!iam.text().contains("KMS"), "{}", iam.text());
}
