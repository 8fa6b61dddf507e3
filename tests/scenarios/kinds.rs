//! What is read is what is asked for, and nothing else is called.

use std::collections::BTreeSet;

use tests::{
    Run, Scenario,
    parts::{user, words},
};

/// What was called of the services that know of keys and Regions.
fn called(run: &Run) -> BTreeSet<String> {
    let services = ["kms:", "ec2:", "iam:", "account:"];
    let mut called = run.aws.calls().by_operation();
    called.retain(|operation, _| services.iter().any(|s| operation.starts_with(s)));
    called.into_keys().collect()
}

fn set(names: &str) -> BTreeSet<String> {
    words(names).into_iter().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_census_of_one_kind_of_key_calls_nothing_of_the_other_and_says_nothing_of_it() {
    let of_kms = "
        account:ListRegions ec2:DescribeSnapshots ec2:DescribeVolumes kms:DescribeKey
        kms:GetKeyLastUsage kms:ListAliases kms:ListGrants kms:ListKeyRotations
        kms:ListKeys kms:ListResourceTags
    ";
    let of_iam = "
        iam:GenerateCredentialReport iam:GetAccessKeyLastUsed iam:GetCredentialReport
        iam:ListAccessKeys iam:ListUserTags iam:ListUsers
    ";
    let of_passwords = "
        iam:GenerateCredentialReport iam:GetCredentialReport iam:ListUserTags iam:ListUsers
    ";
    let passwords = "iam_password root_password";
    let access_keys = "iam_access_key root_access_key";
    for (kind, operations, in_keys, in_coverage, of_the_other) in [
        ("kms", of_kms, "kms_key", "kms_key", "ACCESS KEYS"),
        ("iam", of_iam, access_keys, "iam_access_key", "KMS"),
        (
            "passwords",
            of_passwords,
            passwords,
            "iam_access_key",
            "KMS",
        ),
    ] {
        let more = "[account.root_password]\nlast_used = '1d'\n".to_owned()
            + &user(
                "anna",
                "password = { changed = '300d', last_used = '120d' }",
            );
        let run = Scenario::named_with("every_verdict", &more)
            .with("KEYCENSUS_KINDS", kind)
            .run()
            .await;
        assert_eq!(called(&run), set(operations));
        let kinds = |file| BTreeSet::from_iter(run.column(file, "kind"));
        assert_eq!(kinds("keys.csv"), set(in_keys));
        assert_eq!(kinds("coverage.csv"), set(in_coverage));
        let text = run.digest().text();
        assert!(!text.contains(of_the_other), "{text}");
    }
}
