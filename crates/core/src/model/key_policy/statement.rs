//! The statements of a key policy, as far as they can guard the key
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).

use super::{
    MalformedPolicy, condition,
    days::Days,
    element::{OneOf, Problem, get, one_of, one_or_list, texts},
    json::Json,
    pattern,
    principal::{self, Reach},
};

/// The elements that a statement can have. Any other element is an error: without it, a statement
/// with a misspelt `Condition` would count as a guard.
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// One statement of a key policy.
#[derive(Debug)]
pub(super) struct Statement {
    is_deny: bool,
    actions: Patterns,
    resources: Patterns,
    /// To whom it applies.
    pub(super) reach: Reach,
    /// How many days a key has been unused when it applies.
    pub(super) days: Days,
}

#[derive(Debug)]
struct Patterns {
    texts: Vec<String>,
    /// Whether they name what the statement does not apply to.
    is_negated: bool,
}

/// The statements of the policy that `policy_json` is.
pub(super) fn of_policy(policy_json: &str) -> Result<Vec<Statement>, MalformedPolicy> {
    let grammar = |location: String, problem| MalformedPolicy::Grammar { location, problem };
    let in_policy = |problem: &str| grammar("policy".to_owned(), problem.to_owned());
    let Json::Object(policy) = serde_json::from_str(policy_json)? else {
        return Err(in_policy("it is not an object"));
    };
    let statements = get(&policy, "Statement").ok_or_else(|| in_policy("Statement is missing"))?;
    one_or_list(statements)
        .iter()
        .enumerate()
        .map(|(at, value)| {
            read(value).map_err(|problem| grammar(format!("statement {}", at + 1), problem))
        })
        .collect()
}

fn read(value: &Json) -> Result<Statement, Problem> {
    let Json::Object(statement) = value else {
        return Err("it is not an object".to_owned());
    };
    if let Some((name, _)) = statement
        .iter()
        .find(|(name, _)| !ELEMENTS.contains(&name.as_str()))
    {
        return Err(format!("{name:?} is not an element of a statement"));
    }
    let is_deny = match get(statement, "Effect") {
        Some(Json::Text(effect)) if effect == "Deny" => true,
        Some(Json::Text(effect)) if effect == "Allow" => false,
        _ => return Err("Effect is neither Allow nor Deny".to_owned()),
    };
    let principal = principal::reach(&one_of(statement, "Principal", "NotPrincipal")?)?;
    let applies = condition::applies(get(statement, "Condition"))?;
    Ok(Statement {
        is_deny,
        actions: patterns(statement, "Action", "NotAction")?,
        resources: patterns(statement, "Resource", "NotResource")?,
        reach: match principal {
            Reach::Everyone if applies.has_other_keys => Reach::Some,
            reach => reach,
        },
        days: applies.days,
    })
}

fn patterns(statement: &[(String, Json)], name: &str, opposite: &str) -> Result<Patterns, Problem> {
    let (value, is_negated) = match one_of(statement, name, opposite)? {
        OneOf::Named(value) => (value, false),
        OneOf::NotNamed(value) => (value, true),
    };
    let texts = texts(name, value)?;
    Ok(Patterns {
        texts: texts.into_iter().map(str::to_owned).collect(),
        is_negated,
    })
}

impl Statement {
    /// Whether it denies `action` on the key `key_arn`, whatever the principal and the age.
    pub(super) fn denies(&self, action: &str, key_arn: &str) -> bool {
        self.is_deny
            && self
                .actions
                .hold(|text| pattern::names_action(text, action))
            && self
                .resources
                .hold(|text| pattern::names_resource(text, key_arn))
    }
}

impl Patterns {
    fn hold(&self, names: impl Fn(&str) -> bool) -> bool {
        self.texts.iter().any(|text| names(text)) != self.is_negated
    }
}
