//! What depends on keys that are flagged or will be deleted, and what is recommended
//! then.

mod asking;
mod failing;
mod watching;

use tests::{
    Run, Scenario,
    parts::{IN_USE, UNUSED, key_in},
};

/// IDs of keys: two that are unused, one in use, and one that will be deleted.
const IDLE: &str = "22220000-0000-4000-8000-000000000001";
const OTHER: &str = "22220000-0000-4000-8000-000000000002";
const USED: &str = "22220000-0000-4000-8000-000000000003";
const LEAVING: &str = "22220000-0000-4000-8000-000000000004";

const WILL_BE_DELETED: &str = "state = 'PendingDeletion'\ndeletion_date = '2026-11-28T02:00:00Z'";

/// What may be asked for.
const OPERATIONS: [&str; 3] = [
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "kms:ListGrants",
];

/// An account with four keys in one Region, and `more` that goes on with it.
fn world(head: &str, more: &str) -> Scenario {
    let keys = [
        key(IDLE, UNUSED),
        key(OTHER, UNUSED),
        key(USED, IN_USE),
        key(LEAVING, WILL_BE_DELETED),
    ];
    account(head, &(keys.concat() + more))
}

/// An account with this, beside the one that the census runs in.
fn account(head: &str, more: &str) -> Scenario {
    let member = format!("regions = ['eu-west-1', 'us-east-1']\n{more}");
    Scenario::member(head, &member).with("KEYCENSUS_KINDS", "kms")
}

fn key(id: &str, rest: &str) -> String {
    key_in("eu-west-1", id, rest)
}

fn grants(count: usize) -> String {
    "[[account.key.grant]]\ngrantee = 'rds.amazonaws.com'\n".repeat(count)
}

fn volumes(key: &str, count: usize) -> String {
    encrypted("volume", key, count)
}

fn snapshots(key: &str, count: usize) -> String {
    encrypted("snapshot", key, count)
}

fn encrypted(what: &str, key: &str, count: usize) -> String {
    format!("[[account.{what}]]\nregion = 'eu-west-1'\nkms_key = '{key}'\n").repeat(count)
}

/// What a row says of a key's dependents, and what to do about it.
fn dependents(run: &Run, key: &str) -> [String; 3] {
    let row = run.key(key);
    let columns = ["dependents", "dependents_checked", "recommendation"];
    row.values(columns).map(str::to_owned)
}

/// How often each of the three calls was made.
fn asked(run: &Run) -> [u64; 3] {
    OPERATIONS.map(|operation| run.sent(operation))
}
