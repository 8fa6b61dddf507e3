//! The digest's texts about dependents, keys pending deletion, and guards.

use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, access_key, account, kms_key, last_run, report_of, with_keys},
    expected::matches_file,
    judge::{last_run::LastRun, summary::RunFacts, whole_report::WholeReport},
    model::{
        before_deletion::BeforeDeletion, dependents::Dependents, gap::Gap, key_policy::Guard,
        reading::KeyReading,
    },
    render::digest::compose,
    settings::Switch,
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T10:15:00Z";

fn text(keys: Vec<KeyReading>) -> String {
    text_after(keys, &FIRST_CENSUS)
}

fn text_after(keys: Vec<KeyReading>, last: &LastRun) -> String {
    let report = report(keys, last, &run());
    compose(&report).text
}

fn report(keys: Vec<KeyReading>, last: &LastRun, run: &RunFacts) -> WholeReport {
    report_of(run, with_keys(keys), last)
}

fn key(n: usize, used: &str, state: &str, read: BeforeDeletion) -> KeyReading {
    let mut key = kms_key(&account(2, "payments"), n, used);
    key.state = Some(state.to_owned());
    key.before_deletion = Some(Box::new(read));
    key
}

fn on(dependents: Dependents) -> BeforeDeletion {
    BeforeDeletion {
        dependents: Some(dependents),
        ..BeforeDeletion::default()
    }
}

#[test]
fn a_flagged_key_is_listed_with_its_dependents() {
    let needed = Dependents {
        ebs_volumes: 1,
        ebs_snapshots: 12,
        grants: [("rds.amazonaws.com".to_owned(), 2), ("iam".to_owned(), 1)].into(),
        gaps: Vec::new(),
    };
    let unknown = Dependents {
        gaps: vec![Gap::NoTimeLeft],
        ..Dependents::default()
    };
    let text = text(vec![
        key(1, STALE, "Enabled", on(needed)),
        key(2, STALE, "Enabled", on(unknown)),
        key(3, STALE, "Enabled", on(Dependents::default())),
    ]);
    let lines = text.lines().filter(|line| {
        line.starts_with("  ") && (line.contains("need") || line.contains("not known"))
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            "  still needed by 1 EBS volume, 12 EBS snapshots, 3 grants (iam, rds.amazonaws.com)",
            "  what depends on it is not known in full",
        ]
    );
}

#[test]
fn a_key_that_was_disabled_for_long_and_that_nothing_needs_may_go() {
    let disabled = || vec![key(1, STALE, "Disabled", on(Dependents::default()))];
    let month_before = RunFacts {
        now: "2026-10-22T02:00:04Z".parse().unwrap(),
        ..run()
    };
    let first = report(disabled(), &FIRST_CENSUS, &month_before);
    let last = last_run(&first);
    let expected =
        "disabled since 2026-10-22, nothing found that depends on it: schedule its deletion";
    assert!(text_after(disabled(), &last).contains(expected));
    assert!(!text(disabled()).contains("schedule its deletion"));
}

#[test]
fn what_was_not_looked_for_is_listed_where_a_kms_key_is_flagged() {
    let kms = || key(1, STALE, "Enabled", on(Dependents::default()));
    let expected = "Looked for what depends on them: EBS volumes, EBS snapshots, grants. \
                Not looked for: objects in S3, ";
    assert!(text(vec![kms()]).contains(expected));
    let others = vec![
        access_key(&account(2, "payments"), "anna", 1, STALE),
        key(1, IN_USE, "Enabled", BeforeDeletion::default()),
    ];
    assert!(!text(others).contains("ooked for"));
    let off = RunFacts {
        dependents: Switch::Off,
        ..run()
    };
    let digest = compose(&report(vec![kms()], &FIRST_CENSUS, &off));
    assert!(
        digest
            .text
            .contains("was not looked for: KEYCENSUS_DEPENDENTS is off.")
    );
}

#[test]
fn keys_pending_deletion_are_listed_with_their_dates_the_earliest_first() {
    let leaving = |n, state, date: Option<&str>, dependents| {
        let read = BeforeDeletion {
            deletion_date: date.map(|date| date.parse().unwrap()),
            dependents,
            ..BeforeDeletion::default()
        };
        key(n, STALE, state, read)
    };
    let volume = Dependents {
        ebs_volumes: 1,
        ..Dependents::default()
    };
    let text = text(vec![
        leaving(
            1,
            "PendingReplicaDeletion",
            None,
            Some(Dependents::default()),
        ),
        leaving(
            2,
            "PendingDeletion",
            Some("2026-11-28T02:00:07Z"),
            Some(volume),
        ),
        leaving(3, "PendingDeletion", Some("2026-11-22T01:00:00Z"), None),
        leaving(4, "PendingDeletion", None, Some(Dependents::default())),
    ]);
    let section = text.split("PENDING DELETION: 4\n").nth(1).unwrap();
    let section = section.split("\n\n").next().unwrap();
    matches_file(
        "render/digest/expected/pending_deletion.txt",
        &format!("{section}\n"),
    );
}

#[test]
fn unguarded_keys_are_counted_where_key_policies_were_read() {
    let guarded = |n, guard: &str| {
        let read = BeforeDeletion {
            guard: Guard::parse(guard),
            ..BeforeDeletion::default()
        };
        key(n, IN_USE, "Enabled", read)
    };
    let expected = "Key policies let 2 of 5 customer managed KMS keys be disabled and deleted soon after \
                a use; 1 guarded in part; 1 not read.";
    let keys = vec![
        guarded(1, "0"),
        guarded(2, "0"),
        guarded(3, "365"),
        guarded(4, "partial:365"),
        kms_key(&account(2, "payments"), 5, IN_USE),
    ];
    assert!(text(keys).contains(expected));
    let unread = vec![kms_key(&account(2, "payments"), 1, IN_USE)];
    assert!(!text(unread).contains("Key policies"));
}
