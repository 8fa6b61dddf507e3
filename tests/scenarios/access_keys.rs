//! Access keys of IAM users, and of root users.

mod calls;
mod credential_report;
mod damaged_reports;
mod judging;
mod partitions;
mod refusals;
mod secrecy;
mod throttles;
mod users;

use tests::{Run, Scenario};

/// The account whose access keys these tests read.
const ACCOUNT: &str = "222222222222";
const DEPLOY_KEY: &str = "AKIADEPLOY0000000001";
const IDLE_KEY: &str = "AKIAIDLE000000000001";

/// A root key, two users with a key each, and one without.
const USERS: &str = r#"
[[account.root_access_key]]
created = "500d 12h"
last_used = "20d 12h"
service = "iam"
expect = "in_use"
expect_flagged = false

[[account.user]]
name = "deploy-bot"
path = "/ci/"
tags = { owner = "platform" }

[[account.user.access_key]]
id = "AKIADEPLOY0000000001"
created = "50d 12h"
last_used = "1d 12h"
service = "ec2"
last_used_region = "eu-west-1"
expect = "in_use"
expect_flagged = false

[[account.user]]
name = "idle-bot"
tags = { team = "growth" }

[[account.user.access_key]]
id = "AKIAIDLE000000000001"
created = "300d 12h"
last_used = "120d 12h"
expect = "stale"
expect_flagged = true

[[account.user]]
name = "nobody"
"#;

/// A world of which access keys are read: `head` is TOML that comes before the
/// accounts, `account` describes [`ACCOUNT`].
fn world(head: &str, account: &str) -> Scenario {
    Scenario::small(
        head,
        &format!("[[account]]\nid = \"{ACCOUNT}\"\nname = \"shop\"\n{account}"),
    )
    .with("KEYCENSUS_KINDS", "iam")
}

/// A world of [`USERS`] in which something of IAM is refused, as `head` says.
fn refusing(head: &str) -> Scenario {
    world(
        &format!("[[refuse]]\naccount = \"{ACCOUNT}\"\n{head}"),
        USERS,
    )
}

/// `status`, `error_code` and `detail` of the account's access keys.
fn coverage(run: &Run) -> [String; 3] {
    let mut row = run.cell(ACCOUNT, "global");
    ["status", "error_code", "detail"].map(|column| row.remove(column).unwrap_or_default())
}

/// The key IDs of all rows.
fn key_ids(run: &Run) -> Vec<String> {
    let rows = run.rows("keys.csv").into_iter();
    rows.filter_map(|mut row| row.remove("key_id")).collect()
}

/// How often an operation was called in the account.
fn sent(run: &Run, operation: &str) -> u64 {
    run.aws.calls().count(operation, Some(ACCOUNT), None).sent
}
