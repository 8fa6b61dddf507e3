//! The trend: each night in numbers, kept by each report from the last one.

use std::time::Duration;

use keycensus_core::model::manifest::FileFacts;
use serde_json::{Value, json};
use tests::{
    BUCKET, Night, Run, Scenario,
    parts::{IN_USE, UNUSED, keys, refusal},
};

const LATEST: &str = "keycensus/latest/trend.csv";

/// A member with a key in use and so many unused ones.
fn with_unused(head: &str, unused: usize) -> Scenario {
    let keys = keys([1], IN_USE) + &keys(2..2 + unused, UNUSED);
    Scenario::member(head, &keys).with("KEYCENSUS_KINDS", "kms")
}

/// Each night of the latest trend with its flagged keys, what they cost, and its gaps.
fn nights(run: &Run) -> Vec<String> {
    let columns = ["date", "flagged", "monthly_cost_usd_flagged", "gaps"];
    let rows = run.rows("trend.csv").into_iter();
    rows.map(|row| row.values(columns).join(" ")).collect()
}

#[tokio::test(start_paused = true)]
async fn each_night_adds_its_row_and_a_second_run_of_a_day_replaces_the_first() {
    let first = with_unused("", 3);
    let run = first.run().await;
    assert_eq!(nights(&run), ["2026-11-21 3 3.00 0"]);
    assert!(run.summary()["previous"]["trend_anew"].is_null());
    let no_kms = refusal(
        "kms:ListKeys",
        "account = '222222222222'\nregion = 'us-east-1'",
    );
    let second = first.a_night_later(&with_unused(&no_kms, 3));
    let run = second.run().await;
    assert!(!run.is_complete());
    assert_eq!(nights(&run), ["2026-11-21 3 3.00 0", "2026-11-22 0 0.00 1"]);
    let again = second
        .the_same_night(&with_unused("", 2))
        .as_request("again");
    again.run().await;
    let third = again.a_night_later(&with_unused("", 1)).as_request("third");
    let run = third.run().await;
    assert_eq!(
        nights(&run),
        [
            "2026-11-21 3 3.00 0",
            "2026-11-22 2 2.00 0",
            "2026-11-23 1 1.00 0"
        ]
    );
    let of_its_day = "keycensus/trend/date=2026-11-23/trend.csv";
    assert_eq!(
        run.aws.object(BUCKET, of_its_day),
        run.aws.object(BUCKET, LATEST)
    );
    assert!(run.latest("report.html").contains("2026-11-22"));
}

#[tokio::test(start_paused = true)]
async fn the_digest_and_the_page_compare_with_a_month_ago() {
    let first = with_unused("", 3);
    first.run().await;
    let run = first.a_month_later(&with_unused("", 1)).run().await;
    let digest = run.digest();
    let text = digest.text();
    assert!(text.contains(", down from 3 a month ago, "), "{text}");
    assert!(!text.contains("The trend begins anew"), "{text}");
    let page = run.latest("report.html");
    assert!(page.contains("down from 3 a month ago"));
}

/// The night after one with three unused keys, whose `latest/` has become another meanwhile.
async fn after(change: impl Fn(&Scenario), head: &str) -> Run {
    let first = with_unused("", 3);
    first.run().await;
    change(&first);
    first.a_night_later(&with_unused(head, 2)).run().await
}

/// Replaces the latest trend, and names it in the latest summary.
fn put_trend(scenario: &Scenario, csv: &str) {
    let path = "keycensus/latest/summary.json";
    let summary = scenario.aws.object(BUCKET, path).unwrap();
    let mut summary: Value = serde_json::from_slice(&summary).unwrap();
    summary["files"]["trend.csv"] = json!(FileFacts::of(csv.as_bytes()));
    scenario.aws.put_object(BUCKET, path, summary.to_string());
    scenario.aws.put_object(BUCKET, LATEST, csv.to_owned());
}

/// What makes a trend unusable: a change of the bucket, more of the world's head, the word of it, and the reason.
type Unusable<'a> = (&'a dyn Fn(&Scenario), &'a str, &'a str, &'a str);

#[tokio::test(start_paused = true)]
async fn a_trend_that_is_missing_damaged_old_of_another_run_or_unreadable_begins_anew_and_says_so()
{
    let missing = |scenario: &Scenario| scenario.aws.remove_object(BUCKET, LATEST);
    let damaged = |scenario: &Scenario| {
        let csv = scenario.aws.object(BUCKET, LATEST).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        put_trend(scenario, &csv.replace("2026-11-21", "yesterday"));
    };
    let old = |scenario: &Scenario| put_trend(scenario, "date,flagged\n2026-11-21,3\n");
    let of_another_run = |scenario: &Scenario| {
        scenario.aws.put_object(BUCKET, LATEST, "date\n");
    };
    let not_kept = |scenario: &Scenario| {
        let path = "keycensus/latest/summary.json";
        let summary = scenario.aws.object(BUCKET, path).unwrap();
        let mut summary: Value = serde_json::from_slice(&summary).unwrap();
        let files = summary["files"].as_object_mut().unwrap();
        files.remove("trend.csv");
        scenario.aws.put_object(BUCKET, path, summary.to_string());
        scenario.aws.remove_object(BUCKET, LATEST);
    };
    let unchanged = |_: &Scenario| ();
    let refused = refusal("s3:GetObject", &format!("resource = '{LATEST}'"));
    let changes: [Unusable<'_>; 6] = [
        (
            &missing,
            "",
            "missing",
            "the trend.csv of the last report is missing",
        ),
        (
            &damaged,
            "",
            "damaged",
            "the trend.csv of the last report is damaged, or of an earlier version",
        ),
        (
            &old,
            "",
            "damaged",
            "the trend.csv of the last report is damaged, or of an earlier version",
        ),
        (
            &of_another_run,
            "",
            "mixed",
            "latest/trend.csv is not that of the last report",
        ),
        (&not_kept, "", "not_kept", "the last report has none"),
        (
            &unchanged,
            &refused,
            "unreadable",
            "the trend.csv of the last report could not be read",
        ),
    ];
    for (change, head, word, why) in changes {
        let run = after(change, head).await;
        assert_eq!(nights(&run), ["2026-11-22 2 2.00 0"], "{word}");
        assert_eq!(run.summary()["previous"]["trend_anew"], word);
        let said = format!("The trend begins anew: {why}.");
        let text = run.digest().text();
        assert!(text.contains(&said), "{said}\n{text}");
        assert!(run.latest("report.html").contains(&said), "{said}");
        let logged = format!("the trend begins anew: {why}");
        assert!(run.logs.contains(&logged), "{}", run.logs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ended_while_it_wrote_loses_no_night() {
    let first = with_unused("", 3);
    first.run().await;
    // Its trend is the latest by then, and its summary is not.
    let refused = refusal("s3:PutObject", "resource = 'keycensus/latest/keys.csv'");
    let second = first.a_night_later(&with_unused(&refused, 2));
    assert_eq!(second.run().await.error().0, "ReportNotWritten");
    let run = second.a_night_later(&with_unused("", 1)).run().await;
    assert_eq!(
        nights(&run),
        [
            "2026-11-21 3 3.00 0",
            "2026-11-22 2 2.00 0",
            "2026-11-23 1 1.00 0"
        ]
    );
    assert!(run.summary()["previous"]["trend_anew"].is_null());
}

#[tokio::test(start_paused = true)]
async fn two_runs_of_successive_days_that_overlap_keep_both_nights() {
    let first = with_unused("latency_ms = 20", 3);
    first.run().await;
    let tonight = with_unused("latency_ms = 20", 2);
    let next = first.a_night_later(&tonight).a_night_later(&tonight);
    // It begins a night earlier, and has written its report before the other is done with reading.
    let late = next.clone().beginning_on(Night::Second).as_request("late");
    let (late, next) = tokio::join!(late.run(), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        next.run().await
    });
    for run in [&late, &next] {
        assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    }
    assert_eq!(
        nights(&next),
        [
            "2026-11-21 3 3.00 0",
            "2026-11-22 2 2.00 0",
            "2026-11-23 2 2.00 0"
        ]
    );
}
