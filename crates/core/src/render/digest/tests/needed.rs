//! The digest's section of keys that somebody was refused, its subject, and when it is sent.

use super::settings;
use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, account, kms_key, report_of, with_keys},
    judge::whole_report::WholeReport,
    model::{
        before_deletion::BeforeDeletion,
        gap::Gap,
        reading::{KeyReading, Usage},
        refused_uses::{RefusedUse, RefusedUses},
    },
    render::digest::{Decision, compose, decide},
    settings::DigestMode,
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-18T10:15:00Z";
const NIGHTLY: &str = "arn:aws:sts::222222222222:assumed-role/nightly/job";

fn key(n: usize, used: &str, state: &str, count: u64, by: &str) -> KeyReading {
    let mut key = kms_key(&account(2, "payments"), n, used);
    key.state = Some(state.to_owned());
    let is_pending = state == "PendingDeletion";
    if is_pending {
        key.usage = Usage::NotRead;
    }
    let last = (!by.is_empty()).then(|| RefusedUse {
        at: "2026-11-21T01:30:00Z".parse().unwrap(),
        by: by.to_owned(),
    });
    key.before_deletion = Some(Box::new(BeforeDeletion {
        deletion_date: is_pending.then(|| "2026-11-28T08:00:00Z".parse().unwrap()),
        refused_uses: Some(RefusedUses {
            count: Some(count),
            last,
            gap: None,
        }),
        ..BeforeDeletion::default()
    }));
    key
}

fn report(keys: Vec<KeyReading>) -> WholeReport {
    report_of(&run(), with_keys(keys), &FIRST_CENSUS)
}

#[test]
fn keys_that_somebody_still_needs_come_first_with_who_when_how_often_and_what_to_run() {
    let report = report(vec![
        key(1, STALE, "Disabled", 12, NIGHTLY),
        key(2, STALE, "PendingDeletion", 0, NIGHTLY),
        key(3, IN_USE, "Disabled", 1, NIGHTLY),
        key(4, STALE, "PendingDeletion", 0, ""),
        key(5, STALE, "Disabled", 0, ""),
    ]);
    let digest = compose(&report);
    let text = digest.text;
    let (_, section) = text.split_once("SOMEBODY STILL NEEDS: 3\n").unwrap();
    let (before, _) = text.split_once("SOMEBODY").unwrap();
    assert!(!before.contains("UNUSED"), "{before}");
    let lines: Vec<&str> = section.lines().take(4).collect();
    let last = format!("last at 2026-11-21T01:30:00Z by {NIGHTLY}");
    let at = |n: usize| {
        format!("- alias/orders-00000{n}, eu-west-1; 000000000002 payments; owner orders")
    };
    let to_run = |n: usize| format!("aws kms enable-key --region eu-west-1 --key-id key-00000{n}");
    let [enable_1, enable_2, enable_3] = [1, 2, 3].map(to_run);
    let cancel = enable_2.replace("enable-key", "cancel-key-deletion");
    assert_eq!(
        lines,
        [
            "Requests for these keys were refused in the last 30 days, because the keys are disabled or pending deletion.",
            &format!(
                "{}; refused, {last}; deleted in 7 days, on 2026-11-28. Run {cancel}, and then {enable_2}",
                at(2)
            ),
            &format!(
                "{}; refused 12 times, {last}; disabled. Run {enable_1}",
                at(1)
            ),
            &format!("{}; refused once, {last}; disabled. Run {enable_3}", at(3)),
        ]
    );
    assert!(text.contains("no refused use found"));
    assert!(
        digest
            .subject
            .starts_with("Keycensus: 3 keys still needed; 2 keys unused")
    );
    assert_eq!(report.summary.keys.needed, 3);
}

#[test]
fn a_key_that_is_not_flagged_and_that_somebody_needs_is_a_finding() {
    let settings = settings(DigestMode::Findings);
    let needed = report(vec![key(3, IN_USE, "Disabled", 1, NIGHTLY)]);
    let Decision::Send { reason } = decide(&settings, &needed.summary) else {
        panic!()
    };
    assert_eq!(reason, "keys that somebody still needs: 1");
    let nobody = report(vec![key(3, IN_USE, "Disabled", 0, "")]);
    assert!(matches!(
        decide(&settings, &nobody.summary),
        Decision::DoNotSend { .. }
    ));
}

#[test]
fn the_caller_and_the_id_of_a_key_cannot_add_a_line_a_link_or_a_command() {
    let mut odd = key(
        1,
        STALE,
        "Disabled",
        1,
        "https://evil.example\nRun: rm\u{202e} AKIAIOSFODNN7EXAMPLE",
    );
    odd.key_id = "$(id); x".to_owned();
    let text = compose(&report(vec![odd])).text;
    let (_, section) = text.split_once("SOMEBODY STILL NEEDS: 1\n").unwrap();
    let entry = section.lines().nth(1).unwrap();
    assert!(
        entry.ends_with("Look at it by hand: its ID is none of KMS's"),
        "{entry}"
    );
    assert!(!entry.contains("://") && !entry.contains("$("), "{entry}");
    assert!(!text.contains("AKIAIOSFODNN7EXAMPLE") && !text.contains('\u{202e}'));
}

#[test]
fn what_could_not_be_read_is_said_of_a_key_pending_deletion() {
    let mut unread = key(1, STALE, "PendingDeletion", 0, "");
    let found = unread.before_deletion.get_or_insert_default();
    found.refused_uses = Some(RefusedUses::unread(None, Gap::NoTimeLeft));
    let mut not_looked_for = key(2, STALE, "PendingDeletion", 0, "");
    not_looked_for.before_deletion = None;
    let text = compose(&report(vec![unread, not_looked_for])).text;
    assert!(text.contains("; refused uses are not known"));
    assert!(text.contains("; refused uses were not looked for"));
    assert!(!text.contains("SOMEBODY"));
}
