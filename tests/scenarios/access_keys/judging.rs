//! What is said of access keys that were read, and what to do about them.

use super::world;
use tests::{Run, Scenario};

const KEYS: &str = r#"
[[account.root_access_key]]
created = "1200d 12h"
last_used = "200d 12h"
expect = "stale"
expect_flagged = true

[[account.root_access_key]]
status = "Inactive"
created = "10d 12h"
expect = "undecided"
expect_flagged = false

[[account.user]]
name = "steady"
tags = { team = "orders", Owner = "orders-lead" }

[[account.user.access_key]]
id = "AKIAOLDANDUSED000001"
created = "90d"
last_used = "1d 12h"
expect = "in_use"
expect_flagged = false

[[account.user.access_key]]
id = "AKIAYOUNGANDUSED0001"
created = "89d 23h"
last_used = "1d 12h"
expect = "in_use"
expect_flagged = false

[[account.user]]
name = "gone"

[[account.user.access_key]]
id = "AKIASTALE00000000001"
created = "300d 12h"
last_used = "90d"
expect = "stale"
expect_flagged = true

[[account.user.access_key]]
id = "AKIASTALEINACTIVE001"
status = "Inactive"
created = "300d 12h"
expect = "never_used"
expect_flagged = true

[[account.user]]
name = "asleep"

[[account.user.access_key]]
id = "AKIAINACTIVEUSED0001"
status = "Inactive"
created = "300d 12h"
last_used = "10d 12h"
expect = "in_use"
expect_flagged = false

[[account.user]]
name = "kept"
tags = { "keycensus:exempt" = "break glass", owner = "security" }

[[account.user.access_key]]
id = "AKIAEXEMPT0000000001"
created = "300d 12h"
expect = "never_used"
expect_flagged = false

[[account.user.access_key]]
id = "AKIAEXEMPTUSED000001"
created = "300d 12h"
last_used = "1d 12h"
expect = "in_use"
expect_flagged = false
"#;

async fn run() -> Run {
    let run = world("", KEYS).run().await;
    run.verdicts_match_the_world();
    run
}

#[tokio::test(start_paused = true)]
async fn what_to_do_about_a_key_follows_from_its_use_its_age_and_its_state() {
    let run = run().await;
    for (id, recommendation) in [
        ("root_access_key_1", "remove_root_key"),
        ("root_access_key_2", "remove_root_key"),
        ("AKIAOLDANDUSED000001", "rotate"),
        ("AKIAYOUNGANDUSED0001", "none"),
        ("AKIASTALE00000000001", "deactivate"),
        ("AKIASTALEINACTIVE001", "delete"),
        ("AKIAINACTIVEUSED0001", "none"),
        ("AKIAEXEMPT0000000001", "none"),
        ("AKIAEXEMPTUSED000001", "none"),
    ] {
        assert_eq!(run.key(id)["recommendation"], recommendation, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_tags_of_a_user_name_the_owner_of_its_keys_and_exempt_them() {
    let run = run().await;
    for (id, owner, exempt, detail) in [
        ("AKIAOLDANDUSED000001", "orders-lead", "false", ""),
        ("AKIAYOUNGANDUSED0001", "orders-lead", "false", ""),
        (
            "AKIAEXEMPT0000000001",
            "security",
            "true",
            "exempt: break glass",
        ),
        ("AKIASTALE00000000001", "", "false", ""),
        ("root_access_key_1", "", "false", ""),
    ] {
        let key = run.key(id);
        assert_eq!(
            (&*key["owner"], &*key["exempt"], &*key["detail"]),
            (owner, exempt, detail),
            "{id}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_from_which_a_key_is_to_be_rotated_is_the_one_that_is_set() {
    for (days, rotate) in [("91", "none"), ("90", "rotate"), ("1", "rotate")] {
        let run = world("", KEYS)
            .with("KEYCENSUS_ROTATE_AFTER_DAYS", days)
            .run()
            .await;
        let key = run.key("AKIAOLDANDUSED000001");
        assert_eq!(key["recommendation"], rotate, "{days} days");
    }
}

#[tokio::test(start_paused = true)]
async fn an_access_key_costs_nothing_and_is_global() {
    let run = run().await;
    for row in run.rows("keys.csv") {
        assert_eq!(
            (&*row["region"], &*row["monthly_cost_usd"], &*row["manager"]),
            ("global", "0.00", "customer")
        );
    }
}

/// The lines below a heading of the digest, up to the next empty one.
fn section<'a>(text: &'a str, heading: &str) -> Vec<&'a str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(heading));
    lines.take_while(|line| !line.is_empty()).collect()
}

#[tokio::test(start_paused = true)]
async fn root_keys_have_a_section_of_their_own_in_the_digest() {
    let digest = run().await.digest();
    assert_eq!(
        section(&digest.text(), "ROOT ACCESS KEYS"),
        [
            "ROOT ACCESS KEYS: 2",
            "- 222222222222 shop: root_access_key_1, Active, 1200 days old, last use on 2026-05-04, s3 in us-east-1",
            "- 222222222222 shop: root_access_key_2, Inactive, 10 days old, no use recorded",
            "Remove them: a root access key gives access to everything in its account.",
        ]
    );
    let (_, others) = digest
        .text()
        .split_once("UNUSED ACCESS KEYS")
        .map(|(before, after)| (before.to_owned(), after.to_owned()))
        .unwrap();
    assert!(!others.contains("root_access_key"), "{others}");
}

#[tokio::test(start_paused = true)]
async fn a_root_key_in_use_is_reason_enough_for_a_digest() {
    let account = "[[account.root_access_key]]\nlast_used = \"1d 12h\"";
    let run = world("", account).run().await;
    assert_eq!(run.summary()["keys"]["flagged"], 0);
    assert_eq!(run.summary()["digest"]["reason"], "root access keys: 1");
    assert_eq!(run.aws.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_root_keys_of_the_account_the_census_runs_in_are_read_too() {
    let account = "[[account.root_access_key]]\nlast_used = \"1d 12h\"\nexpect = \"in_use\"";
    let run = Scenario::small("", account).run().await;
    run.verdicts_match_the_world();
}
