//! The digest's section of service-specific credentials to replace.

use jiff::{SignedDuration, Timestamp};

use crate::{
    arbitrary::run,
    examples::{account, first_report, service_credential, with_keys},
    expected::matches_file,
    model::reading::KeyReading,
    render::digest::compose,
};

/// A moment this many days ago; negative lies in the future.
fn ago(days: i64) -> Option<Timestamp> {
    Some(run().now - SignedDuration::from_hours(24 * days))
}

#[test]
fn credentials_that_are_old_or_never_expire_have_a_section_and_are_not_flagged() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let bedrock = |user| service_credential(&one, user, "bedrock.amazonaws.com");
    let young = KeyReading {
        created_at: ago(5),
        owner: None,
        ..bedrock("anna")
    };
    let old_and_expiring = KeyReading {
        created_at: ago(100),
        expires_at: ago(-20),
        ..bedrock("ben")
    };
    let fine = KeyReading {
        expires_at: ago(-20),
        ..young.clone()
    };
    let inactive = KeyReading {
        state: Some("Inactive".to_owned()),
        ..bedrock("dora")
    };
    let of_git = service_credential(&two, "zoe", "codecommit.amazonaws.com");
    let keys = vec![young, old_and_expiring, fine, inactive, of_git];
    let digest = compose(&first_report(with_keys(keys)));
    assert_eq!(
        digest.subject,
        "Keycensus: 0 keys unused for 90 days or more"
    );
    matches_file(
        "render/digest/expected/service_credentials.txt",
        &digest.text,
    );
}
