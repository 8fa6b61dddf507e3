//! When a statement applies: how many days the key has been unused, and whether
//! anything else has to hold
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

use super::{
    TRAILING_DAYS,
    days::Days,
    element::{Problem, one_or_list},
    json::Json,
};

/// When a statement applies.
pub(super) struct ParsedCondition {
    /// How many days the key has been unused.
    pub(super) days: Days,
    /// Whether anything else has to hold.
    pub(super) has_other_keys: bool,
}

/// When a statement with this `Condition` applies. All operators, and all condition
/// keys of an operator, must hold; of the values of a condition key, one.
pub(super) fn applies(condition: Option<&Json>) -> Result<ParsedCondition, Problem> {
    let mut applies = ParsedCondition {
        days: Days::all(),
        has_other_keys: false,
    };
    let Some(condition) = condition else {
        return Ok(applies);
    };
    for (operator, keys) in object(condition)? {
        for (key, values) in object(keys)? {
            let values = values_of(key, values)?;
            match days(operator, key, values)? {
                Some(days) => applies.days = applies.days.and(&days),
                None => applies.has_other_keys = true,
            }
        }
    }
    Ok(applies)
}

fn object(value: &Json) -> Result<&[(String, Json)], Problem> {
    match value {
        Json::Object(entries) => Ok(entries),
        _ => Err("Condition is not an object of objects".to_owned()),
    }
}

fn values_of<'a>(key: &str, values: &'a Json) -> Result<&'a [Json], Problem> {
    let values = one_or_list(values);
    let is_plain = |value: &Json| !matches!(value, Json::Null | Json::List(_) | Json::Object(_));
    match values.iter().all(is_plain) {
        true => Ok(values),
        false => Err(format!("a value of {key} is not a text, number or boolean")),
    }
}

/// The days on which the operator holds for the days without usage. `None` where it asks for
/// something else.
///
/// KMS always knows the days without usage, so that `…IfExists` asks for the same as without it.
/// IAM does not document `ForAllValues:` and `ForAnyValue:` for a condition key of one value.
fn days(operator: &str, key: &str, values: &[Json]) -> Result<Option<Days>, Problem> {
    if !key.eq_ignore_ascii_case(TRAILING_DAYS) {
        return Ok(None);
    }
    let operator = operator.to_ascii_lowercase();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    if operator == "null" {
        return Ok(Some(null(values)));
    }
    let days: fn(f64) -> Days = match operator {
        "numericlessthanequals" => at_most,
        "numericlessthan" => less_than,
        "numericgreaterthan" => |n| at_most(n).not(),
        "numericgreaterthanequals" => |n| less_than(n).not(),
        "numericequals" | "numericnotequals" => |n| at_most(n).and(&less_than(n).not()),
        _ => return Ok(None),
    };
    let mut any = Days::NONE;
    for value in values {
        any = any.or(&days(number(value)?));
    }
    Ok(Some(match operator {
        "numericnotequals" => any.not(),
        _ => any,
    }))
}

/// `Null` asks whether the condition key is absent, which it never is.
fn null(values: &[Json]) -> Days {
    let asks_for_presence = |value: &Json| match value {
        Json::Bool(is_absent) => !is_absent,
        Json::Text(text) => text.eq_ignore_ascii_case("false"),
        _ => false,
    };
    match values.iter().any(asks_for_presence) {
        true => Days::all(),
        false => Days::NONE,
    }
}

/// The whole days that are at most `n`.
fn at_most(n: f64) -> Days {
    match n < 0.0 {
        true => Days::NONE,
        // A number that is too large becomes the largest there is.
        false => Days::between(0, n.floor() as u64),
    }
}

/// The whole days that are less than `n`.
fn less_than(n: f64) -> Days {
    at_most(n.ceil() - 1.0)
}

/// An integer or a decimal. Anything else, such as a policy variable, cannot be evaluated.
fn number(value: &Json) -> Result<f64, Problem> {
    let parsed = match value {
        Json::Number(number) => Some(*number),
        Json::Text(text)
            if text
                .bytes()
                .all(|b| b.is_ascii_digit() || b"+-.".contains(&b)) =>
        {
            text.parse().ok()
        }
        _ => None,
    };
    parsed.ok_or_else(|| format!("a value of {TRAILING_DAYS} is not a number"))
}
