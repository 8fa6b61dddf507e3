//! The digest's sections of passwords, of users and of root users.

use crate::{
    examples::{account, first_report, password, root_password, with_keys},
    expected::matches_file,
    model::{
        password::{none_recorded, recorded},
        reading::KeyReading,
    },
    render::digest::compose,
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T10:15:00Z";

#[test]
fn unused_passwords_and_root_users_who_signed_in_have_sections_of_their_own() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let mut never_used = password(&one, "anna", IN_USE);
    never_used.usage = none_recorded(never_used.created_at);
    let changed_at = Some("2026-08-01T00:00:00Z".parse().unwrap());
    let changed = KeyReading {
        created_at: changed_at,
        usage: recorded(STALE.parse().unwrap(), changed_at),
        owner: None,
        ..password(&two, "ben", STALE)
    };
    let mut nobody = root_password(&account(3, "three"), IN_USE);
    nobody.usage = none_recorded(None);
    let digest = compose(&first_report(with_keys(vec![
        password(&one, "carl", STALE),
        password(&one, "dora", IN_USE),
        never_used,
        changed,
        root_password(&one, STALE),
        root_password(&two, IN_USE),
        nobody,
    ])));
    assert_eq!(
        digest.subject,
        "Keycensus: 3 keys unused for 90 days or more"
    );
    matches_file("render/digest/expected/passwords.txt", &digest.text);
}

#[test]
fn a_root_password_is_counted_as_neither_unused_nor_exempt() {
    let root = root_password(&account(1, "one"), STALE);
    let report = first_report(with_keys(vec![root]));
    assert_eq!(report.summary.keys.flagged, 0);
    assert_eq!(report.findings.exempt, 0);
    let counts: Vec<_> = report.findings.idle_age.values().collect();
    assert_eq!(
        (counts[0].used, counts[0].exempt, counts[0].flagged),
        (1, 0, 0)
    );
}
