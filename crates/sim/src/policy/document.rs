//! A policy document.

use serde_json::Value;

use super::{
    error::PolicyError,
    principal::PrincipalMatch,
    request::{CONTEXT_KEYS, Request},
    statement::{Effect, Kind, Statement},
};

/// The version of the policy language that knows variables.
const VERSION: &str = "2012-10-17";

/// A policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// The result of a policy for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evaluation {
    /// No statement matches.
    NoMatch,
    /// An `Allow` for the caller's account, whose own policies must allow the request too.
    AllowsAccount,
    /// An `Allow` for the caller.
    Allows,
    /// A `Deny`.
    Denies,
}

impl Policy {
    /// A policy of a role or user.
    ///
    /// # Errors
    /// It is malformed, or has an element that is not supported.
    pub fn identity(document: &Value) -> Result<Self, PolicyError> {
        Self::parse(document, Kind::Identity)
    }

    /// The policy of a bucket, topic, queue or key.
    ///
    /// # Errors
    /// It is malformed, or has an element that is not supported.
    pub fn on_resource(document: &Value) -> Result<Self, PolicyError> {
        Self::parse(document, Kind::OnResource)
    }

    /// The policy that says who may assume a role.
    ///
    /// # Errors
    /// It is malformed, or has an element that is not supported.
    pub fn trust(document: &Value) -> Result<Self, PolicyError> {
        Self::parse(document, Kind::Trust)
    }

    fn parse(document: &Value, kind: Kind) -> Result<Self, PolicyError> {
        const AT: &str = "the document";
        let fields = document
            .as_object()
            .ok_or_else(|| PolicyError::malformed(AT, "is no object"))?;
        for name in fields.keys() {
            if !["Version", "Id", "Statement"].contains(&name.as_str()) {
                return Err(PolicyError::unsupported(AT, name));
            }
        }
        if document.get("Version").and_then(Value::as_str) != Some(VERSION) {
            return Err(PolicyError::unsupported(
                AT,
                format!("a version other than {VERSION}"),
            ));
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err(PolicyError::malformed(AT, "has no Statement")),
        };
        let statements = statements
            .iter()
            .enumerate()
            .map(|(position, statement)| Statement::parse(statement, position + 1, kind));
        Ok(Self {
            statements: statements.collect::<Result<_, _>>()?,
        })
    }

    /// Refuses a condition key that no call carries: it would silently never match. `at` names the policy in the error.
    pub(crate) fn check_condition_keys(&self, at: &str) -> Result<(), PolicyError> {
        let is_unknown = |key: &&str| {
            !CONTEXT_KEYS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(key))
        };
        let mut keys = self.statements.iter().flat_map(Statement::keys);
        match keys.find(is_unknown) {
            Some(key) => Err(PolicyError::Unsupported {
                at: at.to_owned(),
                what: format!("the condition key {key}"),
            }),
            None => Ok(()),
        }
    }

    /// Its statements about an action.
    pub(crate) fn about<'a>(&'a self, action: &'a str) -> impl Iterator<Item = &'a Statement> {
        let is_about = move |statement: &&'a Statement| statement.is_about_action(action);
        self.statements.iter().filter(is_about)
    }

    pub(super) fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        let mut evaluation = Evaluation::NoMatch;
        for statement in self.about(request.action) {
            match (statement.effect, statement.is_about(request)) {
                (_, None) => {}
                (Effect::Deny, Some(_)) => return Evaluation::Denies,
                (Effect::Allow, Some(PrincipalMatch::Exact)) => evaluation = Evaluation::Allows,
                (Effect::Allow, Some(PrincipalMatch::Account))
                    if evaluation == Evaluation::NoMatch =>
                {
                    evaluation = Evaluation::AllowsAccount;
                }
                (Effect::Allow, Some(PrincipalMatch::Account)) => {}
            }
        }
        evaluation
    }
}
