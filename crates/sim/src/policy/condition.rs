//! Conditions of a statement.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::Value;

use super::{
    error::PolicyError,
    pattern::{Pattern, Wildcards},
    request::Context,
};

/// One condition key with its operator and values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    /// In lower case.
    key: String,
    test: Test,
    /// Whether it holds where the request lacks the key.
    holds_without: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// One of the texts matches.
    Like(Vec<Pattern>),
    /// None of them does.
    NotLike(Vec<Pattern>),
    /// `true` or `false`, one of them.
    Bool(Vec<String>),
    /// The number is so, compared with one of these.
    Numeric(Comparison, Vec<f64>),
    /// Whether the request lacks the key.
    Null(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Condition {
    /// Reads the conditions of the statement `at`.
    pub(super) fn parse_all(block: &Value, at: &str) -> Result<Vec<Self>, PolicyError> {
        let wrong = || PolicyError::malformed(at, "Condition is not {operator: {key: values}}");
        let mut conditions = Vec::new();
        for (operator, keys) in block.as_object().ok_or_else(wrong)? {
            for (key, values) in keys.as_object().ok_or_else(wrong)? {
                conditions.push(Self::parse(operator, key, values, at)?);
            }
        }
        Ok(conditions)
    }

    fn parse(operator: &str, key: &str, values: &Value, at: &str) -> Result<Self, PolicyError> {
        let values = texts(values).ok_or_else(|| {
            PolicyError::malformed(at, format!("the values of {key} are no texts"))
        })?;
        let (name, if_exists) = match operator.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (operator, false),
        };
        let patterns = |wildcards| {
            let parsed = values
                .iter()
                .map(|text| Pattern::parse(text, wildcards, at));
            parsed.collect::<Result<Vec<_>, _>>()
        };
        let test = match name {
            "StringEquals" => Test::Like(patterns(Wildcards::Literal)?),
            "StringNotEquals" => Test::NotLike(patterns(Wildcards::Literal)?),
            "StringLike" | "ArnLike" | "ArnEquals" => Test::Like(patterns(Wildcards::Active)?),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => {
                Test::NotLike(patterns(Wildcards::Active)?)
            }
            "Bool" => Test::Bool(
                values
                    .iter()
                    .map(|text| text.to_ascii_lowercase())
                    .collect(),
            ),
            "Null" if !if_exists => Test::Null(values.iter().any(|text| text == "true")),
            _ => match Comparison::parse(name) {
                Some(comparison) => {
                    let numbers: Result<_, _> = values.iter().map(|text| text.parse()).collect();
                    let wrong = |_| PolicyError::malformed(at, format!("{key} needs numbers"));
                    Test::Numeric(comparison, numbers.map_err(wrong)?)
                }
                None => {
                    let what = format!("the condition operator {operator}");
                    return Err(PolicyError::unsupported(at, what));
                }
            },
        };
        Ok(Self {
            key: key.to_ascii_lowercase(),
            holds_without: if_exists || matches!(test, Test::NotLike(_)),
            test,
        })
    }

    /// The condition keys that it looks at, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let patterns = match &self.test {
            Test::Like(patterns) | Test::NotLike(patterns) => patterns.as_slice(),
            _ => &[],
        };
        let variables = patterns.iter().flat_map(Pattern::variables);
        std::iter::once(self.key.as_str()).chain(variables)
    }

    /// Whether it holds in this call.
    pub(super) fn holds(&self, context: &Context<'_>) -> bool {
        let given = context.get(&self.key);
        if let Test::Null(is_lacking) = self.test {
            return given.is_none() == is_lacking;
        }
        let Some(given) = given else {
            return self.holds_without;
        };
        let is_like = |patterns: &[Pattern]| patterns.iter().any(|one| one.matches(given, context));
        match &self.test {
            Test::Like(patterns) => is_like(patterns),
            Test::NotLike(patterns) => !is_like(patterns),
            Test::Bool(values) => values.iter().any(|value| value.eq_ignore_ascii_case(given)),
            Test::Numeric(comparison, numbers) => given.parse().is_ok_and(|given: f64| {
                numbers
                    .iter()
                    .any(|number| comparison.holds(given, *number))
            }),
            Test::Null(_) => false,
        }
    }
}

impl Comparison {
    fn parse(operator: &str) -> Option<Self> {
        Some(match operator {
            "NumericEquals" => Self::Equals,
            "NumericLessThan" => Self::LessThan,
            "NumericLessThanEquals" => Self::LessThanEquals,
            "NumericGreaterThan" => Self::GreaterThan,
            "NumericGreaterThanEquals" => Self::GreaterThanEquals,
            _ => return None,
        })
    }

    fn holds(self, given: f64, number: f64) -> bool {
        match self {
            Self::Equals => given == number,
            Self::LessThan => given < number,
            Self::LessThanEquals => given <= number,
            Self::GreaterThan => given > number,
            Self::GreaterThanEquals => given >= number,
        }
    }
}

/// One scalar or a list of them, as texts.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(block: Value) -> bool {
        let context = Context::default()
            .with("aws:PrincipalOrgID", "o-exampleorg1")
            .with("aws:PrincipalArn", "arn:aws:iam::111111111111:role/scanner")
            .with("aws:SecureTransport", "true")
            .with("s3:TlsVersion", "1.2");
        let conditions = Condition::parse_all(&block, "here").unwrap();
        conditions.iter().all(|condition| condition.holds(&context))
    }

    #[test]
    fn an_operator_holds_as_aws_says() {
        for (operator, key, value, is_so) in [
            ("StringEquals", "aws:PrincipalOrgID", "o-exampleorg1", true),
            ("StringEquals", "aws:principalorgid", "o-exampleorg1", true),
            ("StringEquals", "aws:PrincipalOrgID", "O-EXAMPLEORG1", false),
            ("StringEquals", "aws:PrincipalOrgID", "o-*", false),
            ("StringEquals", "sts:ExternalId", "x", false),
            ("StringEqualsIfExists", "sts:ExternalId", "x", true),
            ("StringEqualsIfExists", "aws:PrincipalOrgID", "x", false),
            ("StringNotEquals", "aws:PrincipalOrgID", "x", true),
            (
                "StringNotEquals",
                "aws:PrincipalOrgID",
                "o-exampleorg1",
                false,
            ),
            // A negated operator holds where the request lacks the key.
            ("StringNotEquals", "sts:ExternalId", "x", true),
            ("StringLike", "aws:PrincipalOrgID", "o-*", true),
            ("StringNotLike", "aws:PrincipalOrgID", "o-*", false),
            (
                "ArnLike",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/scanner",
                true,
            ),
            (
                "ArnEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/other",
                false,
            ),
            (
                "ArnNotLike",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/other",
                true,
            ),
            ("Bool", "aws:SecureTransport", "false", false),
            ("Bool", "aws:SecureTransport", "true", true),
            ("Bool", "aws:MultiFactorAuthPresent", "false", false),
            ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", true),
            ("NumericLessThan", "s3:TlsVersion", "1.2", false),
            ("NumericLessThan", "s3:TlsVersion", "1.3", true),
            ("NumericLessThanEquals", "s3:TlsVersion", "1.2", true),
            ("NumericGreaterThan", "s3:TlsVersion", "1.1", true),
            ("NumericGreaterThanEquals", "s3:TlsVersion", "1.3", false),
            ("NumericEquals", "s3:TlsVersion", "1.20", true),
            ("NumericEquals", "aws:PrincipalOrgID", "1", false),
            ("Null", "sts:ExternalId", "true", true),
            ("Null", "sts:ExternalId", "false", false),
            ("Null", "aws:PrincipalOrgID", "false", true),
        ] {
            let block = json!({operator: {key: value}});
            assert_eq!(holds(block.clone()), is_so, "{block}");
        }
    }

    #[test]
    fn one_value_is_enough_and_every_key_is_needed() {
        let key = "aws:PrincipalOrgID";
        assert!(holds(
            json!({"StringEquals": {key: ["x", "o-exampleorg1"]}})
        ));
        assert!(!holds(
            json!({"StringNotEquals": {key: ["x", "o-exampleorg1"]}})
        ));
        assert!(!holds(
            json!({"StringEquals": {key: "o-exampleorg1", "sts:ExternalId": "x"}})
        ));
        assert!(holds(
            json!({"Bool": {"aws:SecureTransport": true}, "StringLike": {key: "o-?xample*"}})
        ));
    }

    #[test]
    fn a_value_may_be_what_the_request_says_elsewhere() {
        let itself = json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}});
        let other = json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}});
        assert!(holds(itself));
        assert!(!holds(other));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for block in [
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}}),
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            json!({"NullIfExists": {"aws:SourceIp": "true"}}),
            json!({"NumericLessThan": {"s3:TlsVersion": "new"}}),
            json!({"StringEquals": "aws:PrincipalOrgID"}),
            json!({"StringEquals": {"aws:PrincipalOrgID": {}}}),
            json!([]),
        ] {
            assert!(Condition::parse_all(&block, "here").is_err(), "{block}");
        }
    }
}
