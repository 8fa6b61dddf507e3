//! A disabled key is watched for a while before its deletion is recommended.

use tests::{
    Run, Scenario,
    parts::{IN_USE, UNUSED, multi_region_set, refusal},
};

use super::{IDLE, account, dependents, key, volumes};

/// The unused key with this, and `more` that goes on with its account.
fn idle(head: &str, rest: &str, more: &str) -> Scenario {
    let unused = key(IDLE, &format!("{UNUSED}\n{rest}"));
    account(head, &(unused + more))
}

fn disabled() -> Scenario {
    idle("", "state = 'Disabled'", "")
}

fn recommended(run: &Run) -> String {
    dependents(run, IDLE)[2].clone()
}

/// What is recommended, and since when the key has been seen disabled.
fn is(run: &Run, recommendation: &str, disabled_since: &str) {
    let row = run.key(IDLE);
    let found = row.values(["recommendation", "disabled_since"]);
    assert_eq!(found, [recommendation, disabled_since]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_seen_disabled_a_month_ago_and_that_nothing_needs_may_be_deleted() {
    let world = disabled();
    let first = world.run().await;
    is(&first, "disable_and_watch", "2026-11-21");
    assert_eq!(first.key(IDLE)["detail"], "already disabled");
    let next = world.a_night_later(&world);
    is(&next.run().await, "disable_and_watch", "2026-11-21");
    let last = next.a_month_later(&world).run().await;
    is(&last, "schedule_deletion", "2026-11-21");
    let digest = last.digest().text();
    assert!(digest.contains(
        "\n  disabled since 2026-11-21, nothing found that depends on it: schedule its deletion\n"
    ));
}

#[tokio::test(start_paused = true)]
async fn the_days_of_watching_are_those_that_are_set() {
    let world = disabled().with("KEYCENSUS_WATCH_DAYS", "31");
    world.run().await;
    for (days, expected) in [
        ("31", "disable_and_watch"),
        ("30", "schedule_deletion"),
        ("1", "schedule_deletion"),
    ] {
        let later = world.a_month_later(&world);
        let run = later.with("KEYCENSUS_WATCH_DAYS", days).run().await;
        assert_eq!(recommended(&run), expected, "{days}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_something_needs_or_may_need_is_not_deleted_however_long_it_was_watched() {
    let world = disabled();
    world.run().await;
    let needed = idle("", "state = 'Disabled'", &volumes(IDLE, 1));
    let needed = world.a_month_later(&needed).run().await;
    assert_eq!(recommended(&needed), "check_dependents");
    let refused = refusal("ec2:DescribeSnapshots", "");
    let doubtful = idle(&refused, "state = 'Disabled'", "");
    let doubtful = world.a_month_later(&doubtful).run().await;
    assert_eq!(recommended(&doubtful), "disable_and_watch");
    let unasked = world.a_month_later(&world);
    let unasked = unasked.with("KEYCENSUS_DEPENDENTS", "off").run().await;
    assert_eq!(recommended(&unasked), "disable_and_watch");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_enabled_in_between_is_watched_anew() {
    let disabled = disabled();
    disabled.run().await;
    let enabled = disabled.a_night_later(&idle("", "", ""));
    is(&enabled.run().await, "disable_and_watch", "");
    let third = enabled.a_month_later(&disabled).run().await;
    is(&third, "disable_and_watch", "2026-12-21");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_could_not_be_listed_in_between_is_still_known_to_be_disabled() {
    let disabled = disabled();
    disabled.run().await;
    let unseen = disabled.a_night_later(&idle(&refusal("kms:ListKeys", ""), "", ""));
    let second = unseen.run().await;
    let since = second.column("unseen.csv", "disabled_since");
    assert_eq!(since, ["2026-11-21"]);
    let third = unseen.a_month_later(&disabled).run().await;
    assert_eq!(recommended(&third), "schedule_deletion");
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_of_a_set_in_use_is_never_deleted() {
    for (primary, expected) in [(IN_USE, "disable_and_watch"), (UNUSED, "schedule_deletion")] {
        let replica = format!("{UNUSED}\nstate = 'Disabled'");
        let world = account("", &multi_region_set(primary, &replica));
        world.run().await;
        let later = world.a_month_later(&world).run().await;
        let recommended = later.column("keys.csv", "recommendation");
        assert_eq!(recommended[1], expected, "{primary}");
    }
}
