//! To whom a statement applies.

use super::{
    element::{OneOf, Problem, texts},
    json::Json,
};

/// To whom a statement applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To everyone, whatever the request.
    Everyone,
    /// To some, or to requests under further conditions.
    Some,
    /// To no principal.
    None,
}

/// To whom a statement applies by its `Principal` or `NotPrincipal`. An account, even
/// the key's own, is not everyone
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).
pub(super) fn reach(principal: &OneOf<'_>) -> Result<Reach, Problem> {
    match principal {
        OneOf::Named(value) => named("Principal", value),
        OneOf::NotNamed(value) => Ok(match named("NotPrincipal", value)? {
            Reach::Everyone => Reach::None,
            Reach::Some | Reach::None => Reach::Some,
        }),
    }
}

fn named(element: &str, value: &Json) -> Result<Reach, Problem> {
    let kinds = match value {
        Json::Text(text) if text == "*" => return Ok(Reach::Everyone),
        Json::Object(kinds) => kinds,
        _ => return Err(format!("{element} is neither \"*\" nor an object")),
    };
    let mut reach = Reach::None;
    for (kind, value) in kinds {
        for text in texts(element, value)? {
            if kind == "AWS" && text == "*" {
                return Ok(Reach::Everyone);
            }
            reach = Reach::Some;
        }
    }
    Ok(reach)
}
