use jiff::{SignedDuration, Timestamp};

use super::{DueRule, fnv_1a};
use crate::{
    examples::{access_key, account, kms_key},
    judge::judged_key::{JudgedKey, Thresholds},
    model::{
        access_key::none_recorded,
        cause::Cause,
        gap::Gap,
        manifest::{Files, Manifest, ReadSettings},
        reading::{KeyKind, KeyReading, Manager, Usage},
    },
    settings::Settings,
};

/// The last run's `now`; tonight is a day later.
const LAST_RUN: &str = "2026-11-20T02:00:00Z";

fn last_run() -> Timestamp {
    LAST_RUN.parse().unwrap()
}

fn tonight() -> Timestamp {
    last_run() + days(1)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn manifest(settings: &Settings) -> Manifest {
    Manifest {
        run_id: "run-1".to_owned(),
        scanned_at: last_run(),
        settings: Some(ReadSettings {
            stale_after_days: settings.stale_after_days,
            exempt_tag: settings.exempt_tag.clone(),
            owner_tags: settings.owner_tags.clone(),
        }),
        files: Files::new(),
    }
}

/// A rule under which no key's own night comes, unless that is what is looked at.
fn rule_at(now: Timestamp, change: impl FnOnce(&mut Settings)) -> Option<DueRule> {
    let last = manifest(&Settings::default());
    let mut settings = Settings {
        read_again_days: 3650,
        ..Settings::default()
    };
    change(&mut settings);
    DueRule::new(&settings, now, &last)
}

fn rule() -> DueRule {
    rule_at(tonight(), |_| ()).unwrap()
}

/// A key in use whose last use was so many days before the last run.
fn key(idle_days: i64) -> KeyReading {
    let used = (last_run() - days(idle_days)).to_string();
    KeyReading {
        created_at: Some("2025-01-01T00:00:00Z".parse().unwrap()),
        usage_read_at: Some(last_run()),
        ..kms_key(&account(2, "payments"), 1, &used)
    }
}

/// The row of a key in the last report.
fn row(key: &KeyReading) -> JudgedKey {
    let thresholds = Thresholds {
        stale_after_days: 90,
        rotate_after_days: 90,
        watch_days: 30,
    };
    JudgedKey::by_itself(key.clone(), &thresholds, last_run())
}

fn is_due(key: &KeyReading, last: &KeyReading) -> bool {
    rule().is_usage_due(key, &row(last))
}

fn unread() -> Usage {
    Usage::Unreadable(Gap::unanswered(
        "kms:GetKeyLastUsage",
        "X",
        Cause::Throttled,
    ))
}

#[test]
fn a_key_in_use_that_is_as_it_was_is_not_read() {
    for idle_days in [0, 30, 88] {
        assert!(!is_due(&key(idle_days), &key(idle_days)));
    }
    let access_key = KeyReading {
        usage_read_at: Some(last_run()),
        ..access_key(&account(2, "x"), "anna", 1, "2026-11-19T00:00:00Z")
    };
    assert!(!is_due(&access_key, &access_key));
}

#[test]
fn a_key_whose_d_plus_t_has_come_is_read() {
    assert!(is_due(&key(89), &key(89)));
    let shorter = rule_at(tonight(), |settings| settings.stale_after_days = 91).unwrap();
    assert!(!shorter.is_usage_due(&key(89), &row(&key(89))));
}

#[test]
fn a_key_that_was_not_in_use_is_read() {
    let mut never_used = key(0);
    never_used.usage = none_recorded(never_used.created_at);
    let mut undecided = key(0);
    undecided.usage = Usage::NoneRecorded {
        tracked_since: last_run(),
        created_at: None,
    };
    let unreadable = KeyReading {
        usage: unread(),
        usage_read_at: None,
        ..key(0)
    };
    let exempt = KeyReading {
        exemption: Some("legal".to_owned()),
        ..key(200)
    };
    let to_be_deleted = KeyReading {
        state: Some("PendingDeletion".to_owned()),
        ..key(0)
    };
    for last in [
        never_used,
        undecided,
        unreadable,
        key(200),
        exempt,
        to_be_deleted,
    ] {
        assert!(is_due(&last, &last), "{last:?}");
    }
    // With another T it would be in use, and was flagged.
    let longer = rule_at(tonight(), |settings| settings.stale_after_days = 300).unwrap();
    assert!(longer.is_usage_due(&key(200), &row(&key(200))));
}

#[test]
fn a_key_whose_state_or_creation_differs_or_is_not_known_is_read() {
    let state = |state: Option<&str>| KeyReading {
        state: state.map(str::to_owned),
        ..key(1)
    };
    let created = |at: Option<&str>| KeyReading {
        created_at: at.map(|at| at.parse().unwrap()),
        ..key(1)
    };
    assert!(is_due(&state(Some("Disabled")), &key(1)));
    assert!(is_due(&state(None), &state(None)));
    assert!(!is_due(&state(Some("Disabled")), &state(Some("Disabled"))));
    assert!(is_due(&created(Some("2025-01-01T00:00:01Z")), &key(1)));
    assert!(is_due(&created(None), &created(None)));
    // The file has whole seconds.
    assert!(!is_due(&created(Some("2025-01-01T00:00:00.9Z")), &key(1)));
}

#[test]
fn a_key_whose_tags_were_not_read_is_read() {
    let last = KeyReading {
        tags_gap: Some(Gap::NoTimeLeft),
        ..key(1)
    };
    assert!(is_due(&key(1), &last));
}

#[test]
fn a_key_is_read_once_in_the_days_after_which_it_is_read_again_and_not_all_on_one_night() {
    let mut nights = [0; 7];
    for n in 0..700 {
        let key = KeyReading {
            key_id: format!("key-{n:06}"),
            ..key(1)
        };
        let last = row(&key);
        let is_due = |night: i64| {
            let rule = rule_at(last_run() + days(night), |settings| {
                settings.read_again_days = 7
            });
            rule.unwrap().is_usage_due(&key, &last)
        };
        let first = (1..=7).find(|night| is_due(*night)).expect("read again");
        nights[first as usize - 1] += 1;
        // It stays due until it is read.
        assert!((first..20).all(is_due));
    }
    assert!(nights.iter().all(|n| (70..130).contains(n)), "{nights:?}");
    let every_night = rule_at(tonight(), |settings| settings.read_again_days = 1).unwrap();
    assert!(every_night.is_usage_due(&key(1), &row(&key(1))));
}

#[test]
fn a_key_whose_last_use_was_read_in_the_future_or_at_no_known_time_is_read() {
    for usage_read_at in [None, Some(tonight() + days(1))] {
        let last = KeyReading {
            usage_read_at,
            ..key(1)
        };
        assert!(is_due(&key(1), &last));
    }
}

#[test]
fn everything_is_read_where_t_was_lowered_or_other_tags_count() {
    assert!(rule_at(tonight(), |settings| settings.stale_after_days = 89).is_none());
    assert!(rule_at(tonight(), |settings| settings.stale_after_days = 91).is_some());
    assert!(
        rule_at(tonight(), |settings| settings.exempt_tag =
            "keep".to_owned())
        .is_none()
    );
    assert!(
        rule_at(tonight(), |settings| settings.owner_tags =
            vec!["who".to_owned()])
        .is_none()
    );
}

#[test]
fn everything_is_read_where_the_last_report_is_old_of_a_later_moment_or_of_an_earlier_version() {
    assert!(rule_at(last_run() + days(45), |_| ()).is_some());
    let a_second = SignedDuration::from_secs(1);
    assert!(rule_at(last_run() + days(45) + a_second, |_| ()).is_none());
    assert!(rule_at(last_run() - a_second, |_| ()).is_none());
    let earlier = Manifest {
        settings: None,
        ..manifest(&Settings::default())
    };
    assert!(DueRule::new(&Settings::default(), tonight(), &earlier).is_none());
}

#[test]
fn the_tags_of_a_user_whose_password_would_be_flagged_or_differs_are_read() {
    let password = |idle_days| KeyReading {
        kind: KeyKind::IamPassword,
        region: None,
        state: None,
        ..key(idle_days)
    };
    let are_due = |key: &KeyReading, last: &KeyReading| rule().are_tags_due(key, &row(last));
    assert!(!are_due(&password(1), &password(1)));
    assert!(are_due(&password(89), &password(89)));
    let changed = KeyReading {
        created_at: Some("2025-02-01T00:00:00Z".parse().unwrap()),
        ..password(1)
    };
    assert!(are_due(&changed, &password(1)));
    let untagged = KeyReading {
        tags_gap: Some(Gap::NoTimeLeft),
        ..password(1)
    };
    assert!(are_due(&password(1), &untagged));
    let every_night = rule_at(tonight(), |settings| settings.read_again_days = 1).unwrap();
    assert!(every_night.are_tags_due(&password(1), &row(&password(1))));
}

#[test]
fn a_key_that_aws_managed_is_described_on_its_night_and_another_always() {
    let managed = KeyReading {
        manager: Some(Manager::Aws),
        usage: Usage::NotRead,
        ..key(0)
    };
    assert!(!rule().is_description_due(&row(&managed)));
    assert!(rule().is_description_due(&row(&key(0))));
    let every_night = rule_at(tonight(), |settings| settings.read_again_days = 1).unwrap();
    assert!(every_night.is_description_due(&row(&managed)));
}

#[test]
fn what_is_taken_over_is_the_last_use_with_its_time_and_the_tags() {
    let last = KeyReading {
        exemption: Some("legal".to_owned()),
        ..key(5)
    };
    let mut tonight = KeyReading {
        usage: Usage::NotRead,
        usage_read_at: None,
        owner: None,
        ..last.clone()
    };
    tonight.exemption = None;
    tonight.take_over(last.clone());
    assert_eq!(tonight, last);
}

#[test]
fn the_hash_is_that_of_its_specification() {
    // <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>, test vectors.
    assert_eq!(fnv_1a(b"".iter().copied()), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv_1a(b"a".iter().copied()), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv_1a(b"foobar".iter().copied()), 0x8594_4171_f739_67e8);
}
