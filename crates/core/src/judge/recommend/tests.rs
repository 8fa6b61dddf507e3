use jiff::{SignedDuration, ToSpan, civil::Date};

use super::{RecommendationInput, recommend};
use crate::{
    arbitrary::run,
    examples::{
        THRESHOLDS, access_key, account, judged, kms_key, of_set_of_secrets, password, root_key,
        root_password, secret, service_credential,
    },
    judge::{
        flagged::AssessedKey,
        history::History,
        judged_key::JudgedKey,
        multi_region::RestOfSet,
        recommendation::Recommendation,
        verdict::{Judgement, Verdict, judge},
    },
    model::{
        before_deletion::BeforeDeletion,
        cause::{Cause, PolicyKind, Refusal},
        dependents::{DELETED, Dependents},
        gap::Gap,
        reading::{KeyReading, MultiRegion, MultiRegionRole, Usage},
        refused_uses::{RefusedUse, RefusedUses},
        secret::ROTATION_ENABLED,
        time::date,
    },
};

/// Each row: state, verdict, age in days, and what to do from an age of 90 on.
type Row = (Option<&'static str>, Verdict, Option<i64>, &'static str);

const USED: &str = "2026-11-01T00:00:00Z";
const ACTIVE: Option<&str> = Some("Active");
const INACTIVE: Option<&str> = Some("Inactive");
const NEW: Option<&str> = Some("SomethingNew");

#[test]
fn what_to_do_about_an_access_key_depends_on_use_state_and_age() {
    let rows: [Row; 17] = [
        (ACTIVE, Verdict::Unreadable, Some(900), "grant_access"),
        (INACTIVE, Verdict::Unreadable, Some(900), "grant_access"),
        (ACTIVE, Verdict::Stale, Some(900), "deactivate"),
        (ACTIVE, Verdict::NeverUsed, Some(90), "deactivate"),
        (ACTIVE, Verdict::UnusedSinceTracking, None, "deactivate"),
        (INACTIVE, Verdict::Stale, Some(900), "delete"),
        (INACTIVE, Verdict::NeverUsed, Some(900), "delete"),
        (None, Verdict::Stale, Some(900), "check_by_hand"),
        (NEW, Verdict::Stale, Some(900), "check_by_hand"),
        (ACTIVE, Verdict::InUse, Some(91), "rotate"),
        (ACTIVE, Verdict::InUse, Some(90), "rotate"),
        (ACTIVE, Verdict::InUse, Some(89), "none"),
        (ACTIVE, Verdict::InUse, None, "none"),
        (INACTIVE, Verdict::InUse, Some(900), "none"),
        (None, Verdict::InUse, Some(900), "none"),
        (ACTIVE, Verdict::Undecided, Some(900), "none"),
        (INACTIVE, Verdict::Undecided, Some(900), "none"),
    ];
    for (state, verdict, age_days, expected) in rows {
        let mut key = access_key(&account(2, "payments"), "deploy-bot", 1, USED);
        key.state = state.map(str::to_owned);
        if verdict == Verdict::Unreadable {
            key.usage = unread(Cause::REFUSED);
        }
        let recommended = recommended_by_itself(&key, verdict, age_days).as_str();
        assert_eq!(recommended, expected, "{state:?} {verdict:?} {age_days:?}");
    }
}

#[test]
fn an_exempt_access_key_is_to_be_read_but_not_to_be_changed() {
    let mut key = access_key(&account(2, "payments"), "deploy-bot", 1, USED);
    key.exemption = Some("legal".to_owned());
    for verdict in [Verdict::Stale, Verdict::NeverUsed, Verdict::InUse] {
        let recommended = recommended_by_itself(&key, verdict, Some(900));
        assert_eq!(recommended, Recommendation::None, "{verdict:?}");
    }
    key.usage = unread(Cause::REFUSED);
    let recommended = recommended_by_itself(&key, Verdict::Unreadable, Some(900));
    assert_eq!(recommended, Recommendation::GrantAccess);
}

#[test]
fn an_unused_password_is_to_be_removed_and_a_root_password_is_not() {
    let account = account(2, "payments");
    let mut of_user = password(&account, "anna", USED);
    for (verdict, expected) in [
        (Verdict::Stale, Recommendation::RemovePassword),
        (Verdict::NeverUsed, Recommendation::RemovePassword),
        (Verdict::UnusedSinceTracking, Recommendation::RemovePassword),
        (Verdict::InUse, Recommendation::None),
        (Verdict::Undecided, Recommendation::None),
    ] {
        let recommended = recommended_by_itself(&of_user, verdict, Some(900));
        assert_eq!(recommended, expected, "{verdict:?}");
        let of_root = root_password(&account, USED);
        let recommended = recommended_by_itself(&of_root, verdict, None);
        assert_eq!(recommended, Recommendation::None, "{verdict:?}");
    }
    of_user.exemption = Some("legal".to_owned());
    let recommended = recommended_by_itself(&of_user, Verdict::Stale, Some(900));
    assert_eq!(recommended, Recommendation::None);
}

#[test]
fn the_deletion_of_an_unused_secret_is_to_be_scheduled_unless_it_is_rotated_or_replicated() {
    let unused = secret(&account(2, "payments"), "prod/db", USED);
    let rotated = KeyReading {
        state: Some(ROTATION_ENABLED.to_owned()),
        ..unused.clone()
    };
    let replica = of_set_of_secrets(unused.clone(), "eu-west-1", "us-east-1");
    let primary = of_set_of_secrets(unused.clone(), "us-east-1", "us-east-1");
    let by_hand = Recommendation::CheckByHand;
    for (secret, expected) in [
        (&unused, Recommendation::ScheduleDeletion),
        (&rotated, by_hand),
        (&replica, by_hand),
        (&primary, by_hand),
    ] {
        for (verdict, expected) in [
            (Verdict::Stale, expected),
            (Verdict::UnusedSinceTracking, expected),
            (Verdict::InUse, Recommendation::None),
            (Verdict::Undecided, Recommendation::None),
            (Verdict::AwsManaged, Recommendation::None),
        ] {
            let recommended = recommended_by_itself(secret, verdict, Some(900));
            assert_eq!(recommended, expected, "{secret:?} {verdict:?}");
            let by_hand = recommended == Recommendation::CheckByHand;
            assert_eq!(by_hand, expected == Recommendation::CheckByHand);
        }
    }
}

/// What is recommended for a key with this verdict, without earlier runs and other keys.
fn recommended_by_itself(
    key: &KeyReading,
    verdict: Verdict,
    age_days: Option<i64>,
) -> Recommendation {
    let judgement = Judgement {
        verdict,
        idle_days: None,
    };
    let input = RecommendationInput {
        age_days,
        history: &History::default(),
        rest_of_set: None,
        rotate_after_days: 90,
        watch_days: 30,
        now: run().now,
    };
    recommend(&AssessedKey { key, judgement }, &input)
}

fn unread(cause: Cause) -> Usage {
    // What the code is does not matter.
    Usage::Unreadable(Gap::unanswered(
        "kms:GetKeyLastUsage",
        "SomethingNew",
        cause,
    ))
}

#[test]
fn access_can_be_granted_where_it_was_refused_and_not_where_reading_failed_otherwise() {
    let one = account(2, "payments");
    let denied = Cause::Refused(Refusal::ExplicitDeny(Some(PolicyKind::ServiceControl)));
    for (cause, expected) in [
        (Cause::REFUSED, Recommendation::GrantAccess),
        (denied, Recommendation::GrantAccess),
        (Cause::Throttled, Recommendation::None),
        (Cause::OutOfTime, Recommendation::None),
        (Cause::NotAnswering, Recommendation::None),
        (Cause::UnreadableAnswer, Recommendation::None),
        (Cause::Gone, Recommendation::None),
        (Cause::Fault, Recommendation::None),
    ] {
        for mut key in [
            kms_key(&one, 1, USED),
            access_key(&one, "deploy-bot", 1, USED),
        ] {
            key.usage = unread(cause);
            let recommended = recommended_by_itself(&key, Verdict::Unreadable, Some(900));
            assert_eq!(recommended, expected, "{cause:?} {:?}", key.kind);
        }
    }
}

#[test]
fn a_root_access_key_is_to_be_removed_whatever_its_verdict() {
    for exemption in [None, Some("legal")] {
        for verdict in Verdict::ALL {
            for state in [ACTIVE, INACTIVE, None] {
                let mut key = root_key(&account(2, "payments"), 1, USED);
                key.state = state.map(str::to_owned);
                key.exemption = exemption.map(str::to_owned);
                let recommended = recommended_by_itself(&key, verdict, Some(1));
                assert_eq!(recommended, Recommendation::RemoveRootKey, "{verdict:?}");
            }
        }
    }
}

#[test]
fn a_kms_key_is_disabled_when_unused_and_never_rotated_for_its_age() {
    for (verdict, expected) in [
        (Verdict::AwsManaged, Recommendation::None),
        (Verdict::PendingDeletion, Recommendation::None),
        (Verdict::Unreadable, Recommendation::GrantAccess),
        (Verdict::InUse, Recommendation::None),
        (Verdict::Stale, Recommendation::DisableAndWatch),
        (Verdict::NeverUsed, Recommendation::DisableAndWatch),
        (
            Verdict::UnusedSinceTracking,
            Recommendation::DisableAndWatch,
        ),
        (Verdict::Undecided, Recommendation::None),
    ] {
        let mut key = kms_key(&account(2, "payments"), 1, USED);
        if verdict == Verdict::Unreadable {
            key.usage = unread(Cause::REFUSED);
        }
        assert_eq!(
            recommended_by_itself(&key, verdict, Some(900)),
            expected,
            "{verdict:?}"
        );
    }
}

#[test]
fn the_words_are_those_that_scripts_rely_on() {
    let words = [
        Recommendation::None,
        Recommendation::DisableAndWatch,
        Recommendation::Deactivate,
        Recommendation::Delete,
        Recommendation::Rotate,
        Recommendation::RemoveRootKey,
        Recommendation::GrantAccess,
        Recommendation::CheckDependents,
        Recommendation::ScheduleDeletion,
        Recommendation::CheckByHand,
        Recommendation::EnableAgain,
        Recommendation::CancelDeletion,
    ]
    .map(Recommendation::as_str);
    assert_eq!(
        words.join(" "),
        "none disable_and_watch deactivate delete rotate remove_root_key grant_access \
         check_dependents schedule_deletion check_by_hand enable_again cancel_deletion"
    );
}

const STALE: &str = "2026-05-01T00:00:00Z";

/// An unused key that was looked at for dependents, in a state and seen so for days.
fn watched(state: &str, days: Option<i64>, dependents: Option<Dependents>) -> JudgedKey {
    let mut key = kms_key(&account(2, "payments"), 1, STALE);
    key.state = Some(state.to_owned());
    key.before_deletion = Some(Box::new(BeforeDeletion {
        dependents,
        ..BeforeDeletion::default()
    }));
    let mut judged = judged(key);
    judged.history.disabled_since = days.map(|days| today().checked_sub(days.days()).unwrap());
    judged
}

fn today() -> Date {
    date(run().now)
}

/// What is recommended for a judged key, with its history and its set.
fn recommended(judged: JudgedKey) -> &'static str {
    let history = judged.history.clone();
    let judged = judged.with_history(history, &THRESHOLDS, run().now);
    judged.recommendation.as_str()
}

fn none() -> Option<Dependents> {
    Some(Dependents::default())
}

fn some() -> Option<Dependents> {
    Some(Dependents {
        ebs_volumes: 1,
        ..Dependents::default()
    })
}

/// A grant to a principal that was deleted, and nothing else.
fn deleted() -> Option<Dependents> {
    Some(Dependents {
        grants: [(DELETED.to_owned(), 1)].into(),
        ..Dependents::default()
    })
}

fn unknown() -> Option<Dependents> {
    Some(Dependents {
        gaps: vec![Gap::NoTimeLeft],
        ..Dependents::default()
    })
}

#[test]
fn a_kms_key_is_to_be_deleted_only_when_it_was_watched_for_long_and_surely_has_no_dependents() {
    for (state, days, dependents, expected) in [
        ("Enabled", None, none(), "disable_and_watch"),
        ("Enabled", None, None, "disable_and_watch"),
        ("Enabled", None, some(), "check_dependents"),
        ("Disabled", Some(29), none(), "disable_and_watch"),
        ("Disabled", Some(30), none(), "schedule_deletion"),
        ("Disabled", Some(400), none(), "schedule_deletion"),
        ("Disabled", None, none(), "disable_and_watch"),
        ("Disabled", Some(30), None, "disable_and_watch"),
        ("Disabled", Some(30), unknown(), "disable_and_watch"),
        ("Disabled", Some(30), some(), "check_dependents"),
        ("Unavailable", Some(30), none(), "disable_and_watch"),
        ("PendingImport", None, none(), "check_by_hand"),
        ("PendingImport", None, some(), "check_dependents"),
        ("Creating", None, none(), "check_by_hand"),
        ("Updating", None, none(), "check_by_hand"),
        ("SomethingNew", None, none(), "check_by_hand"),
        ("Disabled", Some(30), deleted(), "schedule_deletion"),
        ("Enabled", None, deleted(), "disable_and_watch"),
    ] {
        let case = format!("{state} {days:?} {dependents:?}");
        let judged = watched(state, days, dependents);
        assert_eq!(recommended(judged), expected, "{case}");
    }
}

#[test]
fn a_kms_key_that_is_in_use_or_exempt_is_never_to_be_deleted() {
    let mut in_use = watched("Disabled", Some(90), none());
    in_use.judgement.verdict = Verdict::InUse;
    assert_eq!(recommended(in_use), "none");
    let mut key = watched("Disabled", Some(90), none()).key;
    key.exemption = Some("legal".to_owned());
    assert_eq!(recommended(judged(key)), "none");
}

#[test]
fn a_kms_key_that_may_be_exempt_is_never_to_be_deleted() {
    let mut key = watched("Disabled", Some(90), none());
    key.key.tags_gap = Some(Gap::NoTimeLeft);
    assert_eq!(recommended(key), "disable_and_watch");
}

#[test]
fn an_idle_key_of_a_set_is_to_be_deleted_only_where_the_set_is_idle_as_a_whole() {
    let (role, regions) = (MultiRegionRole::Replica, vec!["us-east-1".to_owned()]);
    let in_use = RestOfSet::InUse {
        role,
        regions: regions.clone(),
    };
    let not_known = RestOfSet::NotKnown { role, regions };
    for (rest, expected) in [
        (Some(RestOfSet::Idle), "schedule_deletion"),
        (Some(in_use), "disable_and_watch"),
        (Some(not_known), "disable_and_watch"),
        (None, "disable_and_watch"),
    ] {
        let mut judged = watched("Disabled", Some(90), none());
        judged.key.multi_region = Some(Box::new(MultiRegion {
            role: MultiRegionRole::Replica,
            primary_region: "us-east-1".to_owned(),
            replica_regions: vec!["eu-west-1".to_owned()],
        }));
        judged.rest_of_set = rest.clone().map(Box::new);
        assert_eq!(recommended(judged), expected, "{rest:?}");
    }
}

#[test]
fn a_credential_is_to_be_given_an_expiry_where_its_service_has_one_and_replaced_when_it_is_old() {
    const BEDROCK: &str = "bedrock.amazonaws.com";
    const CODECOMMIT: &str = "codecommit.amazonaws.com";
    for (service, state, age_days, expires, expected) in [
        (BEDROCK, "Active", 5, false, "set_expiry"),
        (BEDROCK, "Active", 900, false, "set_expiry"),
        ("logs.amazonaws.com", "Active", 5, false, "set_expiry"),
        (BEDROCK, "Active", 89, true, "none"),
        (BEDROCK, "Active", 90, true, "rotate"),
        (CODECOMMIT, "Active", 89, false, "none"),
        (CODECOMMIT, "Active", 90, false, "rotate"),
        (BEDROCK, "Inactive", 900, false, "none"),
        (BEDROCK, "Expired", 900, true, "none"),
    ] {
        let mut key = service_credential(&account(2, "payments"), "anna", service);
        key.state = Some(state.to_owned());
        key.created_at = Some(run().now - (24 * age_days).hours());
        key.expires_at = expires.then(|| run().now + 24.hours());
        let case = format!("{service} {state} {age_days} {expires}");
        assert_eq!(
            judged(key.clone()).recommendation.as_str(),
            expected,
            "{case}"
        );
        key.exemption = Some("runbook".to_owned());
        assert_eq!(judged(key).recommendation.as_str(), "none", "{case}");
    }
}

/// A key in a state for which nothing speaks, with a use that was refused so many days ago.
fn refused(state: &str, days: Option<i64>, gap: Option<Gap>) -> JudgedKey {
    let mut judged = watched(state, Some(90), none());
    let last = days.map(|days| RefusedUse {
        at: run().now - SignedDuration::from_hours(24 * days),
        by: "arn:aws:iam::222222222222:user/nightly".to_owned(),
    });
    let found = judged.key.before_deletion.get_or_insert_default();
    found.refused_uses = Some(RefusedUses {
        count: gap.is_none().then_some(u64::from(last.is_some())),
        last,
        gap,
    });
    judged.judgement = judge(&judged.key, THRESHOLDS.stale_after_days, run().now);
    judged
}

#[test]
fn a_kms_key_that_somebody_was_refused_is_to_be_brought_back_before_anything_else() {
    let unread = || Some(Gap::NoTimeLeft);
    for (state, days, gap, expected) in [
        ("Disabled", Some(0), None, "enable_again"),
        ("Disabled", Some(29), None, "enable_again"),
        ("Disabled", Some(30), None, "schedule_deletion"),
        ("Disabled", None, None, "schedule_deletion"),
        // What was found is a fact, also where the rest could not be read.
        ("Disabled", Some(1), unread(), "enable_again"),
        ("Disabled", None, unread(), "disable_and_watch"),
        ("PendingDeletion", Some(1), None, "cancel_deletion"),
        ("PendingReplicaDeletion", Some(1), None, "cancel_deletion"),
        ("PendingDeletion", Some(30), None, "none"),
        ("PendingDeletion", None, unread(), "none"),
        ("Enabled", Some(1), None, "disable_and_watch"),
    ] {
        let case = format!("{state} {days:?} {gap:?}");
        let judged = refused(state, days, gap);
        assert_eq!(recommended(judged), expected, "{case}");
    }
    let mut in_use = refused("Disabled", Some(1), None);
    in_use.judgement.verdict = Verdict::InUse;
    assert_eq!(recommended(in_use), "enable_again");
    let mut exempt = refused("Disabled", Some(1), None);
    exempt.key.exemption = Some("legal".to_owned());
    assert_eq!(recommended(exempt), "enable_again");
}
