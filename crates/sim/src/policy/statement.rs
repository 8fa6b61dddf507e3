//! One statement of a policy.

use serde_json::Value;

use super::{
    condition::{Condition, texts},
    error::PolicyError,
    pattern::{Pattern, Wildcards},
    principal::{PrincipalMatch, PrincipalPattern},
    request::{Context, Request},
};

/// What a policy is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    OnResource,
    Trust,
}

/// The effect of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows it.
    Allow,
    /// Denies it, whatever else allows it.
    Deny,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its `Sid`; empty where it has none.
    pub sid: String,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Actions as they are written, with wildcards if they have any.
    pub actions: Vec<String>,
    /// Resources as they are written; empty in a trust policy, which is about its role.
    pub resources: Vec<String>,
    action_patterns: Vec<Pattern>,
    resource_patterns: Vec<Pattern>,
    /// Empty in an identity's policy.
    principals: Vec<PrincipalPattern>,
    conditions: Vec<Condition>,
}

impl Statement {
    pub(super) fn parse(value: &Value, number: usize, kind: Kind) -> Result<Self, PolicyError> {
        let named = value.get("Sid").and_then(Value::as_str).unwrap_or_default();
        let at = match named {
            "" => format!("statement {number}"),
            sid => sid.to_owned(),
        };
        let fields = value
            .as_object()
            .ok_or_else(|| PolicyError::malformed(&at, "is no object"))?;
        for name in fields.keys() {
            match name.as_str() {
                "Sid" | "Effect" | "Action" | "Resource" | "Principal" | "Condition" => {}
                other => return Err(PolicyError::unsupported(&at, other)),
            }
        }
        let effect = match value.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => {
                return Err(PolicyError::malformed(
                    &at,
                    "Effect is neither Allow nor Deny",
                ));
            }
        };
        let listed = |name: &str| {
            let list = value
                .get(name)
                .and_then(texts)
                .filter(|list| !list.is_empty());
            list.ok_or_else(|| PolicyError::malformed(&at, format!("has no {name}")))
        };
        let absent = |name: &str| match value.get(name) {
            None => Ok(()),
            Some(_) => Err(PolicyError::malformed(
                &at,
                format!("{name} has no place here"),
            )),
        };
        let actions = listed("Action")?;
        if let Some(action) = actions.iter().find(|action| !is_action(action)) {
            return Err(PolicyError::malformed(
                &at,
                format!("{action} is no action"),
            ));
        }
        let resources = match kind {
            Kind::Identity | Kind::OnResource => listed("Resource")?,
            Kind::Trust => absent("Resource").map(|()| Vec::new())?,
        };
        let principals = match (kind, value.get("Principal")) {
            (Kind::Identity, _) => absent("Principal").map(|()| Vec::new())?,
            (_, Some(principals)) => PrincipalPattern::parse_all(principals, &at)?,
            (_, None) => return Err(PolicyError::malformed(&at, "has no Principal")),
        };
        let conditions = value.get("Condition");
        let patterns = |texts: &[String], case: fn(&str) -> String| {
            let parsed = texts
                .iter()
                .map(|text| Pattern::parse(&case(text), Wildcards::Active, &at));
            parsed.collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            sid: named.to_owned(),
            effect,
            action_patterns: patterns(&actions, str::to_ascii_lowercase)?,
            resource_patterns: patterns(&resources, str::to_owned)?,
            principals,
            conditions: conditions.map_or(Ok(Vec::new()), |all| Condition::parse_all(all, &at))?,
            actions,
            resources,
        })
    }

    /// Whether it is about an action.
    pub(super) fn is_about_action(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let nothing = Context::default();
        let patterns = &self.action_patterns;
        patterns.iter().any(|one| one.matches(&action, &nothing))
    }

    /// How it matches the principal of a request, if it matches resource and conditions as well; the action is not looked at.
    pub(super) fn is_about(&self, request: &Request<'_>) -> Option<PrincipalMatch> {
        let context = request.context;
        let is_resource = self.resource_patterns.is_empty()
            || self
                .resource_patterns
                .iter()
                .any(|one| one.matches(request.resource, context));
        let matched = match self.principals.is_empty() {
            true => Some(PrincipalMatch::Exact),
            false => {
                let named = self.principals.iter();
                named.filter_map(|one| one.matches(request.principal)).max()
            }
        };
        matched.filter(|_| is_resource && self.conditions.iter().all(|one| one.holds(context)))
    }

    /// The condition keys that it looks at, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let patterns = self.resource_patterns.iter().flat_map(Pattern::variables);
        patterns.chain(self.conditions.iter().flat_map(Condition::keys))
    }
}

fn is_action(text: &str) -> bool {
    text == "*"
        || text
            .split_once(':')
            .is_some_and(|(service, action)| !service.is_empty() && !action.is_empty())
}
