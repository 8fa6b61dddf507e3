use std::sync::Arc;

use super::{Decision, Digest, SNS_MESSAGE_BYTES, compose, decide, wording::grouped};
use crate::{
    examples::{access_key, account, first_report, kms_key, root_key, with_coverage, with_keys},
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        organization_reading::Reading,
    },
    settings::{DigestMode, Settings, Source, Written},
};

mod access_keys;
mod any_report;
mod before_deletion;
mod changed;
mod expected;
mod hostile_text;
mod needed;
mod passwords;
mod per_account;
mod remedies;
mod secrets;
mod security_hub;
mod service_credentials;

fn settings(digest: DigestMode) -> Settings {
    let topic = Written {
        source: Source::Event,
        name: "topic_arn".to_owned(),
        text: "arn:aws:sns:eu-west-1:111111111111:keycensus".to_owned(),
    };
    Settings {
        digest,
        ..Settings::read([topic]).unwrap()
    }
}

fn unreachable(account: &Arc<Account>) -> CoverageRow {
    CoverageRow::unlisted(
        account,
        Scope::WholeAccount,
        CoverageStatus::Unreachable,
        None,
        "the role could not be assumed",
    )
}

fn bytes(digest: &Digest) -> usize {
    let attributes: usize = digest
        .attributes
        .iter()
        .map(|a| a.name.len() + a.data_type.len() + a.value.len())
        .sum();
    digest.message.len() + attributes
}

#[test]
fn a_hundred_thousand_flagged_keys_fit_and_what_is_left_out_is_counted() {
    let keys = (0..100_000)
        .map(|n| {
            kms_key(
                &account(1 + n as u64 / 500, &"\"quoted\" name ".repeat(20)),
                n,
                "2026-06-01T00:00:00Z",
            )
        })
        .collect();
    let coverage = (0..5_000)
        .map(|n| unreachable(&account(900_000 + n, "shut")))
        .collect();
    let report = first_report(with_coverage(keys, coverage));

    let digest = compose(&report);

    assert!(
        bytes(&digest) < SNS_MESSAGE_BYTES,
        "{} bytes",
        bytes(&digest)
    );
    let listed = digest.text.matches("- 173 days: ").count();
    assert!(listed > 50, "{listed} keys listed");
    let left_out = 100_000 - listed as u64;
    assert!(digest.text.contains(&format!(
        "{} unused KMS keys are not listed here",
        grouped(left_out)
    )));
    assert!(digest.text.starts_with(
        "100,000 KMS keys unused for 90 days or more in 200 accounts, 100,000.00 USD"
    ));
    let gaps = digest.text.matches(": account not entered").count();
    assert!(
        gaps >= 10
            && digest
                .text
                .contains(&format!("- and {} gaps more", grouped(5_000 - gaps as u64)))
    );
    assert!(digest.text.contains("THE WHOLE REPORT"));
}

#[test]
fn flagged_keys_are_grouped_by_account_and_the_longest_idle_comes_first() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let reading = with_keys(vec![
        kms_key(&one, 1, "2026-08-01T00:00:00Z"),
        kms_key(&two, 2, "2026-07-01T00:00:00Z"),
        kms_key(&two, 3, "2026-05-01T00:00:00Z"),
    ]);
    let text = compose(&first_report(reading)).text;
    let at = |needle: &str| {
        text.find(needle)
            .unwrap_or_else(|| panic!("{needle} in\n{text}"))
    };
    assert!(at("000000000002 two") < at("alias/orders-000003"));
    assert!(at("alias/orders-000003") < at("alias/orders-000002"));
    assert!(at("alias/orders-000002") < at("000000000001 one"));
    assert!(at("000000000001 one") < at("alias/orders-000001"));
    assert!(at("- 204 days: alias/orders-000003, eu-west-1") < at("last Decrypt on 2026-05-01"));
}

#[test]
fn what_could_not_be_seen_is_in_the_first_line_and_listed_by_name() {
    let reading = Reading {
        keys: Vec::new(),
        coverage: vec![unreachable(&account(4, "legacy"))],
        ..Reading::default()
    };
    let text = compose(&first_report(reading)).text;
    assert!(
        text.starts_with("No key unused for 90 days or more; 1 of 1 account could not be read.\n"),
        "{text}"
    );
    assert!(
        text.contains("- 000000000004 legacy: account not entered: the role could not be assumed")
    );
}

#[test]
fn a_name_cannot_forge_a_line_of_the_digest() {
    let reading = with_keys(vec![kms_key(
        &account(1, "x\nNo key unused for 90 days or more."),
        1,
        "2026-05-01T00:00:00Z",
    )]);
    let text = compose(&first_report(reading)).text;
    assert!(text.contains("x\u{FFFD}No key unused"));
    assert!(!text.contains("\nNo key unused"));
}

#[test]
fn a_digest_is_sent_as_its_setting_requires() {
    let quiet = Reading::default();
    let gap = Reading {
        coverage: vec![unreachable(&account(4, "legacy"))],
        ..Reading::default()
    };
    let with_key = |key| with_keys(vec![key]);
    let (one, yesterday) = (account(1, "one"), "2026-11-20T00:00:00Z");
    let flagged = with_key(kms_key(&one, 1, "2026-05-01T00:00:00Z"));
    let stale_access_key = with_key(access_key(&one, "anna", 1, "2026-05-01T00:00:00Z"));
    let root_key_in_use = with_key(root_key(&one, 1, yesterday));
    let access_key_to_rotate = with_key(access_key(&one, "anna", 1, yesterday));
    let cases = [
        (DigestMode::Always, &quiet, true),
        (DigestMode::Findings, &quiet, false),
        (DigestMode::Findings, &gap, true),
        (DigestMode::Findings, &flagged, true),
        (DigestMode::Findings, &stale_access_key, true),
        (DigestMode::Findings, &root_key_in_use, true),
        (DigestMode::Findings, &access_key_to_rotate, false),
        (DigestMode::Changes, &quiet, true),
        (DigestMode::Changes, &flagged, true),
        (DigestMode::Never, &flagged, false),
    ];
    for (mode, reading, sent) in cases {
        let report = first_report(reading.clone());
        let decision = decide(&settings(mode), &report.summary);
        assert_eq!(
            matches!(decision, Decision::Send { .. }),
            sent,
            "{mode:?} {decision:?}"
        );
        let without_topic = Settings {
            topic_arn: None,
            ..settings(mode)
        };
        assert!(matches!(
            decide(&without_topic, &report.summary),
            Decision::DoNotSend { .. }
        ));
    }
}
