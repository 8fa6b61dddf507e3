use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::{DESCRIPTION_CHARACTERS, KEYS_LISTED, compose};
use crate::{
    arbitrary::reading,
    examples::{
        access_key, account, first_report, kms_key, next_report, root_key, scanned, with_coverage,
        with_keys, with_text_everywhere,
    },
    expected::matches_file,
    judge::whole_report::WholeReport,
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        plain_text::hostile,
        reading::KeyReading,
        refused_uses::{RefusedUse, RefusedUses},
    },
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

fn message(report: &WholeReport) -> Value {
    serde_json::from_str(&compose(report)).unwrap()
}

fn description(report: &WholeReport) -> String {
    message(report)["content"]["description"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn one() -> Arc<Account> {
    account(222_222_222_222, "payments")
}

fn needed(n: usize) -> KeyReading {
    let mut key = kms_key(&one(), n, IN_USE);
    key.state = Some("Disabled".to_owned());
    key.before_deletion = Some(Box::new(BeforeDeletion {
        refused_uses: Some(RefusedUses {
            count: Some(3),
            last: Some(RefusedUse {
                at: "2026-11-21T01:30:00Z".parse().unwrap(),
                by: "arn:aws:sts::222222222222:assumed-role/nightly/job".to_owned(),
            }),
            gap: None,
        }),
        ..BeforeDeletion::default()
    }));
    key
}

/// Whether it is of the schema
/// (<https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html#event-schema>).
fn is_of_schema(message: &Value) {
    let names = |of: &Value| {
        let mut names: Vec<String> = of.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(
        names(message),
        ["content", "id", "metadata", "source", "version"]
    );
    assert_eq!(message["version"], "1.0");
    assert_eq!(message["source"], "custom");
    let content = &message["content"];
    assert_eq!(content["textType"], "client-markdown");
    for required in [&message["id"], &content["title"], &content["description"]] {
        assert!(!required.as_str().unwrap().is_empty());
    }
    let are_texts = |of: &Value| {
        let items = of.as_array().into_iter().flatten();
        items.into_iter().all(Value::is_string)
    };
    let known = ["description", "keywords", "nextSteps", "textType", "title"];
    assert!(names(content).iter().all(|name| known.contains(&&**name)));
    assert!(are_texts(&content["nextSteps"]) && are_texts(&content["keywords"]));
    let metadata = &message["metadata"];
    let known = [
        "additionalContext",
        "eventType",
        "relatedResources",
        "summary",
        "threadId",
    ];
    assert!(names(metadata).iter().all(|name| known.contains(&&**name)));
    for text in ["threadId", "summary", "eventType"] {
        assert!(metadata[text].is_string(), "{text}");
    }
    assert!(are_texts(&metadata["relatedResources"]));
    let context = metadata["additionalContext"].as_object().unwrap();
    assert!(context.values().all(Value::is_string));
    let description = content["description"].as_str().unwrap();
    assert!(description.chars().count() <= DESCRIPTION_CHARACTERS);
}

#[test]
fn a_message_has_the_answer_what_is_needed_what_is_new_and_a_link() {
    let before = first_report(with_keys(vec![
        kms_key(&one(), 1, STALE),
        kms_key(&one(), 2, IN_USE),
    ]));
    let keys = vec![
        kms_key(&one(), 1, STALE),
        kms_key(&one(), 2, STALE),
        needed(3),
        access_key(&one(), "deploy_bot", 1, STALE),
        root_key(&one(), 1, IN_USE),
    ];
    let coverage = vec![scanned(&one(), Some("eu-west-1")), scanned(&one(), None)];
    let mut report = next_report(with_coverage(keys, coverage), &before);
    report.summary.report.report_html =
        "s3://acme/census/report/date=2026-11-21/report.html".to_owned();
    let message = message(&report);
    is_of_schema(&message);
    let mut text = serde_json::to_string_pretty(&message).unwrap();
    text.push('\n');
    matches_file("render/chat/tests/message.json", &text);
}

#[test]
fn the_first_message_lists_what_is_unused_the_longest() {
    let report = first_report(with_keys(vec![kms_key(&one(), 1, STALE)]));
    let description = description(&report);
    assert!(
        description.contains("\n\nUnused the longest: 1\n• 204 days: alias/orders-000001"),
        "{description}"
    );
    assert!(!description.contains("New"), "{description}");
}

#[test]
fn lists_are_cut_and_what_is_left_out_is_counted() {
    let keys = (1..=5_000).map(|n| kms_key(&one(), n, STALE));
    let report = first_report(with_keys(keys.chain((5_001..=5_030).map(needed)).collect()));
    let description = description(&report);
    let entries = description.matches("\n• ").count();
    assert_eq!(entries, 2 * (KEYS_LISTED + 1));
    assert!(description.contains("\n• and 4,995 more"), "{description}");
    assert!(description.contains("\n• and 25 more"), "{description}");
    is_of_schema(&message(&report));
}

#[test]
fn no_hostile_text_becomes_a_link_a_mention_or_a_line() {
    let harmless = description(&first_report(with_text_everywhere("payments")));
    for text in hostile::texts() {
        let message = message(&first_report(with_text_everywhere(&text)));
        is_of_schema(&message);
        let description = message["content"]["description"].as_str().unwrap();
        assert_eq!(
            description.lines().count(),
            harmless.lines().count(),
            "{text:?}"
        );
        let all = message.to_string();
        assert!(
            !all.contains(['<', '>', '&', '@', '`', '|']),
            "{text:?}: {all}"
        );
        assert!(!description.contains(['[', ']', '*', '~']), "{text:?}");
        assert!(!description.contains("://"), "{text:?}");
        assert!(description.lines().all(hostile::is_plain), "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_report_has_a_message_of_the_schema(before in reading(12), tonight in reading(12)) {
        is_of_schema(&message(&next_report(tonight, &first_report(before))));
    }
}
