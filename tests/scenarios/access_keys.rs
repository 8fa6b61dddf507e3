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

use tests::{
    Run, Scenario,
    parts::{MEMBER, refusal},
};

const DEPLOY_KEY: &str = "AKIADEPLOY0000000001";
const IDLE_KEY: &str = "AKIAIDLE000000000001";
const ROOT_KEY: &str = "root_access_key_1";

/// A world of which access keys are read: `head` is TOML that comes before the
/// accounts, `account` describes [`MEMBER`].
fn world(head: &str, account: &str) -> Scenario {
    let account = format!("name = 'shop'\n{account}");
    Scenario::member(head, &account).with("KEYCENSUS_KINDS", "iam")
}

/// The world of `worlds/users.toml`, followed by TOML that goes on with its last account.
fn users(more: &str) -> Scenario {
    Scenario::named_with("users", more).with("KEYCENSUS_KINDS", "iam")
}

/// What the account refuses.
fn refused(operation: &str, rest: &str) -> String {
    refusal(operation, &format!("account = '{MEMBER}'\n{rest}"))
}

/// `status`, `error_code` and `detail` of the account's access keys.
fn coverage(run: &Run) -> [String; 3] {
    let row = run.cell(MEMBER, "global");
    row.values(["status", "error_code", "detail"])
        .map(str::to_owned)
}

/// Every key is as the world expects, and its account is read without a gap.
fn is_read_whole(run: &Run, what: &str) {
    run.verdicts_match_the_world();
    assert_eq!(coverage(run), ["scanned", "", ""], "{what}");
}

/// Every key is as the world expects but for these, which are not known, and the account's
/// coverage says why.
fn lacks(run: &Run, keys: &[&str], expected: [&str; 3]) {
    run.verdicts_match_the_world_without(keys);
    assert_eq!(coverage(run), expected);
}

/// How often an operation was called in the account.
fn sent(run: &Run, operation: &str) -> u64 {
    run.aws.calls().count(operation, Some(MEMBER), None).sent
}
