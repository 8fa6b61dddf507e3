//! What depends on keys that are flagged or will be deleted, and what is recommended
//! then.

use keycensus_sim::LoggedCall;
use tests::{Run, Scenario};

const UNUSED: &str = "22220000-0000-4000-8000-000000000001";
const OTHER: &str = "22220000-0000-4000-8000-000000000002";
const IN_USE: &str = "22220000-0000-4000-8000-000000000003";
const LEAVING: &str = "22220000-0000-4000-8000-000000000004";

/// An account with keys in one Region, and `more` that goes on with the account.
fn world(head: &str, more: &str) -> Scenario {
    let key = |id: &str, rest: &str| {
        format!("[[account.key]]\nregion = \"eu-west-1\"\nid = \"{id}\"\n{rest}\n")
    };
    let keys = [
        key(UNUSED, "last_used = \"120d\""),
        key(OTHER, "last_used = \"120d\""),
        key(IN_USE, "last_used = \"1d\""),
        key(
            LEAVING,
            "state = \"PendingDeletion\"\ndeletion_date = \"-7d\"",
        ),
    ];
    Scenario::small(
        head,
        &format!(
            "[[account]]\nid = \"222222222222\"\nregions = [\"eu-west-1\", \"us-east-1\"]\n{}{more}",
            keys.concat()
        ),
    )
    .with("KEYCENSUS_KINDS", "kms")
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

/// What a row says of a key's dependents and what to do.
fn told(run: &Run, key: &str) -> [String; 3] {
    let row = run.key(key);
    ["dependents", "dependents_checked", "recommendation"].map(|column| row[column].clone())
}

#[tokio::test(start_paused = true)]
async fn volumes_and_snapshots_are_joined_to_the_key_that_they_are_encrypted_under() {
    let more = volumes(UNUSED, 3)
        + &snapshots(UNUSED, 12)
        + &volumes(IN_USE, 2)
        + &snapshots(LEAVING, 1)
        + "[[account.volume]]\nregion = \"eu-west-1\"\n";
    let run = world("", &more).run().await;
    assert_eq!(
        told(&run, UNUSED),
        ["ebs_volumes=3;ebs_snapshots=12", "yes", "check_dependents"]
    );
    assert_eq!(told(&run, OTHER), ["", "yes", "disable_and_watch"]);
    assert_eq!(told(&run, IN_USE), ["", "", "none"]);
    assert_eq!(told(&run, LEAVING), ["ebs_snapshots=1", "yes", "none"]);
}
