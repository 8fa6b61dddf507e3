//! Multi-Region keys, which are judged as sets, and what rotations cost.

use tests::{Run, Scenario};

const SET: &str = "mrk-22220000000040008000000000000001";

/// A primary in eu-west-1 and a replica in us-east-1, last used as said.
fn world(head: &str, primary_used: &str, replica_used: &str) -> Scenario {
    Scenario::small(
        head,
        &format!(
            r#"
[[account]]
id = "222222222222"
regions = ["eu-west-1", "us-east-1"]
[[account.key]]
region = "eu-west-1"
id = "{SET}"
last_used = "{primary_used}"
multi_region = "PRIMARY"
multi_region_replicas = ["us-east-1"]
[[account.key]]
region = "us-east-1"
id = "{SET}"
last_used = "{replica_used}"
multi_region = "REPLICA"
multi_region_primary = "eu-west-1"
"#
        ),
    )
}

/// A column of the keys of the set, by Region.
fn column(run: &Run, name: &str) -> Vec<String> {
    let rows = run.rows("keys.csv");
    rows.into_iter().map(|row| row[name].clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_of_a_set_in_use_is_flagged_and_says_where_the_set_is_used() {
    let run = world("", "1d", "120d").run().await;
    assert_eq!(column(&run, "multi_region_set"), [SET, SET]);
    assert_eq!(column(&run, "verdict"), ["in_use", "stale"]);
    assert_eq!(
        column(&run, "detail"),
        ["", "replica idle; set in use in eu-west-1"]
    );
    let told = &run.summary()["keys"]["multi_region"];
    assert_eq!(
        (&told["idle_sets"], &told["idle_replicas"]),
        (&0.into(), &1.into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_primary_of_a_set_in_use_says_so_too() {
    let run = world("", "120d", "1d").run().await;
    assert_eq!(
        column(&run, "detail"),
        ["primary idle; set in use in us-east-1", ""]
    );
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_idle_as_a_whole_is_counted_once() {
    let run = world("", "120d", "120d").run().await;
    assert_eq!(column(&run, "flagged"), ["true", "true"]);
    assert_eq!(column(&run, "detail"), ["", ""]);
    let told = &run.summary()["keys"]["multi_region"];
    assert_eq!(
        (&told["idle_sets"], &told["idle_replicas"]),
        (&1.into(), &0.into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_does_not_guess_of_a_region_that_was_denied() {
    let refusal = "[[refuse]]\nregion = \"eu-west-1\"\noperation = \"kms:*\"";
    let run = world(refusal, "1d", "120d").run().await;
    assert_eq!(
        column(&run, "detail"),
        ["replica idle; whether the set is in use in eu-west-1 is not known"]
    );
}

/// An unused key that was rotated three times, and one in use that was, too.
fn rotated(head: &str) -> Scenario {
    let key = |n: u8, used: &str| {
        format!(
            "[[account.key]]\nregion = \"us-east-1\"\nid = \"11110000-0000-4000-8000-{n:012}\"\nlast_used = \"{used}\"\ncreated = \"1200d\"\nrotations = [\"900d\", \"600d\", \"300d\"]\n"
        )
    };
    Scenario::small(head, &(key(1, "120d") + &key(2, "1d")))
}

#[tokio::test(start_paused = true)]
async fn the_first_two_rotations_of_a_flagged_key_add_to_its_cost() {
    let run = rotated("").run().await;
    assert_eq!(column(&run, "monthly_cost_usd"), ["3.00", "1.00"]);
    assert_eq!(run.summary()["keys"]["monthly_cost_usd_flagged"], 3.0);
    assert_eq!(run.aws.calls().sent("kms:ListKeyRotations"), 1);
}

#[tokio::test(start_paused = true)]
async fn rotations_that_may_not_be_listed_cost_the_report_nothing_but_their_price() {
    let run = rotated("[[refuse]]\noperation = \"kms:ListKeyRotations\"")
        .run()
        .await;
    assert_eq!(column(&run, "verdict"), ["stale", "in_use"]);
    assert_eq!(column(&run, "monthly_cost_usd"), ["1.00", "1.00"]);
    assert_eq!(run.summary()["coverage"]["complete"], true);
}
