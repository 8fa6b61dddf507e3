//! Files of a report that are too large for one request: they are sent in parts, and S3 copies them to `latest/`.

use std::{sync::OnceLock, time::Duration};

use keycensus_core::model::{
    layout::ReportFile,
    manifest::{FileFacts, Manifest},
};
use keycensus_sim::LoggedCall;
use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario,
    parts::{IN_USE, fault, key_id, keys, refusal},
};

const OF_THE_DAY: &str = "keycensus/unseen/date=2026-11-22/unseen.csv";
const LATEST: &str = "keycensus/latest/unseen.csv";

const CREATE: &str = "s3:CreateMultipartUpload";
const PART: &str = "s3:UploadPart";
const COMPLETE: &str = "s3:CompleteMultipartUpload";
const COPY: &str = "s3:CopyObject";
const PUT: &str = "s3:PutObject";

/// A night on which no key can be listed. The report before has so many keys with such long names that
/// `unseen.csv` has 17.6 MB.
async fn a_night_with_much(tonight: Scenario) -> Scenario {
    let first = Scenario::member("", &keys([1], IN_USE));
    first.run().await;
    let latest = |file: ReportFile| format!("keycensus/{}", file.latest_path());
    let object = |file| first.aws.object(BUCKET, &latest(file)).unwrap();
    static LARGE: OnceLock<(Vec<u8>, FileFacts)> = OnceLock::new();
    let (large, facts) = LARGE.get_or_init(|| {
        let large = with_many_keys(&object(ReportFile::KeysCsv));
        let facts = FileFacts::of(&large);
        (large, facts)
    });
    let mut summary: Value = serde_json::from_slice(&object(ReportFile::SummaryJson)).unwrap();
    summary["files"]["keys.csv"] = json!(facts);
    let put = |file, bytes: Vec<u8>| first.aws.put_object(BUCKET, &latest(file), bytes);
    put(ReportFile::KeysCsv, large.clone());
    put(ReportFile::SummaryJson, summary.to_string().into_bytes());
    first.a_night_later(&tonight)
}

/// A `keys.csv` with the key of `report` and many like it.
fn with_many_keys(report: &[u8]) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(report);
    let columns = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let mut large = csv::Writer::from_writer(Vec::new());
    large.write_record(&columns).unwrap();
    let name = "n".repeat(32_000);
    for number in 0..550 {
        let key_id = key_id(number);
        let cells = columns.iter().zip(&row).map(|(column, cell)| match column {
            "key_id" => &*key_id,
            "name" => &*name,
            _ => cell,
        });
        large.write_record(cells).unwrap();
    }
    large.into_inner().unwrap()
}

/// Tonight, with these faults and refusals.
fn tonight(trouble: &str) -> Scenario {
    let none_listed = refusal("kms:ListKeys", "account = '222222222222'");
    Scenario::member(&(none_listed + trouble), &keys([1], IN_USE))
}

/// The calls that wrote a file, in their order.
fn calls(run: &Run, resource: &str) -> Vec<LoggedCall> {
    let mut log = run.aws.log();
    log.retain(|call| call.resource == resource && call.operation != "s3:GetObject");
    log
}

fn operations(run: &Run, resource: &str) -> Vec<String> {
    let calls = calls(run, resource).into_iter();
    calls.map(|call| call.operation).collect()
}

/// The report is complete, and both files are the one that the summary names.
fn is_written(run: &Run) {
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    let manifest = Manifest::read(run.latest("summary.json").as_bytes()).unwrap();
    for path in [OF_THE_DAY, LATEST] {
        let file = run.aws.object(BUCKET, path).unwrap();
        assert!(file.len() > 16 << 20, "{path}: {}", file.len());
        assert!(
            manifest.is(ReportFile::UnseenCsv, &FileFacts::of(&file)),
            "{path}"
        );
    }
}

const KMS_KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/22220000-0000-4000-8000-000000000009";
const ENCRYPTION: &str = "KEYCENSUS_REPORT_ENCRYPTION";

/// The requests that send a file in parts.
const IN_PARTS: [&str; 4] = [CREATE, PART, PART, COMPLETE];

#[tokio::test(start_paused = true)]
async fn a_large_file_is_sent_once_in_parts_and_the_latest_is_a_copy_of_it() {
    let scenario = a_night_with_much(tonight("")).await;
    let run = scenario.with(ENCRYPTION, KMS_KEY).run().await;
    is_written(&run);
    assert_eq!(operations(&run, OF_THE_DAY), IN_PARTS);
    assert_eq!(operations(&run, LATEST), [COPY]);
    // The others fit in one request, which is no more than a copy.
    assert_eq!(operations(&run, "keycensus/latest/keys.csv"), [PUT]);
    let mut log = run.aws.log();
    log.retain(|call| call.resource.starts_with("keycensus/latest/"));
    log.retain(|call| call.operation != "s3:GetObject");
    let written: Vec<String> = log.into_iter().map(|call| call.resource).collect();
    let order = ReportFile::ALL.map(|file| format!("keycensus/{}", file.latest_path()));
    assert_eq!(written, order);
    let uses = run.aws.uses();
    assert!(uses.iter().all(|used| used.refused == 0), "{uses:?}");
    // Of the two parts, of their completion and of the copy.
    let decrypt = uses.iter().find(|used| used.action == "kms:Decrypt");
    assert_eq!(decrypt.unwrap().allowed, 4);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_is_made_again_and_no_other_with_it() {
    let faults = [
        (CREATE, "internal_error", 1),
        (PART, "reset_before", 1),
        (PART, "throttle", 2),
        (COMPLETE, "unavailable", 1),
        (COMPLETE, "late_error", 2),
        (COPY, "late_error", 1),
        (COPY, "truncated_body", 2),
        (COPY, "reset_after", 3),
    ];
    let faults =
        faults.map(|(operation, effect, nth)| fault(operation, effect, &format!("nth = {nth}")));
    let run = a_night_with_much(tonight(&faults.concat()))
        .await
        .run()
        .await;
    is_written(&run);
    let once_more = [
        CREATE, CREATE, PART, PART, PART, PART, COMPLETE, COMPLETE, COMPLETE,
    ];
    assert_eq!(operations(&run, OF_THE_DAY), once_more);
    assert_eq!(operations(&run, LATEST), [COPY; 4]);
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_completion_was_not_heard_of_begins_again() {
    let lost = fault(COMPLETE, "reset_after", "nth = 1");
    let run = a_night_with_much(tonight(&lost)).await.run().await;
    is_written(&run);
    let expected = [&IN_PARTS[..], &[COMPLETE], &IN_PARTS].concat();
    assert_eq!(operations(&run, OF_THE_DAY), expected);
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_fails_for_good_is_an_error_and_latest_stays_as_it_was() {
    let scenario = a_night_with_much(tonight(&fault(PART, "internal_error", ""))).await;
    let before = scenario.aws.object(BUCKET, LATEST);
    let run = scenario.run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "ReportNotWritten");
    assert!(
        message.contains(OF_THE_DAY) && message.contains(PART),
        "{message}"
    );
    assert_eq!(run.aws.object(BUCKET, LATEST), before);
    assert_eq!(run.sent(COMPLETE), 0);
}

#[tokio::test(start_paused = true)]
async fn where_a_policy_denies_parts_the_file_is_sent_in_one_request() {
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{
            "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{BUCKET}/*",
            "Condition": {{"StringNotEquals": {{"s3:x-amz-server-side-encryption": "AES256"}}}}
        }}]}}"#
    );
    let mut world = tonight("").aws.world().clone();
    world.buckets[0].policy = Some(policy);
    let scenario = a_night_with_much(Scenario::in_world(world)).await;
    let run = scenario.with(ENCRYPTION, "AES256").run().await;
    is_written(&run);
    assert_eq!(operations(&run, OF_THE_DAY), [CREATE, PART, PUT]);
    assert_eq!(operations(&run, LATEST), [COPY]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_copied_is_sent() {
    let run = a_night_with_much(tonight(&refusal(COPY, "")))
        .await
        .run()
        .await;
    is_written(&run);
    let sent = [&[COPY][..], &IN_PARTS].concat();
    assert_eq!(operations(&run, LATEST), sent);
}

#[tokio::test(start_paused = true)]
async fn a_file_of_another_run_is_not_copied() {
    let unheard = fault(COPY, "hang", "nth = 1");
    let scenario = a_night_with_much(tonight(&unheard)).await;
    let another_run = async {
        while !scenario.aws.log().iter().any(|call| call.operation == COPY) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        scenario
            .aws
            .put_object(BUCKET, OF_THE_DAY, "of another run");
    };
    let (run, ()) = tokio::join!(scenario.run(), another_run);
    let sent = [&[COPY, COPY][..], &IN_PARTS].concat();
    assert_eq!(operations(&run, LATEST), sent);
    let summary = Manifest::read(run.latest("summary.json").as_bytes()).unwrap();
    let latest = run.aws.object(BUCKET, LATEST).unwrap();
    assert!(summary.is(ReportFile::UnseenCsv, &FileFacts::of(&latest)));
}
