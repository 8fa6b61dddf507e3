//! Reads the elements of a statement.

use super::json::Json;

/// What is wrong with an element: `Effect is neither Allow nor Deny`.
pub(super) type Problem = String;

/// The texts of an element that takes one or a list of them.
pub(super) fn texts<'a>(name: &str, value: &'a Json) -> Result<Vec<&'a str>, Problem> {
    one_or_list(value)
        .iter()
        .map(|value| match value {
            Json::Text(text) => Ok(text.as_str()),
            _ => Err(format!("{name} is neither a text nor a list of texts")),
        })
        .collect()
}

/// A value, or the values of a list.
pub(super) fn one_or_list(value: &Json) -> &[Json] {
    match value {
        Json::List(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// The one of an element and its opposite that a statement has: `Action` or `NotAction`.
pub(super) enum OneOf<'a> {
    /// The element.
    Named(&'a Json),
    /// Its opposite.
    NotNamed(&'a Json),
}

/// Finds the element `name` of a statement, or its opposite.
pub(super) fn one_of<'a>(
    statement: &'a [(String, Json)],
    name: &str,
    opposite: &str,
) -> Result<OneOf<'a>, Problem> {
    match (get(statement, name), get(statement, opposite)) {
        (Some(value), None) => Ok(OneOf::Named(value)),
        (None, Some(value)) => Ok(OneOf::NotNamed(value)),
        (Some(_), Some(_)) => Err(format!("{name} and {opposite} are both present")),
        (None, None) => Err(format!("{name} is missing")),
    }
}

/// The element `name` of an object.
pub(super) fn get<'a>(object: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    let entry = object.iter().find(|(other, _)| other == name);
    entry.map(|(_, value)| value)
}
