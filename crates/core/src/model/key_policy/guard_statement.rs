//! The policy statement that guards a key.

use serde::Serialize;

use super::GUARDED_ACTIONS;

/// The Sid that identifies the guard among the statements of a key policy.
pub const SID: &str = "KeycensusGuard";

/// The statement for a key policy, on several lines: it denies the two guarded
/// actions to everyone while the key has been unused for at most `days` days.
#[must_use]
pub fn for_key_policy(days: u32) -> String {
    pretty(&key_policy_statement(days))
}

/// A whole service control policy with the same statement for every key, on several
/// lines. AWS documents the condition key for key policies and IAM policies only.
#[must_use]
pub fn service_control_policy(days: u32) -> String {
    pretty(&Policy {
        version: "2012-10-17",
        statement: [Statement {
            principal: None,
            ..key_policy_statement(days)
        }],
    })
}

/// [`for_key_policy`] on one line.
pub(super) fn compact(days: u32) -> String {
    // Plain texts and a number always become JSON.
    serde_json::to_string(&key_policy_statement(days)).unwrap_or_default()
}

fn key_policy_statement(days: u32) -> Statement {
    Statement {
        sid: SID,
        effect: "Deny",
        principal: Some("*"),
        action: GUARDED_ACTIONS,
        resource: "*",
        condition: Condition {
            numeric_less_than_equals: Usage {
                trailing_days: days.to_string(),
            },
        },
    }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'static str>,
    action: [&'static str; 2],
    resource: &'static str,
    condition: Condition,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    numeric_less_than_equals: Usage,
}

#[derive(Serialize)]
struct Usage {
    #[serde(rename = "kms:TrailingDaysWithoutKeyUsage")]
    trailing_days: String,
}

#[cfg(test)]
mod tests {
    use super::{compact, for_key_policy, service_control_policy};
    use crate::{expected::matches_file, model::key_policy::TRAILING_DAYS};

    #[test]
    fn the_statement_is_written_as_people_write_one() {
        let file = "model/key_policy/expected/guard_statement.json";
        matches_file(file, &(for_key_policy(365) + "\n"));
        assert!(compact(365).contains(TRAILING_DAYS));
    }

    #[test]
    fn a_service_control_policy_names_no_principal() {
        let policy = service_control_policy(30);
        assert!(policy.starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n"));
        assert!(!policy.contains("Principal"));
        assert!(policy.contains("\"kms:TrailingDaysWithoutKeyUsage\": \"30\""));
    }
}
