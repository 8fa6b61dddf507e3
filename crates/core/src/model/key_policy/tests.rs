use std::collections::BTreeSet;

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection::vec, sample::select};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Guard, GuardPeriod, guard_days};

pub(super) const KEY_ARN: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The table of policies with the guard that each holds; files of it have the policy
/// as it is, and why.
const GUARDS: &str = include_str!("policies/guards.json");

/// Parts of a statement with what IAM refuses instead, and the error.
const REFUSED: &str = include_str!("policies/refused.json");

#[derive(Deserialize)]
struct Refused {
    part: String,
    instead: String,
    error: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    because: &'a str,
    guard: &'a str,
    #[serde(borrow)]
    policy: &'a RawValue,
}

pub(super) fn guard(policy: &str) -> Guard {
    guard_days(policy, KEY_ARN).unwrap()
}

#[test]
fn every_policy_of_the_table_holds_its_guard() {
    let rows: Vec<Row<'_>> = serde_json::from_str(GUARDS).unwrap();
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| match guard_days(row.policy.get(), KEY_ARN) {
            Ok(guard) if guard.to_string() == row.guard => None,
            other => Some(format!("{}: {other:?}, not {}", row.because, row.guard)),
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let reasons: BTreeSet<&str> = rows.iter().map(|row| row.because).collect();
    assert_eq!(reasons.len(), rows.len());
}

#[test]
fn what_iam_would_not_take_is_an_error_and_never_unguarded() {
    for (policy, error) in [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "policy: it is not an object"),
        ("{}", "policy: Statement is missing"),
        (
            r#"{"Statement": [], "Statement": []}"#,
            "\"Statement\" appears twice",
        ),
        (
            r#"{"Statement": "all"}"#,
            "statement 1: it is not an object",
        ),
        (r#"{"Statement": [{}]}"#, "statement 1: Effect is neither"),
    ] {
        let message = guard_days(policy, KEY_ARN).unwrap_err().to_string();
        assert!(message.contains(error), "{policy}: {message}");
    }
    let good = r#""Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*""#;
    assert_eq!(
        guard(&format!(r#"{{"Statement":{{{good}}}}}"#)),
        Guard::Everyone(GuardPeriod::Always)
    );
    let refused: Vec<Refused> = serde_json::from_str(REFUSED).unwrap();
    for Refused {
        part,
        instead,
        error,
    } in &refused
    {
        let statement = good.replace(part, instead);
        assert_ne!(statement, good);
        let policy = format!(r#"{{"Statement":[{{{good}}},{{{statement}}}]}}"#);
        let message = guard_days(&policy, KEY_ARN).unwrap_err().to_string();
        assert!(message.starts_with("statement 2: "), "{message}");
        assert!(message.contains(error.as_str()), "{message}");
    }
}

#[test]
fn days_that_are_no_number_are_an_error() {
    for value in [
        r#""""#,
        r#""soon""#,
        r#""1e2""#,
        r#""${aws:PrincipalTag/days}""#,
        "true",
        r#""NaN""#,
        r#""-.""#,
    ] {
        let policy = format!(
            r#"{{"Statement":{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
            "Condition":{{"NumericLessThan":{{"kms:TrailingDaysWithoutKeyUsage":{value}}}}}}}}}"#
        );
        let message = guard_days(&policy, KEY_ARN).unwrap_err().to_string();
        assert!(message.ends_with("is not a number"), "{value}: {message}");
    }
}

#[test]
fn a_guard_is_read_as_it_is_written() {
    for (guard, text) in [
        (Guard::Unguarded, "0"),
        (Guard::Everyone(GuardPeriod::Days(365)), "365"),
        (Guard::Everyone(GuardPeriod::Always), "always"),
        (Guard::Partial(GuardPeriod::Days(1)), "partial:1"),
        (Guard::Partial(GuardPeriod::Always), "partial:always"),
    ] {
        assert_eq!(guard.to_string(), text);
        assert_eq!(Guard::parse(text), Some(guard));
    }
    for text in [
        "",
        "partial:0",
        "partial:",
        "partial",
        "never",
        "-1",
        "AccessDenied",
    ] {
        assert_eq!(Guard::parse(text), None, "{text}");
    }
}

/// Texts that are likely to mean something in a policy, and others.
fn word() -> impl Strategy<Value = String> {
    let words = vec![
        "*",
        "Deny",
        "Allow",
        "AWS",
        "kms:*",
        "kms:DisableKey",
        "kms:ScheduleKeyDeletion",
        "kms:TrailingDaysWithoutKeyUsage",
        "NumericLessThan",
        "NumericNotEquals",
        "Null",
        "365",
        "-1",
        "1.5",
        "99999999999999999999999999",
        "Statement",
        "Effect",
        "Principal",
        "Action",
        "Resource",
        "Condition",
        "NotAction",
    ];
    prop_oneof![select(words).prop_map(str::to_owned), any::<String>()]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?(e[0-9]{1,3})?",
        word().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            vec((word(), inner), 0..7).prop_map(|entries| {
                let entries = entries.iter().map(|(name, value)| {
                    format!("{}:{value}", serde_json::to_string(name).unwrap())
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_and_no_json_makes_it_panic(text in any::<String>(), json in json()) {
        let _ = guard_days(&text, KEY_ARN);
        let _ = guard_days(&json, KEY_ARN);
        let _ = guard_days(&format!(r#"{{"Statement":{json}}}"#), KEY_ARN);
        for element in ["Principal", "Action", "Resource", "Condition"] {
            let statement = [("Principal", r#""*""#), ("Action", r#""*""#), ("Resource", r#""*""#), ("Condition", "{}")]
                .map(|(name, usual)| format!("{name:?}:{}", if name == element { json.as_str() } else { usual }))
                .join(",");
            let _ = guard_days(&format!(r#"{{"Statement":{{"Effect":"Deny",{statement}}}}}"#), KEY_ARN);
        }
    }

    #[test]
    fn more_days_never_guard_less(days in 1_u32..4000, more in 1_u32..4000) {
        let policy = |days: u32| {
            format!(r#"{{"Statement":{}}}"#, super::guard_statement::for_key_policy(days))
        };
        assert_eq!(guard(&policy(days)), Guard::Everyone(GuardPeriod::Days(days.into())));
        assert!(guard(&policy(days)) < guard(&policy(days + more)));
    }
}
