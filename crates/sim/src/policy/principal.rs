//! Whom a policy on a resource, or the trust policy of a role, speaks of.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use serde_json::Value;

use super::{condition::texts, error::PolicyError, request::Principal};

/// One of the principals of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// `*`.
    Everybody,
    /// An account, which decides itself whom of its own it lets in.
    Account(String),
    /// A role or user by its ARN, or a service by its name.
    One(String),
}

/// In what way a statement speaks of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Speaks {
    /// Of its account.
    OfItsAccount,
    /// Of itself.
    OfIt,
}

impl Named {
    /// Reads the principals of the statement `at`.
    pub(super) fn parse_all(value: &Value, at: &str) -> Result<Vec<Self>, PolicyError> {
        let wrong = || PolicyError::malformed(at, "Principal is neither \"*\" nor {kind: names}");
        let kinds = match value {
            Value::String(text) if text == "*" => return Ok(vec![Self::Everybody]),
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
            return Ok(Self::Everybody);
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

    /// Whether it speaks of `principal`.
    pub(super) fn speaks_of(&self, principal: Principal<'_>) -> Option<Speaks> {
        match self {
            Self::Everybody => Some(Speaks::OfIt),
            Self::Account(account) => {
                (account == principal.account).then_some(Speaks::OfItsAccount)
            }
            Self::One(arn) => (arn == principal.arn).then_some(Speaks::OfIt),
        }
    }
}
