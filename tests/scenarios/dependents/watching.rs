//! A disabled key is watched for a while before its deletion is recommended.

use tests::{Run, Scenario};

use super::{UNUSED, account, key, told, volumes};

const SET: &str = "mrk-22220000000040008000000000000001";

/// An unused key in a state, and `more` that goes on with the account.
fn in_state(state: &str, more: &str) -> Scenario {
    let unused = key(
        UNUSED,
        &format!("last_used = \"120d\"\nstate = \"{state}\""),
    );
    account("", &(unused + more))
}

fn recommended(run: &Run) -> String {
    told(run, UNUSED)[2].clone()
}

fn disabled_since(run: &Run) -> String {
    run.key(UNUSED)["disabled_since"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_seen_disabled_a_month_ago_and_that_nothing_needs_may_be_deleted() {
    let world = in_state("Disabled", "");
    let first = world.run().await;
    assert_eq!(recommended(&first), "disable_and_watch");
    assert_eq!(disabled_since(&first), "2026-11-21");
    assert_eq!(first.key(UNUSED)["detail"], "already disabled");
    let next = world.a_night_later(&world);
    let second = next.run().await;
    assert_eq!(recommended(&second), "disable_and_watch");
    assert_eq!(disabled_since(&second), "2026-11-21");
    let last = next.a_month_later(&world).run().await;
    assert_eq!(recommended(&last), "schedule_deletion");
    assert_eq!(disabled_since(&last), "2026-11-21");
    let digest = last.digest().text();
    assert!(digest.contains(
        "\n  disabled since 2026-11-21, nothing found that depends on it: schedule its deletion\n"
    ));
}

#[tokio::test(start_paused = true)]
async fn the_days_of_watching_are_those_that_are_set() {
    let world = in_state("Disabled", "").with("KEYCENSUS_WATCH_DAYS", "31");
    world.run().await;
    let watched = |days| {
        let later = world
            .a_month_later(&world)
            .with("KEYCENSUS_WATCH_DAYS", days);
        async move { recommended(&later.run().await) }
    };
    assert_eq!(watched("31").await, "disable_and_watch");
    assert_eq!(watched("30").await, "schedule_deletion");
    assert_eq!(watched("1").await, "schedule_deletion");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_something_needs_or_may_need_is_not_deleted_however_long_it_was_watched() {
    let world = in_state("Disabled", "");
    world.run().await;
    let needed = world.a_month_later(&in_state("Disabled", &volumes(UNUSED, 1)));
    assert_eq!(recommended(&needed.run().await), "check_dependents");
    let refused = "[[refuse]]\noperation = \"ec2:DescribeSnapshots\"";
    let doubtful = account(
        refused,
        &key(UNUSED, "last_used = \"120d\"\nstate = \"Disabled\""),
    );
    let doubtful = world.a_month_later(&doubtful).run().await;
    assert_eq!(recommended(&doubtful), "disable_and_watch");
    let unasked = world
        .a_month_later(&world)
        .with("KEYCENSUS_DEPENDENTS", "off");
    assert_eq!(recommended(&unasked.run().await), "disable_and_watch");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_enabled_in_between_is_watched_anew() {
    let disabled = in_state("Disabled", "");
    disabled.run().await;
    let enabled = disabled.a_night_later(&in_state("Enabled", ""));
    let second = enabled.run().await;
    assert_eq!(recommended(&second), "disable_and_watch");
    assert_eq!(disabled_since(&second), "");
    let third = enabled.a_month_later(&disabled).run().await;
    assert_eq!(recommended(&third), "disable_and_watch");
    assert_eq!(disabled_since(&third), "2026-12-21");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_could_not_be_listed_in_between_is_still_known_to_be_disabled() {
    let disabled = in_state("Disabled", "");
    disabled.run().await;
    let refused = account(
        "[[refuse]]\noperation = \"kms:ListKeys\"",
        &key(UNUSED, "last_used = \"120d\""),
    );
    let unseen = disabled.a_night_later(&refused);
    let second = unseen.run().await;
    assert_eq!(second.rows("unseen.csv")[0]["disabled_since"], "2026-11-21");
    let third = unseen.a_month_later(&disabled).run().await;
    assert_eq!(recommended(&third), "schedule_deletion");
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_of_a_set_in_use_is_never_deleted() {
    let set = |used: &str| {
        account(
            "",
            &format!(
                r#"
[[account.key]]
region = "eu-west-1"
id = "{SET}"
last_used = "{used}"
multi_region = "PRIMARY"
multi_region_replicas = ["us-east-1"]
[[account.key]]
region = "us-east-1"
id = "{SET}"
last_used = "120d"
state = "Disabled"
multi_region = "REPLICA"
multi_region_primary = "eu-west-1"
"#
            ),
        )
    };
    for (used, expected) in [("1d", "disable_and_watch"), ("120d", "schedule_deletion")] {
        let world = set(used);
        world.run().await;
        let later = world.a_month_later(&world).run().await;
        let rows = later.rows("keys.csv");
        assert_eq!(rows[1]["recommendation"], expected, "{used}");
    }
}
