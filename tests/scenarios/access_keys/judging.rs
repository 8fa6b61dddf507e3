//! What is reported of access keys that were read, and what to do about them.

use tests::Scenario;

use super::world;

/// The world of `worlds/access_keys.toml`.
fn keys() -> Scenario {
    Scenario::named("access_keys").with("KEYCENSUS_KINDS", "iam")
}

#[tokio::test(start_paused = true)]
async fn what_to_do_about_a_key_follows_from_its_use_its_age_and_its_state() {
    let run = keys().run().await;
    run.verdicts_match_the_world();
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
        let key = run.key(id);
        assert_eq!(key["recommendation"], recommendation, "{id}");
        // An access key costs nothing and is global.
        let found = key.values(["region", "monthly_cost_usd", "manager"]);
        assert_eq!(found, ["global", "0.00", "customer"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_tags_of_a_user_name_the_owner_of_its_keys_and_exempt_them() {
    let run = keys().run().await;
    let exempt = ["security", "true", "exempt: break glass"];
    for (id, expected) in [
        ("AKIAOLDANDUSED000001", ["orders-lead", "false", ""]),
        ("AKIAYOUNGANDUSED0001", ["orders-lead", "false", ""]),
        ("AKIAEXEMPT0000000001", exempt),
        ("AKIASTALE00000000001", ["", "false", ""]),
        ("root_access_key_1", ["", "false", ""]),
    ] {
        let found = run.key(id);
        let found = found.values(["owner", "exempt", "detail"]);
        assert_eq!(found, expected, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_from_which_a_key_is_to_be_rotated_is_the_one_that_is_set() {
    for (days, rotate) in [("91", "none"), ("90", "rotate"), ("1", "rotate")] {
        let run = keys().with("KEYCENSUS_ROTATE_AFTER_DAYS", days).run().await;
        let key = run.key("AKIAOLDANDUSED000001");
        assert_eq!(key["recommendation"], rotate, "{days} days");
    }
}

#[tokio::test(start_paused = true)]
async fn root_keys_have_a_section_of_their_own_in_the_digest() {
    let text = keys().run().await.digest().text();
    let section = "ROOT ACCESS KEYS: 2\n\
        - 222222222222 shop: root_access_key_1, Active, 1200 days old, last use on 2026-05-04, s3 in us-east-1\n\
        - 222222222222 shop: root_access_key_2, Inactive, 10 days old, no use recorded\n\
        Remove them: a root access key gives access to everything in its account.\n\n";
    assert!(text.contains(section), "{text}");
    let (_, others) = text.split_once("UNUSED ACCESS KEYS").unwrap();
    assert!(!others.contains("root_access_key"), "{others}");
}

#[tokio::test(start_paused = true)]
async fn a_root_key_in_use_is_reason_enough_for_a_digest() {
    let account = "[[account.root_access_key]]\nlast_used = '1d 12h'";
    let run = world("", account).run().await;
    assert_eq!(run.summary()["keys"]["flagged"], 0);
    assert_eq!(run.summary()["digest"]["reason"], "root access keys: 1");
    assert_eq!(run.aws.messages().len(), 1);
}
