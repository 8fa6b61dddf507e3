//! The messages of one account each.

use std::sync::Arc;

use super::settings;
use crate::{
    examples::{access_key, account, account_digests, first_report, kms_key, root_key, with_keys},
    model::{
        account::Account,
        reading::KeyReading,
        refused_uses::{RefusedUse, RefusedUses},
    },
    render::digest::{AccountDigest, Digest},
    settings::{DigestMode, DigestPer, Settings},
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

fn messages(keys: Vec<KeyReading>, digest_per: DigestPer) -> Vec<AccountDigest> {
    let settings = Settings {
        digest_per,
        ..settings(DigestMode::Always)
    };
    let report = first_report(with_keys(keys));
    account_digests(&settings, &report)
}

fn attributes(of: &AccountDigest) -> Vec<String> {
    let attributes = of.digest.attributes.iter();
    attributes
        .map(|a| format!("{} {} {}", a.name, a.data_type, a.value))
        .collect()
}

fn owned(account: &Arc<Account>, n: usize, owner: Option<&str>) -> KeyReading {
    let mut key = kms_key(account, n, STALE);
    key.owner = owner.map(str::to_owned);
    key
}

#[test]
fn each_account_with_flagged_keys_gets_a_message_about_its_own_keys_only() {
    let (one, two, three) = (account(1, "one"), account(2, "two"), account(3, "three"));
    let messages = messages(
        vec![
            kms_key(&one, 1, STALE),
            kms_key(&one, 2, IN_USE),
            access_key(&two, "anna", 3, STALE),
            root_key(&two, 1, STALE),
            kms_key(&three, 4, IN_USE),
            root_key(&three, 1, IN_USE),
        ],
        DigestPer::Account,
    );
    let [of_one, of_two] = messages.as_slice() else {
        panic!("{messages:#?}");
    };
    assert_eq!(
        of_one.digest.subject,
        "Keycensus: 1 key unused for 90 days or more in 000000000001 one"
    );
    assert!(of_one.digest.text.starts_with(
        "1 KMS key of 000000000001 one unused for 90 days or more, 1.00 USD a month at list price.\n"
    ));
    assert!(of_one.digest.text.contains("alias/orders-000001"));
    for other in ["alias/orders-000002", "anna", "root", "two", "three"] {
        assert!(
            !of_one.digest.text.contains(other),
            "{}",
            of_one.digest.text
        );
    }
    assert!(of_two.digest.text.contains("ROOT ACCESS KEYS: 1\n"));
    assert!(of_two.digest.text.contains("anna, key …0003"));
    assert_eq!(
        attributes(of_two),
        [
            "account_id String 000000000002",
            "owner String ci",
            "flagged Number 2",
            "newly_flagged Number 2",
            "needed Number 0"
        ]
    );
}

#[test]
fn an_account_with_a_key_that_somebody_still_needs_gets_a_message_without_a_flagged_key() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let mut needed = kms_key(&one, 1, IN_USE);
    needed.state = Some("Disabled".to_owned());
    needed.owner = Some("nightly".to_owned());
    let found = needed.before_deletion.get_or_insert_default();
    found.refused_uses = Some(RefusedUses {
        count: Some(2),
        last: Some(RefusedUse {
            at: "2026-11-21T01:30:00Z".parse().unwrap(),
            by: "nightly-job".to_owned(),
        }),
        gap: None,
    });
    let messages = messages(vec![needed, kms_key(&two, 2, IN_USE)], DigestPer::Account);
    let [of_one] = messages.as_slice() else {
        panic!("{messages:#?}");
    };
    let Digest { subject, text, .. } = &of_one.digest;
    assert_eq!(
        subject,
        "Keycensus: 1 key still needed; 0 keys unused for 90 days or more in 000000000001 one"
    );
    assert!(text.starts_with(
        "1 key is still needed: requests for them are refused; 0 keys of 000000000001 one"
    ));
    assert!(text.contains("SOMEBODY STILL NEEDS: 1\n"), "{text}");
    assert!(text.contains("refused 2 times, last at 2026-11-21T01:30:00Z by nightly-job"));
    assert_eq!(
        attributes(of_one),
        [
            "account_id String 000000000001",
            "owner String nightly",
            "flagged Number 0",
            "newly_flagged Number 0",
            "needed Number 1"
        ]
    );
}

#[test]
fn accounts_get_no_messages_unless_the_setting_asks_for_them() {
    let keys = vec![kms_key(&account(1, "one"), 1, STALE)];
    assert_eq!(messages(keys, DigestPer::Organization), []);
}

#[test]
fn the_owner_attribute_is_the_owner_of_most_flagged_keys_or_none() {
    let one = account(1, "one");
    let cases: [(&[Option<&str>], &str); 5] = [
        (&[Some("b"), Some("a"), Some("b")], "b"),
        (&[Some("b"), Some("a")], "a"),
        (&[None, None, Some("a")], "a"),
        (&[None, Some("")], "none"),
        (&[Some("x\ny")], "x\u{FFFD}y"),
    ];
    for (owners, expected) in cases {
        let keys = (1..).zip(owners).map(|(n, owner)| owned(&one, n, *owner));
        let messages = messages(keys.collect(), DigestPer::Account);
        assert_eq!(
            attributes(&messages[0])[1],
            format!("owner String {expected}")
        );
    }
}

#[test]
fn keys_that_are_not_flagged_do_not_count_for_the_owner() {
    let one = account(1, "one");
    let mut in_use = kms_key(&one, 1, IN_USE);
    in_use.owner = Some("a".to_owned());
    let keys = vec![in_use, owned(&one, 2, Some("b"))];
    assert_eq!(
        attributes(&messages(keys, DigestPer::Account)[0])[1],
        "owner String b"
    );
}

#[test]
fn a_subject_has_as_much_of_an_accounts_name_as_it_can_take() {
    for (name, end) in [
        ("payments-prod".to_owned(), " in 000000000001 payments-prod"),
        (
            "Zahlung f\u{fc}r\nK\u{f6}ln".to_owned(),
            " in 000000000001 Zahlung frKln",
        ),
        ("\u{652f}\u{6255}\u{3044}".to_owned(), " in 000000000001"),
        ("x".repeat(200), "xxxxxx"),
    ] {
        let keys = vec![kms_key(&account(1, &name), 1, STALE)];
        let subject = &messages(keys, DigestPer::Account)[0].digest.subject;
        assert!(subject.ends_with(end), "{subject}");
        assert!(subject.len() < 100);
    }
}

#[test]
fn programs_get_the_account_in_numbers() {
    let messages = messages(
        vec![kms_key(&account(1, "one"), 1, STALE)],
        DigestPer::Account,
    );
    let message: serde_json::Value = serde_json::from_str(&messages[0].digest.message).unwrap();
    let machine: serde_json::Value =
        serde_json::from_str(message["sqs"].as_str().unwrap()).unwrap();
    assert_eq!(machine["account_id"], "000000000001");
    assert_eq!(machine["owner"], "orders");
    assert_eq!(machine["flagged"], 1);
    assert_eq!(machine["monthly_cost_usd_flagged"], 1.0);
    assert_eq!(message["email"], messages[0].digest.text);
}
