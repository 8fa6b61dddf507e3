//! Every type of identity that AWS documents, by the examples of its page.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Identity;

/// The principal, its type, and the details, as a page shows them.
fn shown(recorded: Value) -> Vec<String> {
    let identity = Identity::new(recorded);
    let principal = identity.principal().unwrap_or_default();
    let kind = identity.principal_type().unwrap_or_default();
    let details = identity.details();
    let details = details
        .into_iter()
        .map(|(label, value)| format!("{label}: {value}"));
    [format!("{principal} ({kind})")]
        .into_iter()
        .chain(details)
        .collect()
}

/// An identity as CloudTrail records it, and the lines of the page.
#[derive(Deserialize)]
struct Case {
    recorded: Value,
    #[serde(rename = "shown")]
    lines: Vec<String>,
}

#[test]
fn each_type_of_identity_is_shown_with_all_that_is_recorded_of_it() {
    let cases = include_str!("tests/identities.json");
    for case in serde_json::from_str::<Vec<Case>>(cases).unwrap() {
        assert_eq!(
            shown(case.recorded.clone()),
            case.lines,
            "{}",
            case.recorded
        );
    }
}

#[test]
fn a_field_that_aws_adds_is_shown_by_its_own_name_unless_it_may_be_secret() {
    let recorded = json!({"type": "IAMUser", "userName": "anna", "newField": {"x": [1, true]}, "sessionToken": "hunter2"});
    assert_eq!(
        shown(recorded),
        [
            "anna (IAMUser)",
            "newField.x: [1,true]",
            "sessionToken: [removed]"
        ]
    );
}

#[test]
fn no_access_key_is_shown_whole_and_nothing_else_is_changed() {
    let recorded = json!({"type": "IAMUser", "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "of AKIAIOSFODNN7EXAMPLE"});
    assert_eq!(
        serde_json::to_value(Identity::new(recorded)).unwrap(),
        json!({"type": "IAMUser", "accessKeyId": "…MPLE", "userName": "of …MPLE"})
    );
    let null = serde_json::to_value(Identity::new(Value::Null)).unwrap();
    assert_eq!(null, Value::Null);
}
