//! One test a verdict, named with the sentence that says what it means.

use jiff::{SignedDuration, Timestamp};

use super::{T, account, ago, key, now, unused, used};
use crate::{
    examples::service_credential,
    judge::verdict::{Verdict, judge},
    model::{
        cause::Cause,
        gap::Gap,
        reading::{KeyReading, Manager, Usage},
    },
};

const JUST_UNDER_T: i64 = T as i64 - 1;
const T_DAYS: i64 = T as i64;

fn said_of(key: &KeyReading) -> Verdict {
    judge(key, T, now()).verdict
}

fn half_a_day_before(moment: Timestamp) -> Timestamp {
    moment - SignedDuration::from_hours(12)
}

#[test]
fn aws_manages_the_kms_key_or_secret_it_is_listed_and_never_flagged() {
    let mut key = key(Usage::NotRead);
    key.manager = Some(Manager::Aws);
    assert_eq!(said_of(&key), Verdict::AwsManaged);
}

#[test]
fn kms_will_delete_the_key_its_state_is_pendingdeletion_or_pendingreplicadeletion() {
    for state in ["PendingDeletion", "PendingReplicaDeletion"] {
        let mut key = key(Usage::NotRead);
        key.state = Some(state.to_owned());
        assert_eq!(said_of(&key), Verdict::PendingDeletion, "{state}");
    }
}

#[test]
fn its_usage_could_not_be_read_and_nothing_is_said_of_its_use() {
    let refused = Gap::unanswered(
        "kms:GetKeyLastUsage",
        "AccessDeniedException",
        Cause::REFUSED,
    );
    let judgement = judge(&key(Usage::Unreadable(refused)), T, now());
    assert_eq!(judgement.verdict, Verdict::Unreadable);
    assert_eq!(judgement.idle_days, None);
    assert!(!judgement.verdict.means_unused());
}

#[test]
fn aws_keeps_no_record_of_its_use_it_is_listed_for_its_age_and_expiry() {
    let credential = service_credential(&account(2, "payments"), "anna", "bedrock.amazonaws.com");
    assert_eq!(said_of(&credential), Verdict::NotRecorded);
}

#[test]
fn a_use_is_recorded_less_than_t_days_ago() {
    for at in [
        now(),
        ago(JUST_UNDER_T, 0),
        half_a_day_before(ago(JUST_UNDER_T, 0)),
    ] {
        assert_eq!(said_of(&key(used(at))), Verdict::InUse, "{at}");
    }
}

#[test]
fn a_use_is_recorded_t_days_ago_or_more() {
    for at in [ago(T_DAYS, 0), ago(3_000, 0)] {
        assert_eq!(said_of(&key(used(at))), Verdict::Stale, "{at}");
    }
}

#[test]
fn no_use_is_recorded_and_aws_has_tracked_the_key_since_it_was_created_t_days_ago_or_more() {
    for created in [ago(T_DAYS, 0), ago(3_000, 0)] {
        let key = key(unused(created, Some(created)));
        assert_eq!(said_of(&key), Verdict::NeverUsed, "{created}");
    }
}

#[test]
fn no_use_is_recorded_since_tracking_began_t_days_ago_or_more_and_the_key_may_be_older_an_earlier_use_cannot_be_excluded()
 {
    let tracked = ago(T_DAYS, 0);
    for created in [Some(half_a_day_before(tracked)), Some(ago(3_000, 0)), None] {
        let key = key(unused(tracked, created));
        assert_eq!(said_of(&key), Verdict::UnusedSinceTracking, "{created:?}");
    }
}

#[test]
fn no_use_is_recorded_and_the_key_was_created_or_its_tracking_began_less_than_t_days_ago_it_is_too_early_to_say()
 {
    let young = ago(JUST_UNDER_T, 0);
    for (tracked, created) in [
        (young, Some(young)),
        (young, Some(ago(3_000, 0))),
        (young, None),
        (ago(3_000, 0), Some(young)),
    ] {
        let key = key(unused(tracked, created));
        assert_eq!(said_of(&key), Verdict::Undecided, "{tracked} {created:?}");
    }
}
