//! Multi-Region keys, which are judged as sets, and what rotations cost.

use tests::{
    Run, Scenario,
    parts::{IN_USE, MULTI_REGION, UNUSED, keys, multi_region_set, refusal},
};

/// A primary in eu-west-1 and a replica in us-east-1, last used as given.
fn world(head: &str, primary: &str, replica: &str) -> Scenario {
    let set = multi_region_set(primary, replica);
    Scenario::member(
        head,
        &format!("regions = ['eu-west-1', 'us-east-1']\n{set}"),
    )
}

fn column(run: &Run, name: &str) -> Vec<String> {
    run.column("keys.csv", name)
}

#[tokio::test(start_paused = true)]
async fn an_idle_key_of_a_set_in_use_is_flagged_and_says_where_the_set_is_used() {
    let replica_idle = "replica idle; set in use in eu-west-1";
    let primary_idle = "primary idle; set in use in us-east-1";
    for (primary, replica, details, counted) in [
        (IN_USE, UNUSED, ["", replica_idle], [0, 1]),
        (UNUSED, IN_USE, [primary_idle, ""], [0, 1]),
        (UNUSED, UNUSED, ["", ""], [1, 0]),
    ] {
        let run = world("", primary, replica).run().await;
        assert_eq!(column(&run, "multi_region_set"), [MULTI_REGION; 2]);
        let flagged = [primary, replica].map(|used| (used == UNUSED).to_string());
        assert_eq!(column(&run, "flagged"), flagged);
        assert_eq!(column(&run, "detail"), details);
        let sets = &run.summary()["keys"]["multi_region"];
        assert_eq!([&sets["idle_sets"], &sets["idle_replicas"]], counted);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_does_not_guess_of_a_region_that_was_denied() {
    let refusal = refusal("kms:*", "region = 'eu-west-1'");
    let run = world(&refusal, IN_USE, UNUSED).run().await;
    let detail = "replica idle; whether the set is in use in eu-west-1 is not known";
    assert_eq!(column(&run, "detail"), [detail]);
}

/// An unused key that was rotated three times, and one in use that was, too.
fn rotated(head: &str) -> Scenario {
    let rotations = "created = '1200d'\nrotations = ['900d', '600d', '300d']";
    let unused = keys([1], &format!("{UNUSED}\n{rotations}"));
    let in_use = keys([2], &format!("{IN_USE}\n{rotations}"));
    Scenario::small(head, &(unused + &in_use))
}

#[tokio::test(start_paused = true)]
async fn the_first_two_rotations_of_a_flagged_key_add_to_its_cost() {
    let run = rotated("").run().await;
    assert_eq!(column(&run, "monthly_cost_usd"), ["3.00", "1.00"]);
    assert_eq!(run.summary()["keys"]["monthly_cost_usd_flagged"], 3.0);
    assert_eq!(run.sent("kms:ListKeyRotations"), 1);
}

#[tokio::test(start_paused = true)]
async fn where_rotations_may_not_be_listed_only_their_price_is_missing() {
    let run = rotated(&refusal("kms:ListKeyRotations", "")).run().await;
    assert_eq!(column(&run, "verdict"), ["stale", "in_use"]);
    assert_eq!(column(&run, "monthly_cost_usd"), ["1.00", "1.00"]);
    assert!(run.is_complete());
}
