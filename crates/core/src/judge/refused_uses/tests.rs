use super::{Priority, are_looked_for, is_stopped};
use crate::{
    examples::{account, kms_key},
    model::{
        before_deletion::BeforeDeletion,
        gap::Gap,
        reading::{KeyReading, Manager},
        refused_uses::RefusedUses,
    },
};

#[test]
fn a_key_is_stopped_in_three_states() {
    for (state, stopped) in [
        ("Enabled", false),
        ("Disabled", true),
        ("PendingDeletion", true),
        ("PendingReplicaDeletion", true),
        ("PendingImport", false),
        ("Unavailable", false),
    ] {
        assert_eq!(is_stopped(state), stopped, "{state}");
    }
}

#[test]
fn refused_uses_are_looked_for_of_stopped_keys_of_customers() {
    for (state, manager, expected) in [
        (Some("Disabled"), Some(Manager::Customer), true),
        (Some("PendingDeletion"), Some(Manager::Customer), true),
        (Some("Enabled"), Some(Manager::Customer), false),
        (Some("Disabled"), Some(Manager::Aws), false),
        (Some("Disabled"), None, false),
        (None, Some(Manager::Customer), false),
    ] {
        let key = KeyReading {
            state: state.map(str::to_owned),
            manager,
            ..kms_key(&account(1, "one"), 1, "2026-05-01T00:00:00Z")
        };
        assert_eq!(are_looked_for(&key), expected, "{state:?} {manager:?}");
    }
}

fn stopped(number: usize, state: &str, deletion_date: Option<&str>) -> KeyReading {
    let mut key = kms_key(&account(1, "one"), number, "2026-05-01T00:00:00Z");
    key.state = Some(state.to_owned());
    key.before_deletion = Some(Box::new(BeforeDeletion {
        deletion_date: deletion_date.map(|date| date.parse().unwrap()),
        ..BeforeDeletion::default()
    }));
    key
}

#[test]
fn first_come_keys_that_lacked_time_and_then_those_that_are_deleted_first() {
    let lacked_time = RefusedUses::unread(None, Gap::NoTimeLeft);
    let keys = [
        (stopped(6, "Disabled", None), Some(&lacked_time)),
        (
            stopped(4, "PendingDeletion", Some("2026-12-01T00:00:00Z")),
            None,
        ),
        (
            stopped(3, "PendingDeletion", Some("2026-12-09T00:00:00Z")),
            None,
        ),
        (stopped(5, "PendingReplicaDeletion", None), None),
        (stopped(1, "Disabled", None), None),
        (stopped(2, "Disabled", None), None),
    ];
    let priorities: Vec<_> = keys
        .iter()
        .map(|(key, last)| Priority::new(key, *last))
        .collect();
    assert!(priorities.is_sorted());
}
