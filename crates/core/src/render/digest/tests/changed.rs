//! The digest's sections of changes since the last run, and when it is sent for them.

use super::settings;
use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, access_key, account, kms_key, next_report, report_of, scanned},
    expected::matches_file,
    judge::{
        last_run::{LastRun, NoLastRun},
        summary::RunFacts,
        whole_report::WholeReport,
    },
    model::{
        organization_reading::Reading,
        reading::{KeyReading, Usage},
    },
    render::digest::{Decision, compose, decide},
    settings::DigestMode,
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

fn reading(keys: Vec<KeyReading>) -> Reading {
    let cell = |region| scanned(&account(1, "one"), region);
    Reading {
        keys,
        coverage: vec![cell(Some("eu-west-1")), cell(None)],
        ..Reading::default()
    }
}

/// The report of `tonight`, compared with that of `before`, the night before.
fn compared(before: Vec<KeyReading>, tonight: Vec<KeyReading>) -> WholeReport {
    let the_night_before = RunFacts {
        now: "2026-11-20T02:00:07Z".parse().unwrap(),
        ..run()
    };
    let before = report_of(&the_night_before, reading(before), &FIRST_CENSUS);
    next_report(reading(tonight), &before)
}

fn key(n: usize, used: &str) -> KeyReading {
    kms_key(&account(1, "one"), n, used)
}

#[test]
fn new_keys_keys_used_again_and_gone_keys_have_their_sections() {
    let mut used_again = key(2, IN_USE);
    let Usage::Recorded(last_use) = &mut used_again.usage else {
        panic!("a use is recorded: {used_again:?}");
    };
    last_use.cloudtrail_event_id = Some("0d8c7e5a-4f1b-4c62-9d57-3a2f1e0b9c8d".to_owned());
    let mut unnamed = key(4, STALE);
    unnamed.names.clear();
    unnamed.owner = None;
    let mut many_names = key(5, IN_USE);
    many_names.names = vec!["alias/b".to_owned(), "alias/a".to_owned()];
    let report = compared(
        vec![
            key(1, STALE),
            key(2, STALE),
            key(3, IN_USE),
            unnamed,
            many_names,
            access_key(&account(1, "one"), "anna", 6, STALE),
        ],
        vec![key(1, STALE), used_again, key(3, STALE), key(7, STALE)],
    );
    let text = compose(&report).text;
    matches_file("render/digest/expected/changes.txt", &text);
}

#[test]
fn a_night_without_changes_shows_that_nothing_changed() {
    let text = |report: WholeReport| compose(&report).text;
    let same = text(compared(vec![key(1, STALE)], vec![key(1, STALE)]));
    assert!(same.starts_with(
        "1 KMS key unused for 90 days or more in 1 account, none new since 2026-11-20, "
    ));
    assert!(same.contains("\nNothing that could be seen has changed since 2026-11-20.\n"));
    for heading in ["UNUSED, NEW SINCE", "USED AGAIN", "GONE", "first census"] {
        assert!(!same.contains(heading), "{heading} in\n{same}");
    }
    let state_changed = |mut key: KeyReading| {
        key.state = Some("Disabled".to_owned());
        key
    };
    let other = text(compared(
        vec![key(1, STALE)],
        vec![state_changed(key(1, STALE))],
    ));
    assert!(!other.contains("Nothing that could be seen"));
    assert!(
        other.contains("\nKeys since 2026-11-20: 1 changed state.\n"),
        "{other}"
    );
    assert!(other.contains(
        "\n\nSTATE CHANGED: 1\n\
         - alias/orders-000001, eu-west-1; 000000000001 one; owner orders; was Enabled, is Disabled\n\n"
    ));
}

#[test]
fn a_first_census_shows_why_it_is_one() {
    let last = LastRun::None(NoLastRun::OlderColumns);
    let report = report_of(&run(), reading(vec![key(1, STALE)]), &last);
    let text = compose(&report).text;
    assert!(text.contains(
        "\nThis is the first census (the last report is of an earlier version), so no changes are reported.\n"
    ));
    assert!(!text.contains(" new since"));
    assert!(!text.contains("UNUSED, NEW SINCE"));
}

#[test]
fn new_keys_are_listed_also_where_the_last_report_has_no_date() {
    let report = compared(Vec::new(), vec![key(1, STALE)]);
    let text = compose(&report).text;
    assert!(text.contains(", 1 new since the last census, "));
    assert!(text.contains("\nUNUSED, NEW SINCE THE LAST CENSUS: 1\n"));
}

#[test]
fn a_digest_of_changes_is_sent_for_each_sort_of_change_and_for_nothing_else() {
    let mut disabled = key(1, IN_USE);
    disabled.state = Some("Disabled".to_owned());
    let cases = [
        (vec![key(1, STALE)], vec![key(1, STALE)], None),
        (vec![], vec![key(1, IN_USE)], Some("new keys: 1")),
        (
            vec![key(1, IN_USE)],
            vec![key(1, STALE)],
            Some("newly flagged keys: 1"),
        ),
        (
            vec![key(1, STALE)],
            vec![key(1, IN_USE)],
            Some("keys used again: 1"),
        ),
        (
            vec![key(1, IN_USE)],
            vec![disabled],
            Some("keys with another state: 1"),
        ),
        (vec![key(1, IN_USE)], vec![], Some("keys that are gone: 1")),
    ];
    for (before, tonight, expected) in cases {
        let summary = compared(before, tonight).report.summary;
        let expected = match expected {
            Some(reason) => Decision::Send {
                reason: reason.to_owned(),
            },
            None => Decision::DoNotSend {
                reason: "nothing differs from the last run, and coverage is complete".to_owned(),
            },
        };
        assert_eq!(decide(&settings(DigestMode::Changes), &summary), expected);
        let mut with_gap = summary;
        with_gap.coverage.complete = false;
        let decision = decide(&settings(DigestMode::Changes), &with_gap);
        assert!(matches!(decision, Decision::Send { .. }), "{decision:?}");
    }
}

#[test]
fn how_many_keys_are_newly_flagged_can_be_filtered_for() {
    let report = compared(vec![key(1, STALE)], vec![key(1, STALE), key(2, STALE)]);
    let attributes = compose(&report).attributes;
    let written: Vec<_> = attributes
        .iter()
        .map(|a| format!("{} {} {}", a.name, a.data_type, a.value))
        .collect();
    assert_eq!(
        written,
        [
            "flagged Number 2",
            "newly_flagged Number 1",
            "needed Number 0",
            "coverage String complete"
        ]
    );
}
