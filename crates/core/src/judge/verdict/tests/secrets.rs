//! Verdicts on secrets.

use super::{T, account, ago, now};
use crate::{
    examples::secret,
    judge::verdict::{
        Verdict::{AwsManaged, InUse, Stale, Undecided, UnusedSinceTracking},
        judge,
    },
    model::{
        reading::{KeyReading, Manager},
        secret::{none_recorded, recorded},
    },
};

fn some() -> KeyReading {
    secret(&account(2, "payments"), "prod/db", "2026-01-01T00:00:00Z")
}

#[test]
fn a_retrieval_counts_from_the_end_of_its_day_so_that_nothing_is_flagged_a_day_early() {
    for (day, verdict, idle_days) in [
        ("2026-11-21T00:00:00Z", InUse, 0),
        ("2026-11-20T00:00:00Z", InUse, 0),
        ("2026-11-19T00:00:00Z", InUse, 1),
        ("2026-08-23T00:00:00Z", InUse, 89),
        ("2026-08-22T00:00:00Z", Stale, 90),
        // Should AWS give a time of day, it is as late.
        ("2026-08-22T02:00:00Z", Stale, 90),
        ("2026-08-22T02:00:01Z", InUse, 89),
    ] {
        let secret = KeyReading {
            usage: recorded(day.parse().unwrap()),
            ..some()
        };
        let judgement = judge(&secret, T, now());
        assert_eq!(judgement.verdict, verdict, "{day}");
        assert_eq!(judgement.idle_days, Some(idle_days), "{day}");
    }
}

#[test]
fn a_secret_without_a_retrieval_is_undecided_and_then_unused_since_tracking_and_never_never_used() {
    for (created_at, verdict, idle_days) in [
        (now(), Undecided, 0),
        (ago(89, 86_399), Undecided, 89),
        (ago(90, 0), UnusedSinceTracking, 90),
        (ago(3000, 0), UnusedSinceTracking, 3000),
    ] {
        let secret = KeyReading {
            created_at: Some(created_at),
            usage: none_recorded(created_at),
            ..some()
        };
        let judgement = judge(&secret, T, now());
        assert_eq!(judgement.verdict, verdict, "{created_at}");
        assert_eq!(judgement.idle_days, Some(idle_days), "{created_at}");
    }
}

#[test]
fn a_secret_that_a_service_owns_is_aws_managed_however_long_it_is_idle() {
    let secret = KeyReading {
        manager: Some(Manager::Aws),
        usage: recorded(ago(900, 0)),
        ..some()
    };
    let judgement = judge(&secret, T, now());
    assert_eq!((judgement.verdict, judgement.idle_days), (AwsManaged, None));
}
