use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::{collection::vec, option, sample::select};
use serde_json::{Value, json};

use super::{Change, MAX_KEY_POLICY_BYTES, MergeError, merge};
use crate::expected::matches_file;
use crate::model::key_policy::{
    Guard, GuardPeriod,
    guard_statement::SID,
    tests::{KEY_ARN, guard},
};

/// As GetKeyPolicy answers for a key with the default policy.
const DEFAULT: &str = include_str!("../policies/default.json");

#[test]
fn the_guard_comes_after_the_other_statements_and_the_rest_is_left_alone() {
    let merged = merge(DEFAULT, 365).unwrap();
    assert_eq!(merged.change, Change::Added);
    let (before, after) = DEFAULT.split_once("  } ]\n").unwrap();
    assert!(merged.text.starts_with(before) && merged.text.ends_with(after));
    matches_file(
        "model/key_policy/expected/merged.json",
        &(merged.text.clone() + "\n"),
    );
    assert_eq!(guard(&merged.text), Guard::Everyone(GuardPeriod::Days(365)));
}

#[test]
fn the_guard_is_laid_out_as_its_neighbours_are() {
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
    for (policy, begins) in [
        (
            format!("{{\"Statement\":[{allow}]}}"),
            format!("{{\"Statement\":[{allow}, {{\"Sid\":\"KeycensusGuard\",\"Effect\""),
        ),
        (
            format!("{{\"Statement\":{allow}}}"),
            format!("{{\"Statement\":[{allow}, {{\"Sid\":\"KeycensusGuard\",\"Effect\""),
        ),
        (
            "{\"Statement\":[ ]}".to_owned(),
            "{\"Statement\":[{\"Sid\":\"KeycensusGuard\",\"Effect\"".to_owned(),
        ),
        (
            format!("{{\n\t\"Statement\": [\n\t\t{allow}\n\t]\n}}\n"),
            format!(
                "{{\n\t\"Statement\": [\n\t\t{allow},\n\t\t{{\n\t\t  \"Sid\": \"KeycensusGuard\",\n"
            ),
        ),
        (
            format!("{{\r\n  \"Statement\": [\r\n    {allow}\r\n  ]\r\n}}\r\n"),
            format!("{{\r\n  \"Statement\": [\r\n    {allow},\n    {{\n      \"Sid\": \"Keyc"),
        ),
    ] {
        let merged = merge(&policy, 90).unwrap();
        assert!(merged.text.starts_with(&begins), "{}", merged.text);
        assert_eq!(guard(&merged.text), Guard::Everyone(GuardPeriod::Days(90)));
    }
}

#[test]
fn merging_again_changes_nothing_and_another_number_of_days_takes_its_place() {
    let once = merge(DEFAULT, 365).unwrap().text;
    let twice = merge(&once, 365).unwrap();
    assert_eq!((twice.change, &twice.text), (Change::None, &once));
    let shorter = merge(&once, 30).unwrap();
    assert_eq!(shorter.change, Change::Replaced);
    assert_eq!(shorter.text, once.replace("\"365\"", "\"30\""));
}

#[test]
fn a_statement_with_our_sid_is_replaced_where_it_stands() {
    let policy = DEFAULT.replace(
        "Enable IAM User Permissions",
        // The same Sid, escaped.
        "Keycensus\\u0047uard",
    );
    let merged = merge(&policy, 365).unwrap();
    assert_eq!(merged.change, Change::Replaced);
    assert!(!merged.text.contains("\"kms:*\""));
    assert!(merged.text.ends_with("  } ]\n}"), "{}", merged.text);
    assert_eq!(guard(&merged.text), Guard::Everyone(GuardPeriod::Days(365)));
}

#[test]
fn what_cannot_be_merged_is_refused() {
    assert!(matches!(merge("{}", 365), Err(MergeError::Malformed(_))));
    let statement = super::guard_statement::compact(30);
    let twice = format!("{{\"Statement\":[{statement},{statement}]}}");
    let error = merge(&twice, 365).unwrap_err();
    assert_eq!(
        error.to_string(),
        "KeycensusGuard is the Sid of 2 statements: leave at most one"
    );
}

#[test]
fn a_policy_as_large_as_kms_takes_is_given_and_a_larger_one_is_refused() {
    let filled = |spaces: usize| DEFAULT.to_owned() + &" ".repeat(spaces);
    let room = MAX_KEY_POLICY_BYTES - merge(DEFAULT, 365).unwrap().text.len();
    assert_eq!(
        merge(&filled(room), 365).unwrap().text.len(),
        MAX_KEY_POLICY_BYTES
    );
    let error = merge(&filled(room + 1), 365).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the policy would take 32769 bytes with the guard; KMS takes 32768 at most"
    );
}

fn statement() -> impl Strategy<Value = Value> {
    let sid = option::of(prop_oneof![
        "[A-Za-z0-9 ]{0,12}".prop_map(|sid| sid),
        any::<String>()
    ]);
    let principal = select(vec![
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/Ä\"\\"]}),
    ]);
    let action = select(vec![
        json!("kms:*"),
        json!(["kms:DisableKey", "kms:Decrypt"]),
        json!([]),
    ]);
    let condition = select(vec![
        json!({}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": false}}),
        json!({"NumericLessThan": {"kms:TrailingDaysWithoutKeyUsage": [12.50, "7"]}}),
        json!({"StringEquals": {"kms:EncryptionContext:{[\",": ["}", "]"]}}),
    ]);
    let effect = select(vec!["Allow", "Deny"]);
    (sid, effect, principal, action, condition).prop_map(
        |(sid, effect, principal, action, condition)| {
            let mut statement = json!({
                "Effect": effect, "Principal": principal, "Action": action, "Resource": "*",
                "Condition": condition,
            });
            if let Some(sid) = sid.filter(|sid| sid != SID) {
                statement["Sid"] = json!(sid);
            }
            statement
        },
    )
}

/// The policy on one line or on several, and with its guard in one place or none.
fn policy() -> impl Strategy<Value = (Value, String)> {
    (
        vec(statement(), 0..5),
        any::<bool>(),
        option::of(any::<usize>()),
    )
        .prop_map(|(mut statements, is_pretty, guard_at)| {
            let others = statements.clone();
            if let Some(at) = guard_at {
                let mut guard = others.first().cloned().unwrap_or_else(
                    || json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
                );
                guard["Sid"] = json!(SID);
                statements.insert(at % (others.len() + 1), guard);
            }
            let policy = |statements| json!({"Version": "2012-10-17", "Statement": statements});
            let text = match is_pretty {
                true => serde_json::to_string_pretty(&policy(json!(statements))),
                false => serde_json::to_string(&policy(json!(statements))),
            };
            (policy(json!(others)), text.unwrap())
        })
}

proptest! {
    #[test]
    fn the_other_statements_of_a_policy_stay_as_they_are((others, text) in policy(), days in 1_u32..4000) {
        let merged = merge(&text, days).unwrap().text;
        let mut parsed: Value = serde_json::from_str(&merged).unwrap();
        let statements = parsed["Statement"].as_array_mut().unwrap();
        let all = statements.len();
        statements.retain(|statement| statement["Sid"] != SID);
        assert_eq!(statements.len(), all - 1);
        assert_eq!(parsed, others);
        assert_eq!(merge(&merged, days).unwrap().text, merged);
        let held = crate::model::key_policy::guard_days(&merged, KEY_ARN).unwrap();
        assert!(held >= Guard::Everyone(GuardPeriod::Days(days.into())), "{held}");
    }
}
