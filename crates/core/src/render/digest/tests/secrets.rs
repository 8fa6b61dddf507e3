//! The digest's section of unused secrets.

use crate::{
    examples::{account, first_report, of_set_of_secrets, secret, with_keys},
    expected::matches_file,
    model::{
        reading::{KeyReading, Manager},
        secret::{ROTATION_ENABLED, none_recorded},
    },
    render::digest::compose,
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

#[test]
fn unused_secrets_have_a_section_of_their_own() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let without = KeyReading {
        usage: none_recorded("2025-11-21T00:00:00Z".parse().unwrap()),
        owner: None,
        ..secret(&one, "prod/without", STALE)
    };
    let rotated = KeyReading {
        state: Some(ROTATION_ENABLED.to_owned()),
        ..secret(&one, "prod/rotated", STALE)
    };
    let owned = KeyReading {
        manager: Some(Manager::Aws),
        ..secret(&one, "rds!cluster", STALE)
    };
    let idle = |region, used| of_set_of_secrets(secret(&two, "idle", used), region, "us-east-1");
    let used = |region, used| of_set_of_secrets(secret(&two, "used", used), region, "us-east-1");
    let digest = compose(&first_report(with_keys(vec![
        secret(&one, "prod/db", STALE),
        secret(&one, "prod/steady", IN_USE),
        without,
        rotated,
        owned,
        idle("us-east-1", STALE),
        idle("eu-west-1", STALE),
        used("us-east-1", STALE),
        used("eu-west-1", IN_USE),
    ])));
    assert_eq!(
        digest.subject,
        "Keycensus: 6 keys unused for 90 days or more"
    );
    matches_file("render/digest/expected/secrets.txt", &digest.text);
}
