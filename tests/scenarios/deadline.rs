//! What happens when there is not enough time: everything that was read is
//! written, the rest says so, and the next run begins with it.

use std::collections::BTreeSet;

use tests::{
    Scenario,
    parts::{IN_USE, MEMBER, UNUSED, fault, key, key_id, keys},
};

/// An account with more keys than can be read in 100 seconds, and one that takes
/// no time.
fn world() -> Scenario {
    Scenario::member("", &keys(0..700, IN_USE)).ending_after(100)
}

#[tokio::test(start_paused = true)]
async fn keys_that_there_is_no_time_for_are_unreadable_and_the_report_is_written_in_time() {
    let run = world().run().await;
    let mut rows = run.rows("keys.csv");
    assert_eq!(rows.len(), 700);
    rows.retain(|row| row["verdict"] == "unreadable");
    let unread = rows.len();
    assert!((250..350).contains(&unread), "{unread}");
    assert!(rows.iter().all(|row| row["detail"] == "no time left"));
    let cell = run.cell(MEMBER, "us-east-1");
    let detail = format!("no time left ({unread} keys)");
    let found = cell.values(["status", "error_code", "detail"]);
    assert_eq!(found, ["partial", "", &detail]);
    assert!(run.aws.elapsed_ms() < 100_000, "{}", run.aws.elapsed_ms());
}

#[tokio::test(start_paused = true)]
async fn successive_nights_cover_every_key() {
    let scenario = world();
    let mut read = BTreeSet::new();
    for night in ["night-1", "night-2", "night-3"] {
        let mut rows = scenario.again(night).run().await.rows("keys.csv");
        rows.retain(|row| row["verdict"] == "in_use");
        read.extend(rows.into_iter().map(|row| row["key_id"].clone()));
    }
    assert_eq!(read.len(), 700);
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_is_not_answered_costs_no_key_and_is_compared_with_nothing() {
    let unused = key(&key_id(1), UNUSED);
    for file in ["summary.json", "coverage.csv", "keys.csv", "unseen.csv"] {
        let of_file = format!("resource = 'keycensus/latest/{file}'");
        let hang = fault("s3:GetObject", "hang", &of_file);
        let first = Scenario::small("", &unused);
        first.run().await;
        let tonight = first.a_night_later(&Scenario::small(&hang, &unused));
        let run = tonight.ending_after(40).run().await;
        assert!(run.aws.elapsed_ms() < 40_000, "{file}");
        assert!(run.is_complete(), "{file}");
        let why = &run.summary()["changes"]["first_census"];
        let no_time = "there was no time left to read the last report";
        // The coverage names the accounts to begin with, and nothing is compared with it.
        match file {
            "coverage.csv" => assert!(why.is_null(), "{why}"),
            _ => assert_eq!(why, no_time, "{file}"),
        }
        assert_eq!(run.aws.messages().len(), 1, "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_that_there_is_no_time_to_enter_are_deferred() {
    let throttled = fault("sts:AssumeRole", "throttle", "");
    let scenario = Scenario::member(&throttled, "").ending_after(20);
    let run = scenario.run().await;
    let row = run.cell(MEMBER, "*");
    assert_eq!(
        row.values(["status", "detail"]),
        ["deferred", "no time left"]
    );
    assert_eq!(run.cell("111111111111", "us-east-1")["status"], "scanned");
    assert_eq!(run.summary()["coverage"]["cells"]["deferred"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_there_is_no_time_to_list_whole_is_deferred_with_what_was_listed_and_read() {
    // A page has 1,000 keys; those that are pending deletion are read at once.
    let keys = keys(0..1_001, "state = 'PendingDeletion'");
    for (page, listed, is_whole, detail) in [
        (1, "", "", "no time left"),
        (2, "1000", "false", "not all keys were listed"),
    ] {
        // However often it is asked for.
        let faults = (page..page + 4).map(|nth| {
            let of_account = format!("account = '{MEMBER}'\nnth = {nth}");
            fault("kms:ListKeys", "hang", &of_account)
        });
        let scenario = Scenario::member(&faults.collect::<String>(), &keys).ending_after(45);
        let run = scenario.run().await;
        let cell = run.cell(MEMBER, "us-east-1");
        let found = cell.values(["status", "keys", "listed_whole", "gap_cause"]);
        let expected = ["deferred", listed, is_whole, "out_of_time"];
        assert_eq!(found, expected, "page {page}");
        assert!(cell["detail"].contains(detail), "{}", cell["detail"]);
        let mut rows = run.rows("keys.csv");
        rows.retain(|row| row["account_id"] == MEMBER);
        assert_eq!(rows.len(), listed.parse().unwrap_or(0), "page {page}");
    }
}
