use proptest::prelude::*;

use super::{Decision, Digest, SNS_MESSAGE_BYTES, compose, decide};
use crate::{
    account::{Account, AccountId},
    arbitrary::{reading, run},
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::{KeyKind, KeyReading, LastUse, Manager, Reading, Usage},
    region::Region,
    report::Report,
    settings::{DigestMode, Settings, Source, Written},
};

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

fn account(n: u64, name: &str) -> std::sync::Arc<Account> {
    std::sync::Arc::new(Account {
        id: AccountId::parse(&format!("{n:012}")).unwrap(),
        name: name.to_owned(),
    })
}

fn stale_key(account: &std::sync::Arc<Account>, n: usize, used: &str) -> KeyReading {
    KeyReading {
        account: account.clone(),
        region: Region::parse("eu-west-1"),
        kind: KeyKind::KmsKey,
        key_id: format!("key-{n:06}"),
        arn: String::new(),
        names: vec![format!("alias/orders-{n:06}")],
        owner: Some("orders".to_owned()),
        exemption: None,
        manager: Some(Manager::Customer),
        state: Some("Enabled".to_owned()),
        created_at: None,
        usage: Usage::Recorded(LastUse {
            at: used.parse().unwrap(),
            operation: Some("Decrypt".to_owned()),
            service: None,
            region: None,
            cloudtrail_event_id: None,
            tracked_since: None,
        }),
        told_at: None,
        tags_gap: None,
    }
}

fn unreachable(account: &std::sync::Arc<Account>) -> CoverageRow {
    CoverageRow {
        account: account.clone(),
        scope: Scope::WholeAccount,
        status: CoverageStatus::Unreachable,
        keys: None,
        gap: None,
        detail: "the role could not be assumed".to_owned(),
    }
}

fn bytes(digest: &Digest) -> usize {
    let attributes: usize = digest
        .attributes
        .iter()
        .map(|a| a.name.len() + a.data_type.len() + a.value.len())
        .sum();
    digest.message.len() + attributes
}

proptest! {
    #[test]
    fn a_digest_is_within_the_limits_of_sns_for_any_report(reading in reading(40)) {
        let digest = compose(&settings(DigestMode::Always), &Report::new(&run(), reading));
        prop_assert!(digest.subject.len() < 100);
        prop_assert!(digest.subject.bytes().all(|b| (b' '..=b'~').contains(&b)));
        prop_assert!(bytes(&digest) < SNS_MESSAGE_BYTES);
        let has_hidden_text = digest.text.contains(['\r', '\t', '\u{202E}', '\u{2028}']);
        prop_assert!(!has_hidden_text);
    }
}

#[test]
fn a_hundred_thousand_flagged_keys_fit_and_what_is_left_out_is_counted() {
    let keys = (0..100_000)
        .map(|n| {
            stale_key(
                &account(1 + n as u64 / 500, &"\"quoted\" name ".repeat(20)),
                n,
                "2026-06-01T00:00:00Z",
            )
        })
        .collect();
    let coverage = (0..5_000)
        .map(|n| unreachable(&account(900_000 + n, "shut")))
        .collect();
    let report = Report::new(
        &run(),
        Reading {
            keys,
            coverage,
            ..Reading::default()
        },
    );

    let digest = compose(&settings(DigestMode::Always), &report);

    assert!(
        bytes(&digest) < SNS_MESSAGE_BYTES,
        "{} bytes",
        bytes(&digest)
    );
    let listed = digest.text.matches("- 173 days: ").count();
    assert!(listed > 50, "{listed} keys listed");
    let left_out = 100_000 - listed;
    assert!(
        digest
            .text
            .contains(&format!("{left_out} unused keys are not listed here"))
    );
    assert!(
        digest
            .text
            .starts_with("100000 keys unused for 90 days or more in 200 accounts, 100000.00 USD")
    );
    let gaps = digest.text.matches(": account not entered").count();
    assert!(
        gaps >= 10
            && digest
                .text
                .contains(&format!("- and {} gaps more", 5_000 - gaps))
    );
    assert!(digest.text.contains("THE WHOLE REPORT"));
}

#[test]
fn flagged_keys_are_grouped_by_account_and_the_longest_idle_comes_first() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let reading = Reading {
        keys: vec![
            stale_key(&one, 1, "2026-08-01T00:00:00Z"),
            stale_key(&two, 2, "2026-07-01T00:00:00Z"),
            stale_key(&two, 3, "2026-05-01T00:00:00Z"),
        ],
        coverage: Vec::new(),
        ..Reading::default()
    };
    let text = compose(&settings(DigestMode::Always), &Report::new(&run(), reading)).text;
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
fn what_could_not_be_seen_is_told_in_the_first_line_and_by_name() {
    let reading = Reading {
        keys: Vec::new(),
        coverage: vec![unreachable(&account(4, "legacy"))],
        ..Reading::default()
    };
    let text = compose(&settings(DigestMode::Always), &Report::new(&run(), reading)).text;
    assert!(
        text.starts_with(
            "No key unused for 90 days or more; 1 of 1 accounts could not be entered.\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("- 000000000004 legacy: account not entered: the role could not be assumed")
    );
}

#[test]
fn a_name_cannot_forge_a_line_of_the_digest() {
    let reading = Reading {
        keys: vec![stale_key(
            &account(1, "x\nNo key unused for 90 days or more."),
            1,
            "2026-05-01T00:00:00Z",
        )],
        coverage: Vec::new(),
        ..Reading::default()
    };
    let text = compose(&settings(DigestMode::Always), &Report::new(&run(), reading)).text;
    assert!(text.contains("x\u{FFFD}No key unused"));
    assert!(!text.contains("\nNo key unused"));
}

#[test]
fn a_digest_is_sent_when_its_setting_says_so() {
    let quiet = Reading::default();
    let gap = Reading {
        coverage: vec![unreachable(&account(4, "legacy"))],
        ..Reading::default()
    };
    let flagged = Reading {
        keys: vec![stale_key(&account(1, "one"), 1, "2026-05-01T00:00:00Z")],
        ..Reading::default()
    };
    let cases = [
        (DigestMode::Always, &quiet, true),
        (DigestMode::Findings, &quiet, false),
        (DigestMode::Findings, &gap, true),
        (DigestMode::Findings, &flagged, true),
        (DigestMode::Changes, &quiet, true),
        (DigestMode::Never, &flagged, false),
    ];
    for (mode, reading, sent) in cases {
        let report = Report::new(&run(), reading.clone());
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
