use jiff::{SignedDuration, Timestamp};

use super::{
    Judgement,
    Verdict::{self, InUse, NeverUsed, Stale, Undecided, UnusedSinceTracking},
    judge,
};
use crate::examples::{account, kms_key};
use crate::model::{
    access_key::none_recorded,
    cause::Cause,
    gap::Gap,
    reading::{KeyKind, KeyReading, LastUse, Manager, Usage},
};

mod passwords;
mod secrets;
mod sentences;
mod service_credentials;

const T: u32 = 90;

fn now() -> Timestamp {
    "2026-11-21T02:00:00Z".parse().unwrap()
}

/// `days` days and `seconds` seconds before `now`.
fn ago(days: i64, seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(days * 86_400 + seconds)
}

fn key(usage: Usage) -> KeyReading {
    KeyReading {
        usage,
        ..kms_key(
            &account(222_222_222_222, "payments"),
            1,
            "2026-11-21T00:00:00Z",
        )
    }
}

fn used(at: Timestamp) -> Usage {
    Usage::Recorded(LastUse {
        at,
        operation: Some("Decrypt".to_owned()),
        service: None,
        region: None,
        cloudtrail_event_id: None,
        kms_request_id: None,
        tracked_since: None,
    })
}

fn unused(tracked_since: Timestamp, created_at: Option<Timestamp>) -> Usage {
    Usage::NoneRecorded {
        tracked_since,
        created_at,
    }
}

#[test]
fn every_verdict_changes_exactly_at_the_threshold() {
    let long_ago = ago(3000, 0);
    let cases = [
        (used(ago(0, 0)), InUse, 0),
        (used(ago(89, 0)), InUse, 89),
        (used(ago(89, 86_399)), InUse, 89),
        (used(ago(90, 0)), Stale, 90),
        (used(ago(91, 0)), Stale, 91),
        // Used in the future.
        (used(ago(-3, 0)), InUse, 0),
        // Young, never used.
        (unused(ago(89, 0), Some(ago(89, 0))), Undecided, 89),
        (
            unused(ago(89, 86_399), Some(ago(89, 86_399))),
            Undecided,
            89,
        ),
        (unused(ago(90, 0), Some(ago(90, 0))), NeverUsed, 90),
        (unused(ago(91, 0), Some(ago(91, 0))), NeverUsed, 91),
        // Old, tracked T-1 days.
        (unused(ago(89, 0), Some(long_ago)), Undecided, 89),
        (unused(ago(90, 0), Some(long_ago)), UnusedSinceTracking, 90),
        (unused(ago(91, 0), Some(long_ago)), UnusedSinceTracking, 91),
        // Creation not reported.
        (unused(ago(90, 0), None), UnusedSinceTracking, 90),
        // Created after the start of tracking.
        (unused(ago(400, 0), Some(ago(100, 0))), NeverUsed, 100),
    ];
    for (usage, verdict, idle_days) in cases {
        let expected = Judgement {
            verdict,
            idle_days: Some(idle_days),
        };
        assert_eq!(judge(&key(usage.clone()), T, now()), expected, "{usage:?}");
    }
}

#[test]
fn the_shortest_and_the_longest_threshold_hold() {
    let a_day_ago = key(used(ago(1, 0)));
    assert_eq!(judge(&a_day_ago, 1, now()).verdict, Stale);
    assert_eq!(judge(&a_day_ago, 3650, now()).verdict, InUse);
}

#[test]
fn an_unread_key_is_never_called_unused() {
    let gap = Gap::unanswered(
        "kms:GetKeyLastUsage",
        "AccessDeniedException",
        Cause::REFUSED,
    );
    for usage in [Usage::Unreadable(gap), Usage::NotRead] {
        let judgement = judge(&key(usage), T, now());
        assert_eq!(judgement.verdict, Verdict::Unreadable);
        assert_eq!(judgement.idle_days, None);
    }
}

#[test]
fn aws_managed_comes_before_every_other_verdict() {
    let mut aws = key(used(ago(500, 0)));
    aws.manager = Some(Manager::Aws);
    aws.state = Some("PendingDeletion".to_owned());
    assert_eq!(judge(&aws, T, now()).verdict, Verdict::AwsManaged);
}

#[test]
fn pending_deletion_comes_before_the_verdicts_of_usage() {
    for state in ["PendingDeletion", "PendingReplicaDeletion"] {
        let mut pending = key(used(ago(500, 0)));
        pending.state = Some(state.to_owned());
        assert_eq!(judge(&pending, T, now()).verdict, Verdict::PendingDeletion);
    }
}

#[test]
fn a_key_in_an_unknown_state_is_judged_by_its_usage() {
    let mut key = key(used(ago(500, 0)));
    key.state = Some("SomethingNew".to_owned());
    assert_eq!(judge(&key, T, now()).verdict, Stale);
}

#[test]
fn an_access_key_is_judged_by_its_usage_alone() {
    for kind in [KeyKind::IamAccessKey, KeyKind::RootAccessKey] {
        let mut access_key = key(used(ago(500, 0)));
        access_key.kind = kind;
        access_key.manager = Some(Manager::Aws);
        access_key.state = Some("PendingDeletion".to_owned());
        assert_eq!(judge(&access_key, T, now()).verdict, Stale);
    }
}

#[test]
fn an_access_key_is_never_used_only_where_it_was_created_after_tracking_began() {
    let at = |text: &str| text.parse().unwrap();
    for (created_at, verdict, idle_days) in [
        (Some(at("2015-04-21T23:59:59Z")), UnusedSinceTracking, 4231),
        (Some(at("2015-04-22T00:00:00Z")), NeverUsed, 4231),
        (Some(ago(90, 0)), NeverUsed, 90),
        (Some(ago(89, 86_399)), Undecided, 89),
        (Some(ago(-1, 0)), Undecided, 0),
        // As of a root access key whose date could not be read.
        (None, UnusedSinceTracking, 4231),
    ] {
        let mut access_key = key(none_recorded(created_at));
        access_key.kind = KeyKind::RootAccessKey;
        let judgement = judge(&access_key, T, now());
        assert_eq!(judgement.verdict, verdict, "{created_at:?}");
        assert_eq!(judgement.idle_days, Some(idle_days), "{created_at:?}");
    }
}

#[test]
fn only_three_verdicts_say_unused() {
    let unused_verdicts: Vec<_> = Verdict::ALL
        .into_iter()
        .filter(|v| v.means_unused())
        .collect();
    assert_eq!(unused_verdicts, [Stale, NeverUsed, UnusedSinceTracking]);
}
