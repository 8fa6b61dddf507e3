//! What depends on keys that are flagged or will be deleted, and what is recommended
//! then.

mod asking;
mod failing;
mod watching;

use tests::{Run, Scenario};

const UNUSED: &str = "22220000-0000-4000-8000-000000000001";
const OTHER: &str = "22220000-0000-4000-8000-000000000002";
const IN_USE: &str = "22220000-0000-4000-8000-000000000003";
const LEAVING: &str = "22220000-0000-4000-8000-000000000004";

/// An account with four keys in one Region, and `more` that goes on with it.
fn world(head: &str, more: &str) -> Scenario {
    let keys = [
        key(UNUSED, "last_used = \"120d\""),
        key(OTHER, "last_used = \"120d\""),
        key(IN_USE, "last_used = \"1d\""),
        key(
            LEAVING,
            "state = \"PendingDeletion\"\ndeletion_date = \"2026-11-28T02:00:00Z\"",
        ),
    ];
    account(head, &(keys.concat() + more))
}

/// An account with what is said, beside the one that the census runs in.
fn account(head: &str, more: &str) -> Scenario {
    let account = "[[account]]\nid = \"222222222222\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n";
    Scenario::small(head, &format!("{account}{more}")).with("KEYCENSUS_KINDS", "kms")
}

fn key(id: &str, rest: &str) -> String {
    format!("[[account.key]]\nregion = \"eu-west-1\"\nid = \"{id}\"\n{rest}\n")
}

fn volumes(key: &str, n: usize) -> String {
    stored("volume", key, n)
}

fn snapshots(key: &str, n: usize) -> String {
    stored("snapshot", key, n)
}

fn stored(what: &str, key: &str, n: usize) -> String {
    format!("[[account.{what}]]\nregion = \"eu-west-1\"\nkms_key = \"{key}\"\n").repeat(n)
}

/// What a row says of a key's dependents, and what to do about it.
fn told(run: &Run, key: &str) -> [String; 3] {
    let row = run.key(key);
    ["dependents", "dependents_checked", "recommendation"].map(|column| row[column].clone())
}

/// How often each of the three calls was made.
fn asked(run: &Run) -> [u64; 3] {
    let calls = run.aws.calls();
    [
        "ec2:DescribeVolumes",
        "ec2:DescribeSnapshots",
        "kms:ListGrants",
    ]
    .map(|operation| calls.sent(operation))
}
