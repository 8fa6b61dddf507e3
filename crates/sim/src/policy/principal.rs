//! The principals of a resource's policy or a role's trust policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use serde_json::Value;

use super::{condition::texts, error::PolicyError, request::Principal};

/// One of the principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PrincipalPattern {
    /// `*`.
    Everyone,
    /// An account, whose own policies decide about its principals.
    Account(String),
    /// A role or user by its ARN, or a service by its name.
    One(String),
}

/// How a statement matches a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PrincipalMatch {
    /// By its account.
    Account,
    /// By itself.
    Exact,
}

impl PrincipalPattern {
    /// Reads the principals of the statement `at`.
    pub(super) fn parse_all(value: &Value, at: &str) -> Result<Vec<Self>, PolicyError> {
        let wrong = || PolicyError::malformed(at, "Principal is neither \"*\" nor {kind: names}");
        let kinds = match value {
            Value::String(text) if text == "*" => return Ok(vec![Self::Everyone]),
            Value::Object(kinds) => kinds,
            _ => return Err(wrong()),
        };
        let mut principals = Vec::new();
        for (kind, names) in kinds {
            for name in texts(names).ok_or_else(wrong)? {
                principals.push(match kind.as_str() {
                    "AWS" => Self::parse(name, at)?,
                    "Service" => Self::One(name),
                    _ => return Err(PolicyError::unsupported(at, format!("a principal {kind}"))),
                });
            }
        }
        Ok(principals)
    }

    fn parse(name: String, at: &str) -> Result<Self, PolicyError> {
        if name == "*" {
            return Ok(Self::Everyone);
        }
        if name.contains(['*', '?']) {
            // AWS takes no wildcards here.
            return Err(PolicyError::malformed(
                at,
                format!("the principal {name} has a wildcard"),
            ));
        }
        let parts: Vec<_> = name.split(':').collect();
        Ok(match parts[..] {
            [account] if account.len() == 12 => Self::Account(name),
            ["arn", _, "iam", "", account, "root"] => Self::Account(account.to_owned()),
            ["arn", ..] => Self::One(name),
            _ => {
                return Err(PolicyError::malformed(
                    at,
                    format!("{name} is no principal"),
                ));
            }
        })
    }

    /// How it matches `principal`, if it does.
    pub(super) fn matches(&self, principal: Principal<'_>) -> Option<PrincipalMatch> {
        match self {
            Self::Everyone => Some(PrincipalMatch::Exact),
            Self::Account(account) => {
                (account == principal.account).then_some(PrincipalMatch::Account)
            }
            Self::One(arn) => (arn == principal.arn).then_some(PrincipalMatch::Exact),
        }
    }
}
