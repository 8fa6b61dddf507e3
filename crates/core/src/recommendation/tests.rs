use super::{Recommendation, recommend};
use crate::{
    examples::{access_key, account, kms_key, root_key},
    verdict::Verdict,
};

/// Each row: state, verdict, age in days, and what to do from an age of 90 on.
type Row = (Option<&'static str>, Verdict, Option<i64>, Recommendation);

const USED: &str = "2026-11-01T00:00:00Z";
const ACTIVE: Option<&str> = Some("Active");
const INACTIVE: Option<&str> = Some("Inactive");
const NEW: Option<&str> = Some("SomethingNew");

#[test]
fn what_to_do_about_an_access_key_depends_on_use_state_and_age() {
    let rows: [Row; 17] = [
        (
            ACTIVE,
            Verdict::Unreadable,
            Some(900),
            Recommendation::GrantAccess,
        ),
        (
            INACTIVE,
            Verdict::Unreadable,
            Some(900),
            Recommendation::GrantAccess,
        ),
        (
            ACTIVE,
            Verdict::Stale,
            Some(900),
            Recommendation::Deactivate,
        ),
        (
            ACTIVE,
            Verdict::NeverUsed,
            Some(90),
            Recommendation::Deactivate,
        ),
        (
            ACTIVE,
            Verdict::UnusedSinceTracking,
            None,
            Recommendation::Deactivate,
        ),
        (INACTIVE, Verdict::Stale, Some(900), Recommendation::Delete),
        (
            INACTIVE,
            Verdict::NeverUsed,
            Some(900),
            Recommendation::Delete,
        ),
        (None, Verdict::Stale, Some(900), Recommendation::Deactivate),
        (NEW, Verdict::Stale, Some(900), Recommendation::Deactivate),
        (ACTIVE, Verdict::InUse, Some(91), Recommendation::Rotate),
        (ACTIVE, Verdict::InUse, Some(90), Recommendation::Rotate),
        (ACTIVE, Verdict::InUse, Some(89), Recommendation::None),
        (ACTIVE, Verdict::InUse, None, Recommendation::None),
        (INACTIVE, Verdict::InUse, Some(900), Recommendation::None),
        (None, Verdict::InUse, Some(900), Recommendation::None),
        (ACTIVE, Verdict::Undecided, Some(900), Recommendation::None),
        (
            INACTIVE,
            Verdict::Undecided,
            Some(900),
            Recommendation::None,
        ),
    ];
    for (state, verdict, age_days, expected) in rows {
        let mut key = access_key(&account(2, "payments"), "deploy-bot", 1, USED);
        key.state = state.map(str::to_owned);
        let recommended = recommend(&key, verdict, age_days, 90);
        assert_eq!(recommended, expected, "{state:?} {verdict:?} {age_days:?}");
    }
}

#[test]
fn an_exempt_access_key_is_to_be_read_but_not_to_be_changed() {
    let mut key = access_key(&account(2, "payments"), "deploy-bot", 1, USED);
    key.exemption = Some("legal".to_owned());
    for verdict in [Verdict::Stale, Verdict::NeverUsed, Verdict::InUse] {
        let recommended = recommend(&key, verdict, Some(900), 90);
        assert_eq!(recommended, Recommendation::None, "{verdict:?}");
    }
    let unread = recommend(&key, Verdict::Unreadable, Some(900), 90);
    assert_eq!(unread, Recommendation::GrantAccess);
}

#[test]
fn a_root_access_key_is_to_be_removed_whatever_is_said_of_it() {
    for exemption in [None, Some("legal")] {
        for verdict in Verdict::ALL {
            for state in [ACTIVE, INACTIVE, None] {
                let mut key = root_key(&account(2, "payments"), 1, USED);
                key.state = state.map(str::to_owned);
                key.exemption = exemption.map(str::to_owned);
                let recommended = recommend(&key, verdict, Some(1), 90);
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
        let key = kms_key(&account(2, "payments"), 1, USED);
        assert_eq!(
            recommend(&key, verdict, Some(900), 90),
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
    ]
    .map(Recommendation::as_str);
    assert_eq!(
        words.join(" "),
        "none disable_and_watch deactivate delete rotate remove_root_key grant_access"
    );
}
