//! Answers that come whole and must not be believed: empty ones, ones that contradict
//! themselves, lack what AWS always says or are about something else, and listings that do
//! not end.

mod empty;
mod listings;

use tests::{
    Run, Scenario,
    parts::{MEMBER, fault, words},
};

/// A disabled key that is unused and that a role has a grant of.
const UNUSED: &str = "22220000-0000-4000-8000-000000000001";
/// A key that is unused and exempt.
const EXEMPT: &str = "22220000-0000-4000-8000-000000000002";
const IN_USE: &str = "22220000-0000-4000-8000-000000000003";

/// An organization of three accounts, listed one by one, with these faults.
fn world(faults: &str) -> Scenario {
    Scenario::named_with("three_accounts", faults)
        .with("KEYCENSUS_AUDIT_GUARD", "on")
        .with("KEYCENSUS_EVENT_BUS", "default")
        .with("KEYCENSUS_DIGEST", "always")
}

/// Every operation that a census of this world calls and has an answer to, on the first
/// night.
const OPERATIONS: &str = "
    account:ListRegions
    ec2:DescribeSnapshots ec2:DescribeVolumes
    events:PutEvents
    iam:GenerateCredentialReport iam:GetAccessKeyLastUsed iam:GetCredentialReport
    iam:ListAccessKeys iam:ListUserTags iam:ListUsers
    kms:DescribeKey kms:GetKeyLastUsage kms:GetKeyPolicy kms:ListAliases kms:ListGrants
    kms:ListKeyRotations kms:ListKeys kms:ListResourceTags
    organizations:DescribeOrganizationalUnit organizations:ListAccounts
    s3:PutObject
    sns:GetTopicAttributes sns:Publish
    sts:AssumeRole sts:GetCallerIdentity
";

/// Listings of one account.
const LISTINGS: &str = "
    account:ListRegions ec2:DescribeSnapshots ec2:DescribeVolumes iam:ListAccessKeys
    iam:ListUserTags iam:ListUsers kms:ListAliases kms:ListGrants kms:ListKeys
    kms:ListResourceTags
";

/// Operations whose answers can contradict themselves.
const CONTRADICTORY: &str = "
    account:ListRegions iam:GetAccessKeyLastUsed iam:GetCredentialReport iam:ListAccessKeys
    iam:ListUserTags iam:ListUsers kms:DescribeKey kms:GetKeyLastUsage kms:ListAliases
    kms:ListGrants kms:ListKeys kms:ListResourceTags sts:AssumeRole
";

/// Operations whose answers say what they are about.
const ABOUT_SOMETHING: &str = "
    iam:GetAccessKeyLastUsed iam:GetCredentialReport iam:ListAccessKeys iam:ListUsers
    kms:DescribeKey kms:GetKeyLastUsage kms:ListGrants kms:ListKeys sts:AssumeRole
";

/// The forms of an answer that says nothing.
const EMPTY: [&str; 3] = ["empty_body", "no_content", "empty_answer"];

/// Those of the operations whose answers are JSON, which has null.
fn in_json(operations: &str) -> Vec<&str> {
    let services = ["account:", "events:", "kms:", "organizations:"];
    let mut operations = words(operations);
    operations.retain(|operation| services.iter().any(|s| operation.starts_with(s)));
    operations
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_must_not_be_believed_is_asked_for_again_whatever_was_asked() {
    for effect in EMPTY.into_iter().chain(["oversized_body"]) {
        leaves_no_trace(effect, &words(OPERATIONS)).await;
    }
    leaves_no_trace("null_answer", &in_json(OPERATIONS)).await;
    leaves_no_trace("contradiction", &words(CONTRADICTORY)).await;
    let of_the_scanner = ["organizations:ListAccounts", "sts:GetCallerIdentity"];
    leaves_no_trace("contradiction", &of_the_scanner).await;
    leaves_no_trace("about_another", &words(ABOUT_SOMETHING)).await;
    let of_a_unit = ["organizations:DescribeOrganizationalUnit"];
    leaves_no_trace("about_another", &of_a_unit).await;
}

/// A report is the same where the first call of each operation has this effect: the calls
/// are made again.
async fn leaves_no_trace(effect: &str, operations: &[&str]) {
    let sound = world("").run().await;
    let faults = operations.iter().map(|name| fault(name, effect, "nth = 1"));
    let run = world(&faults.collect::<String>()).run().await;
    let log = run.aws.log();
    for operation in operations {
        let mut calls = log.iter().filter(|call| call.operation == *operation);
        let is_struck = calls.any(|call| call.fault == Some(effect));
        assert!(is_struck, "{effect} {operation}");
    }
    for file in ["keys.csv", "coverage.csv"] {
        assert_eq!(run.latest(file), sound.latest(file), "{effect}");
    }
    assert_eq!(run.aws.messages().len(), 1, "{effect}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_can_never_be_believed_is_a_gap_and_no_key_is_gone_or_unused_for_it() {
    let large = "kms:ListKeys kms:GetKeyLastUsage iam:ListUsers";
    for (effect, operations) in [
        ("empty_body", words(LISTINGS)),
        ("no_content", words(LISTINGS)),
        ("empty_answer", words(LISTINGS)),
        ("null_answer", in_json(LISTINGS)),
        ("cyclic_tokens", words(LISTINGS)),
        ("oversized_body", words(large)),
        ("contradiction", words(CONTRADICTORY)),
        ("about_another", words(ABOUT_SOMETHING)),
    ] {
        for operation in operations {
            let run = night_with(effect, operation).await;
            is_honest(&run, &format!("{effect} {operation}"));
        }
    }
}

/// The second of two nights, on which every call of an operation into the account has this
/// effect.
async fn night_with(effect: &str, operation: &str) -> Run {
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    let of_account = format!("account = '{MEMBER}'");
    let tonight = world(&fault(operation, effect, &of_account));
    first.a_night_later(&tonight).run().await
}

/// Nothing is called gone or unused that is not, and the report says that something could
/// not be read.
fn is_honest(run: &Run, what: &str) {
    for row in run.rows("changes.csv") {
        assert_ne!(row["change"], "gone", "{what}: {}", row["key_id"]);
    }
    let sound = [
        (UNUSED, "stale"),
        (EXEMPT, "stale"),
        (IN_USE, "in_use"),
        ("AKIAANNA000000000001", "stale"),
        ("AKIABERT000000000001", "in_use"),
        ("root_access_key_1", "in_use"),
        ("33330000-0000-4000-8000-000000000001", "in_use"),
        ("AKIACARL000000000001", "stale"),
    ];
    let keys = run.rows("keys.csv");
    for (key, verdict) in sound {
        for row in keys.iter().filter(|row| row["key_id"] == key) {
            let is_true = row["verdict"] == verdict || row["verdict"] == "unreadable";
            assert!(is_true, "{what}: {key} is {}", row["verdict"]);
        }
    }
    let of_another_account = run.key("AKIACARL000000000001");
    assert_eq!(of_another_account["verdict"], "stale", "{what}");
    let files = ["coverage.csv", "keys.csv"].map(|file| run.latest(file));
    let says_so = files.iter().any(|file| file.contains("UnreadableAnswer"));
    assert!(says_so, "{what}: {}", files[0]);
}

#[tokio::test(start_paused = true)]
async fn a_key_about_which_no_answer_can_be_believed_is_unreadable_and_names_the_call() {
    for effect in ["about_another", "contradiction"] {
        for operation in ["kms:DescribeKey", "kms:GetKeyLastUsage"] {
            let key = night_with(effect, operation).await.key(UNUSED);
            let found = key.values(["verdict", "flagged", "detail"]);
            let detail = format!("{operation} UnreadableAnswer");
            assert_eq!(found, ["unreadable", "false", &detail], "{effect}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_for_which_a_session_of_another_is_given_is_not_entered() {
    let run = night_with("about_another", "sts:AssumeRole").await;
    let found = run.cell(MEMBER, "*");
    let found = found.values(["status", "error_code"]);
    assert_eq!(found, ["unreachable", "UnreadableAnswer"]);
}
