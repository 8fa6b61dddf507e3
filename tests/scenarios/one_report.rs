//! The files of a report are of one run, whatever fails and whichever other run writes.

use std::{collections::BTreeSet, time::Duration};

use keycensus_core::model::{
    layout::ReportFile,
    manifest::{FileFacts, Manifest},
};
use serde_json::Value;
use tests::{
    BUCKET, Night, Run, Scenario,
    parts::{self, IN_USE, UNUSED, fault, key_id, keys},
    scheduled_event,
};

const LEASE: &str = "keycensus/runs/report_lease.json";

/// A member with a used and an unused key, and as many more as are asked for.
fn world(head: &str, more: usize) -> Scenario {
    let others = keys(3..3 + more, IN_USE);
    let keys = keys([1], IN_USE) + &keys([2], UNUSED) + &others;
    Scenario::member(&format!("latency_ms = 20\n{head}"), &keys)
}

/// A night whose report is complete.
async fn a_night() -> Scenario {
    let first = world("", 0);
    first.run().await;
    first
}

fn latest(file: ReportFile) -> String {
    format!("keycensus/{}", file.latest_path())
}

fn dated(file: ReportFile, day: &str) -> String {
    format!("keycensus/{}", file.dated_path(day.parse().unwrap()))
}

/// Refuses to write `object`.
fn refused(object: &str) -> String {
    parts::refusal("s3:PutObject", &format!("resource = '{object}'"))
}

/// Does not answer when one of the latest files is written.
fn hanging(file: ReportFile, rest: &str) -> String {
    let of_file = format!("resource = '{}'\n{rest}", latest(file));
    fault("s3:PutObject", "hang", &of_file)
}

/// Whether the files that `path` gives are those that their summary names; the run.
fn run_of(run: &Run, path: impl Fn(ReportFile) -> String) -> Option<String> {
    let object = |file| run.aws.object(BUCKET, &path(file)).unwrap();
    let manifest = Manifest::read(&object(ReportFile::SummaryJson)).unwrap();
    let others = ReportFile::ALL
        .into_iter()
        .filter(|file| *file != ReportFile::SummaryJson);
    let mut others = others.map(|file| manifest.is(file, &FileFacts::of(&object(file))));
    others.all(|is_its| is_its).then_some(manifest.run_id)
}

/// The latest report is of this run.
fn latest_is_of(run: &Run, run_id: &str) {
    assert_eq!(run_of(run, latest).as_deref(), Some(run_id));
}

/// A run has logged this.
fn logs(run: &Run, part: &str) {
    assert!(run.logs.contains(part), "{part:?} is not in\n{}", run.logs);
}

/// The files of reports that were written, in their order.
fn written(run: &Run) -> Vec<String> {
    let mut log = run.aws.log();
    log.retain(|call| call.operation == "s3:PutObject" && !call.resource.contains("/runs/"));
    log.into_iter().map(|call| call.resource).collect()
}

fn changes(run: &Run) -> Vec<String> {
    run.column("keys.csv", "change")
}

#[tokio::test(start_paused = true)]
async fn the_summary_names_the_other_files_by_hash_and_length() {
    let run = world("", 0).run().await;
    latest_is_of(&run, "run-1");
    let of_the_day = |file| dated(file, "2026-11-21");
    assert_eq!(run_of(&run, of_the_day).as_deref(), Some("run-1"));
    let files = &run.summary()["files"];
    assert_eq!(files.as_object().unwrap().len(), 6, "{files}");
    assert_eq!(files["keys.csv"]["bytes"], run.latest("keys.csv").len());
}

#[tokio::test(start_paused = true)]
async fn after_a_write_that_failed_the_next_night_is_compared_with_the_last_complete_report() {
    for file in ReportFile::ALL {
        let first = a_night().await;
        // In the night whose report fails no key is seen, so that each of its files differs.
        let unseen = parts::refusal("kms:ListKeys", "account = '222222222222'");
        let second = first.a_night_later(&world(&(refused(&latest(file)) + &unseen), 0));
        assert_eq!(second.run().await.error().0, "ReportNotWritten", "{file:?}");
        let run = second.a_night_later(&world("", 0)).run().await;
        assert_eq!(changes(&run), ["same", "same"], "{file:?}");
        assert_eq!(run.rows("changes.csv"), [], "{file:?}: nothing is gone");
        let summary = run.summary();
        assert_eq!(summary["changes"]["compared_with"], "2026-11-21");
        assert_eq!(summary["previous"]["compared_with"], "run-1", "{file:?}");
        let flagged = run.key(&key_id(2));
        assert_eq!(flagged["first_flagged_on"], "2026-11-21", "{file:?}");
        let is_reported = summary["previous"]["latest_was"].is_string();
        let text = run.digest().text();
        let in_digest = text.contains("latest/ was left unfinished");
        assert_eq!(in_digest, is_reported, "{text}");
        // Before these, nothing is replaced that a comparison looks at.
        let is_seen = [
            ReportFile::ReportHtml,
            ReportFile::TrendCsv,
            ReportFile::KeysCsv,
            ReportFile::SummaryJson,
        ];
        assert_eq!(is_reported, is_seen.contains(&file), "{file:?}: {summary}");
        assert_eq!(run_of(&run, latest).as_deref(), summary["run_id"].as_str());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_second_run_of_the_day_failed_the_next_night_is_compared_with_it() {
    let first = a_night().await;
    // Its day's files are complete, and the first run's are no more.
    let hang = hanging(ReportFile::SummaryJson, "");
    let again = first.the_same_night(&world(&hang, 1)).as_request("again");
    let killed = tokio::time::timeout(Duration::from_secs(20), again.run()).await;
    assert!(killed.is_err(), "it is killed while it writes");
    let run = again.a_night_later(&world("", 1)).run().await;
    assert_eq!(changes(&run), ["same", "same", "same"]);
    assert_eq!(run.summary()["previous"]["compared_with"], "again");
    logs(&run, "latest/ is not of one run");
}

#[tokio::test(start_paused = true)]
async fn files_that_are_not_of_one_run_are_not_compared_with_and_no_key_is_new() {
    let first = a_night().await;
    for path in [
        latest(ReportFile::KeysCsv),
        dated(ReportFile::KeysCsv, "2026-11-21"),
    ] {
        let header = first.aws.object(BUCKET, &path).unwrap();
        let header = header.split(|byte| *byte == b'\n').next().unwrap();
        first.aws.put_object(BUCKET, &path, header.to_vec());
    }
    let run = first.a_night_later(&world("", 0)).run().await;
    assert_eq!(changes(&run), ["", ""]);
    let why = "the files of the last report are not of one run";
    assert_eq!(run.summary()["changes"]["first_census"], why);
    let text = run.digest().text();
    let file = "keys.csv is not the one that its summary.json names, that of run run-1";
    assert!(text.contains(why) && text.contains(file), "{text}");
    // Nor are those of a first run that was cut off.
    let first = world(&refused(&latest(ReportFile::SummaryJson)), 0);
    assert_eq!(first.run().await.error().0, "ReportNotWritten");
    let run = first.a_night_later(&world("", 0)).run().await;
    assert_eq!(changes(&run), ["", ""]);
    assert_eq!(run.summary()["changes"]["first_census"], why);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_an_earlier_version_that_names_no_files_is_compared_with() {
    let first = a_night().await;
    let path = latest(ReportFile::SummaryJson);
    let mut summary: Value =
        serde_json::from_slice(&first.aws.object(BUCKET, &path).unwrap()).unwrap();
    summary.as_object_mut().unwrap().remove("files");
    first.aws.put_object(BUCKET, &path, summary.to_string());
    let run = first.a_night_later(&world("", 1)).run().await;
    assert_eq!(changes(&run), ["same", "same", "new"]);
}

#[tokio::test(start_paused = true)]
async fn two_events_at_once_write_their_reports_one_after_the_other() {
    for seed in 0..20 {
        // The two are at it for longer than they differ in when they begin, and their
        // reports differ.
        let head = format!("seed = {seed}\njitter_ms = 1500");
        let world = || {
            world(&head, 0)
                .with("KEYCENSUS_KINDS", "kms")
                .with("KEYCENSUS_DIGEST", "always")
        };
        let one = world().as_request("request-1");
        let other = one.again("request-2");
        let mut of_half_a_year = scheduled_event("event-2");
        of_half_a_year["detail"]["stale_after_days"] = 180.into();
        let (first, second) = tokio::join!(
            one.invoke(scheduled_event("event-1")),
            other.invoke(of_half_a_year)
        );
        for run in [&first, &second] {
            assert!(run.outcome.is_ok(), "{:?}", run.outcome);
        }
        let written = written(&first);
        assert_eq!(written.len(), 28, "two reports of seven files each");
        for of_one_run in written.chunks(14) {
            let paths: BTreeSet<&String> = of_one_run.iter().collect();
            assert_eq!(paths.len(), 14, "seed {seed}: {written:?}");
        }
        let winner = run_of(&first, latest);
        assert!(winner.is_some(), "seed {seed}: latest/ is of one run");
        let of_the_day = run_of(&first, |file| dated(file, "2026-11-21"));
        assert_eq!(of_the_day, winner, "seed {seed}");
        assert_eq!(first.aws.messages().len(), 2, "one for each event");
        let run = one.a_night_later(&world()).run().await;
        let of_the_unused = match winner.as_deref() {
            Some("request-1") => "same",
            _ => "newly_flagged",
        };
        assert_eq!(changes(&run), ["same", of_the_unused], "seed {seed}");
    }
}

/// A run that is killed while it writes the latest keys, which never ends.
async fn killed_while_writing() -> Scenario {
    let hang = hanging(ReportFile::KeysCsv, "first = 1");
    let scenario = world(&hang, 0).as_request("killed");
    let killed = tokio::time::timeout(Duration::from_secs(8), scenario.run()).await;
    assert!(killed.is_err());
    scenario
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_run_that_was_killed_holds_up_another_for_a_minute_at_most() {
    let scenario = killed_while_writing().await;
    let began = scenario.aws.elapsed_ms();
    let run = scenario.again("next").run().await;
    latest_is_of(&run, "next");
    let waited = run.aws.elapsed_ms() - began;
    assert!((30_000..75_000).contains(&waited), "{waited}");
    logs(&run, "run killed is writing its report: waiting for it");
}

#[tokio::test(start_paused = true)]
async fn the_retry_of_a_run_that_was_killed_does_not_wait() {
    let scenario = killed_while_writing().await;
    let began = scenario.aws.elapsed_ms();
    let run = scenario.clone().ending_after(30).run().await;
    latest_is_of(&run, "killed");
    assert!(run.aws.elapsed_ms() - began < 10_000);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_no_time_to_wait_fails_and_names_the_other_run_and_writes_nothing() {
    let scenario = killed_while_writing().await;
    let next = scenario.again("next").ending_after(30);
    let run = next.run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "OutOfTime");
    let other = "to wait for run killed, which is writing its report";
    assert!(message.contains(other), "{message}");
    let summary = dated(ReportFile::SummaryJson, "2026-11-21");
    let summary = run.aws.object(BUCKET, &summary);
    let manifest = Manifest::read(&summary.unwrap()).unwrap();
    assert_eq!(manifest.run_id, "killed");
    assert_eq!(run.aws.messages(), []);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_a_run_writes_for_longer_than_it_lasts() {
    // Each of its latest files is written when its fourth attempt is answered.
    let faults = ReportFile::ALL.map(|file| hanging(file, "first = 3"));
    let faults = faults.concat();
    let slow = world(&faults, 0).as_request("slow");
    let other = slow.again("other");
    let (first, second) = tokio::join!(slow.invoke(scheduled_event("1")), async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        other.invoke(scheduled_event("2")).await
    });
    let took_ms = first.aws.elapsed_ms();
    assert!(took_ms > 180_000, "{took_ms}");
    for run in [&first, &second] {
        assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    }
    latest_is_of(&second, "other");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_began_earlier_leaves_the_latest_report_of_another_day_as_it_is() {
    let first = world("", 0);
    let second = first.a_night_later(&world("", 1));
    second.run().await;
    let late = second.clone().beginning_on(Night::First).as_request("late");
    let run = late.run().await;
    assert_ne!(run_of(&run, latest).as_deref(), Some("late"));
    let of_its_day = run_of(&run, |file| dated(file, "2026-11-21"));
    assert_eq!(of_its_day.as_deref(), Some("late"));
    assert!(run.summary()["digest"]["message_id"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_read_or_written_costs_no_report_and_is_logged() {
    for operation in ["s3:GetObject", "s3:PutObject"] {
        let refused = parts::refusal(operation, &format!("resource = '{LEASE}'"));
        let scenario = world(&refused, 0);
        scenario.aws.put_object(BUCKET, LEASE, "{}");
        let run = scenario.run().await;
        latest_is_of(&run, "run-1");
        logs(&run, "the report is written without a lease");
        assert_eq!(run.aws.messages().len(), 1, "{operation}");
    }
}
