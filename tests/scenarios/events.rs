//! The invocation payloads in `events/` work as they stand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tests::Scenario;

/// The folder of the payloads.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn event(file: &str) -> Value {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_payload_in_the_folder_is_one_of_these() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(Result::unwrap)
        // What is in folders is no payload.
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, CASES.map(|(file, _)| file));
}

const CASES: [(&str, u64); 7] = [
    ("empty.json", 90),
    ("eventbridge-rule-overrides.json", 180),
    ("eventbridge-rule.json", 90),
    ("overrides.json", 180),
    ("scheduler-default.json", 90),
    ("scheduler-input.json", 180),
    ("scheduler-occurrence.json", 90),
];

#[tokio::test(start_paused = true)]
async fn every_payload_is_understood_and_its_overrides_hold() {
    for (file, days) in CASES {
        let run = Scenario::named("every_verdict").invoke(event(file)).await;
        match &run.outcome {
            Ok(summary) => assert_eq!(summary["stale_after_days"], days, "{file}"),
            // This one names accounts that the world does not have.
            Err((kind, _)) => assert_eq!(
                (file, kind.as_str()),
                ("overrides.json", "NothingReachable")
            ),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_overrides_the_environment() {
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_STALE_AFTER_DAYS", "10");
    let run = scenario.invoke(json!({"stale_after_days": 100})).await;
    assert_eq!(run.summary()["stale_after_days"], 100);
}
