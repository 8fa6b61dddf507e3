//! Verdicts on passwords.

use super::{T, ago, key, now, used};
use crate::{
    judge::verdict::{
        Verdict::{InUse, NeverUsed, Stale, Undecided, UnusedSinceTracking},
        judge,
    },
    model::{
        password::{none_recorded, recorded},
        reading::{KeyKind, KeyReading},
    },
};

#[test]
fn a_password_is_never_used_only_where_it_was_changed_after_uses_were_recorded_again() {
    let at = |text: &str| text.parse().unwrap();
    for (changed_at, verdict, idle_days) in [
        (Some(at("2012-01-01T00:00:00Z")), UnusedSinceTracking, 3103),
        (Some(at("2016-01-01T00:00:00Z")), UnusedSinceTracking, 3103),
        (Some(at("2018-05-23T21:07:59Z")), UnusedSinceTracking, 3103),
        (Some(at("2018-05-23T21:08:00Z")), NeverUsed, 3103),
        (Some(ago(90, 0)), NeverUsed, 90),
        (Some(ago(89, 86_399)), Undecided, 89),
        // As of a root user's password.
        (None, UnusedSinceTracking, 3103),
    ] {
        let password = KeyReading {
            kind: KeyKind::IamPassword,
            created_at: changed_at,
            ..key(none_recorded(changed_at))
        };
        let judgement = judge(&password, T, now());
        assert_eq!(judgement.verdict, verdict, "{changed_at:?}");
        assert_eq!(judgement.idle_days, Some(idle_days), "{changed_at:?}");
    }
}

#[test]
fn a_password_that_was_changed_after_its_last_use_is_idle_since_its_change() {
    for (used_at, changed_at, verdict, idle_days) in [
        (ago(200, 0), ago(300, 0), Stale, 200),
        (ago(10, 0), ago(300, 0), InUse, 10),
        (ago(200, 0), ago(200, 0), Stale, 200),
        (ago(400, 0), ago(90, 0), Stale, 90),
        (ago(400, 0), ago(89, 0), Undecided, 89),
        (ago(10, 0), ago(9, 0), Undecided, 9),
    ] {
        let password = KeyReading {
            kind: KeyKind::IamPassword,
            created_at: Some(changed_at),
            ..key(recorded(used_at, Some(changed_at)))
        };
        let judgement = judge(&password, T, now());
        assert_eq!(judgement.verdict, verdict, "{used_at} {changed_at}");
        assert_eq!(
            judgement.idle_days,
            Some(idle_days),
            "{used_at} {changed_at}"
        );
    }
}

#[test]
fn an_access_key_that_was_changed_after_its_last_use_is_idle_since_its_use() {
    let access_key = KeyReading {
        kind: KeyKind::IamAccessKey,
        created_at: Some(ago(1, 0)),
        ..key(used(ago(200, 0)))
    };
    assert_eq!(judge(&access_key, T, now()).verdict, Stale);
}
