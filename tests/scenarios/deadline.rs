//! What happens when there is not enough time: everything that was read is
//! written, the rest says so, and the next run begins with it.

use std::collections::BTreeSet;

use tests::Scenario;

/// An account with more keys than can be read in 100 seconds, and one that takes
/// no time.
fn world() -> Scenario {
    let key = |n: usize| {
        format!(
            "[[account.key]]\nregion = \"us-east-1\"\nid = \"22220000-0000-4000-8000-{n:012}\"\nlast_used = \"1d\"\n"
        )
    };
    let keys: String = (0..700).map(key).collect();
    Scenario::small("", &format!("[[account]]\nid = \"222222222222\"\n{keys}"))
}

#[tokio::test(start_paused = true)]
async fn keys_that_there_is_no_time_for_are_unreadable_and_the_report_is_written_in_time() {
    let run = world().ending_after(100).run().await;
    let rows = run.rows("keys.csv");
    assert_eq!(rows.len(), 700);
    let unread: Vec<_> = rows
        .iter()
        .filter(|row| row["verdict"] == "unreadable")
        .collect();
    assert!((250..350).contains(&unread.len()), "{}", unread.len());
    assert!(unread.iter().all(|row| row["detail"] == "no time left"));
    let cell = run.cell("222222222222", "us-east-1");
    assert_eq!((&*cell["status"], &*cell["error_code"]), ("partial", ""));
    assert_eq!(
        cell["detail"],
        format!("no time left ({} keys)", unread.len())
    );
    assert!(run.aws.elapsed_ms() < 100_000, "{}", run.aws.elapsed_ms());
}

#[tokio::test(start_paused = true)]
async fn successive_nights_cover_every_key() {
    let scenario = world().ending_after(100);
    let mut read = BTreeSet::new();
    for night in 1..=3 {
        let scenario = scenario.sharing().as_request(&format!("night-{night}"));
        let run = scenario.run().await;
        let rows = run.rows("keys.csv");
        read.extend(
            rows.into_iter()
                .filter(|row| row["verdict"] == "in_use")
                .map(|row| row["key_id"].clone()),
        );
    }
    assert_eq!(read.len(), 700);
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_is_not_answered_costs_no_key_and_is_compared_with_nothing() {
    let key = "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d\"\n";
    for file in ["summary.json", "coverage.csv", "keys.csv", "unseen.csv"] {
        let hang = format!(
            "[[fault]]\noperation = \"s3:GetObject\"\nresource = \"keycensus/latest/{file}\"\neffect = \"hang\""
        );
        let first = Scenario::small("", key);
        first.run().await;
        let tonight = first.a_night_later(&Scenario::small(&hang, key));
        let run = tonight.ending_after(40).run().await;
        assert!(run.aws.elapsed_ms() < 40_000, "{file}");
        assert_eq!(run.summary()["coverage"]["complete"], true, "{file}");
        let told = &run.summary()["changes"]["first_census"];
        match file {
            // It tells with which accounts to begin, and nothing is compared with it.
            "coverage.csv" => assert!(told.is_null(), "{told}"),
            _ => assert_eq!(
                told, "there was no time left to read the last report",
                "{file}"
            ),
        }
        assert_eq!(run.aws.messages().len(), 1, "{file}");
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_that_there_is_no_time_to_enter_are_deferred() {
    let run = Scenario::small(
        "[[fault]]\noperation = \"sts:AssumeRole\"\neffect = \"throttle\"",
        "[[account]]\nid = \"222222222222\"",
    )
    .ending_after(20)
    .run()
    .await;
    let row = run.cell("222222222222", "*");
    assert_eq!(
        (&*row["status"], &*row["detail"]),
        ("deferred", "no time left")
    );
    assert_eq!(run.cell("111111111111", "us-east-1")["status"], "scanned");
    assert_eq!(run.summary()["coverage"]["cells"]["deferred"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_there_is_no_time_to_list_whole_is_deferred_with_what_was_listed_and_read() {
    // A page has 1,000 keys; those that are pending deletion are read at once.
    let key = |n: usize| {
        format!(
            "[[account.key]]\nregion = \"us-east-1\"\nid = \"22220000-0000-4000-8000-{n:012}\"\nstate = \"PendingDeletion\"\n"
        )
    };
    let keys: String = (0..1_001).map(key).collect();
    for (nth, listed, is_whole, detail) in [
        (1, "", "", "no time left"),
        (2, "1000", "false", "not all keys were listed"),
    ] {
        let hang = |nth: usize| {
            format!(
                "[[fault]]\naccount = \"222222222222\"\noperation = \"kms:ListKeys\"\neffect = \"hang\"\nnth = {nth}\n"
            )
        };
        // However often it is asked for.
        let head: String = (nth..nth + 4).map(hang).collect();
        let account = format!("[[account]]\nid = \"222222222222\"\n{keys}");
        let run = Scenario::small(&head, &account)
            .ending_after(45)
            .run()
            .await;
        let cell = run.cell("222222222222", "us-east-1");
        let told = ["status", "keys", "listed_whole", "gap_cause"].map(|name| &*cell[name]);
        let expected = ["deferred", listed, is_whole, "out_of_time"];
        assert_eq!(told, expected, "page {nth}");
        assert!(cell["detail"].contains(detail), "{}", cell["detail"]);
        let rows = run.rows("keys.csv");
        let of_the_cell = rows
            .iter()
            .filter(|row| row["account_id"] == "222222222222");
        let count = of_the_cell.count();
        assert_eq!(count, listed.parse().unwrap_or(0), "page {nth}");
    }
}
