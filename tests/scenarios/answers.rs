//! Answers that come whole and must not be believed: empty ones, ones that contradict
//! themselves, ones about something else, listings that do not end, and ones without end.

mod empty;
mod endless;
mod wrong;

use tests::{Run, Scenario};

const ACCOUNT: &str = "222222222222";
/// A disabled key that nobody uses and a role has a grant of.
const UNUSED: &str = "22220000-0000-4000-8000-000000000001";
/// A key that nobody uses and that is exempt.
const EXEMPT: &str = "22220000-0000-4000-8000-000000000002";
const IN_USE: &str = "22220000-0000-4000-8000-000000000003";

const ACCOUNTS: &str = r#"
credential_report = { takes_ms = 0 }

[[account]]
id = "222222222222"
name = "payments"
parent = "ou-exam-prod0001"
regions = ["us-east-1"]
credential_report = { takes_ms = 0 }

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000001"
aliases = ["alias/one"]
state = "Disabled"
last_used = "120d"
[[account.key.grant]]
grantee = "arn:aws:iam::222222222222:role/billing"

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000002"
last_used = "120d"
tags = { "keycensus:exempt" = "legal hold" }

[[account.key]]
region = "us-east-1"
id = "22220000-0000-4000-8000-000000000003"
aliases = ["alias/three"]
last_used = "1d"

[[account.key.grant]]
grantee = "arn:aws:iam::222222222222:role/ledger"

[[account.volume]]
region = "us-east-1"
kms_key = "alias/one"

[[account.root_access_key]]
created = "500d"
last_used = "20d"

[[account.user]]
name = "anna"
tags = { "keycensus:exempt" = "break glass" }
[[account.user.access_key]]
id = "AKIAANNA000000000001"
created = "300d"
last_used = "120d"

[[account.user]]
name = "bert"
[[account.user.access_key]]
id = "AKIABERT000000000001"
created = "300d"
last_used = "1d"

[[account]]
id = "333333333333"
name = "storefront"
parent = "ou-exam-shop0001"
regions = ["us-east-1"]
credential_report = { takes_ms = 0 }

[[account.key]]
region = "us-east-1"
id = "33330000-0000-4000-8000-000000000001"
last_used = "1d"

[[account.user]]
name = "carl"
[[account.user.access_key]]
id = "AKIACARL000000000001"
created = "300d"
last_used = "100d"
"#;

/// An organization of three accounts, listed one by one, in which what `fault` says goes
/// wrong.
fn world(fault: &str) -> Scenario {
    let fault = match fault {
        "" => String::new(),
        fault => format!("[[fault]]\n{fault}"),
    };
    let units = "[[organizational_unit]]\nid = \"ou-exam-prod0001\"\nname = \"Prod\"\n\
                 [[organizational_unit]]\nid = \"ou-exam-shop0001\"\nname = \"Shop\"\n";
    Scenario::small(
        &format!("[organization]\npage_size = 1\n{units}{fault}"),
        ACCOUNTS,
    )
    .with("KEYCENSUS_AUDIT_GUARD", "on")
    .with("KEYCENSUS_EVENT_BUS", "default")
    .with("KEYCENSUS_DIGEST", "always")
}

/// Every operation that a census of this world calls and has an answer to, on the first
/// night.
const OPERATIONS: [&str; 25] = [
    "account:ListRegions",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "events:PutEvents",
    "iam:GenerateCredentialReport",
    "iam:GetAccessKeyLastUsed",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
    "iam:ListUserTags",
    "iam:ListUsers",
    "kms:DescribeKey",
    "kms:GetKeyLastUsage",
    "kms:GetKeyPolicy",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyRotations",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "organizations:DescribeOrganizationalUnit",
    "organizations:ListAccounts",
    "s3:PutObject",
    "sns:GetTopicAttributes",
    "sns:Publish",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];

/// What befalls the first call of each operation leaves no trace: the calls are made
/// again.
async fn leaves_no_trace(effect: &str, operations: &[&str]) {
    let sound = world("").run().await;
    let faults: Vec<String> = operations
        .iter()
        .map(|name| format!("operation = \"{name}\"\neffect = \"{effect}\"\nnth = 1"))
        .collect();
    let run = world(&faults.join("\n[[fault]]\n")).run().await;
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

/// The second of two nights, on which every call of an operation into the account goes
/// wrong.
async fn night_with(effect: &str, operation: &str) -> Run {
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    let fault =
        format!("operation = \"{operation}\"\naccount = \"{ACCOUNT}\"\neffect = \"{effect}\"");
    first.a_night_later(&world(&fault)).run().await
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
    assert_eq!(
        run.key("AKIACARL000000000001")["verdict"],
        "stale",
        "{what}: another account"
    );
    let files = ["coverage.csv", "keys.csv"].map(|file| run.latest(file));
    let says_so = files.iter().any(|file| file.contains("UnreadableAnswer"));
    assert!(says_so, "{what}: {}", files[0]);
}
