//! Removes secrets from the request parameters of CloudTrail events.
//!
//! AWS leaves most of them out. Parameters that may still hold a secret, by name or by value, are
//! removed.

use serde_json::Value;

use crate::model::access_key::with_ids_shortened;

/// The replacement for a removed value.
pub const REMOVED: &str = "[removed]";

/// Names of parameters that are shown although they contain one of [`SECRET_WORDS`]: they name a
/// secret, and do not hold it.
const NAMES_OF_SECRETS: [&str; 4] = ["secretid", "secretarn", "secretname", "secretids"];
/// Words in the names of parameters that may hold secrets.
const SECRET_WORDS: [&str; 14] = [
    "accesskey",
    "authorization",
    "blob",
    "ciphertext",
    "cookie",
    "credential",
    "keymaterial",
    "passphrase",
    "password",
    "passwd",
    "plaintext",
    "privatekey",
    "secret",
    "token",
];
/// From so many characters on, a word of letters of both cases and digits, with what else
/// base64 has, is taken for a secret: a secret access key has 40.
const SECRET_CHARACTERS: usize = 40;
/// How much of a value is shown.
const SHOWN_CHARACTERS: usize = 200;

/// `parameters` without what may be secret.
#[must_use]
pub fn removed(parameters: Value) -> Value {
    match parameters {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let shown = match may_hold_secret(&name) {
                    true => Value::from(REMOVED),
                    false => removed(value),
                };
                (name, shown)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(removed).collect(),
        Value::String(text) => shown(&text).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => parameters,
    }
}

/// A text without what may be secret.
fn shown(text: &str) -> String {
    // Some parameters are JSON again.
    if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
        return removed(inner).to_string();
    }
    let is_outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_'));
    let words = text.split_inclusive(is_outside).map(|part| {
        let word = part.trim_end_matches(is_outside);
        match may_be_secret(word) {
            true => format!("{REMOVED}{}", &part[word.len()..]),
            false => part.to_owned(),
        }
    });
    let whole = with_ids_shortened(&words.collect::<String>());
    match whole.char_indices().nth(SHOWN_CHARACTERS) {
        None => whole,
        Some((end, _)) => format!("{}…", &whole[..end]),
    }
}

fn may_hold_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    !NAMES_OF_SECRETS.contains(&plain.as_str())
        && SECRET_WORDS.iter().any(|word| plain.contains(word))
}

fn may_be_secret(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    word.len() >= SECRET_CHARACTERS
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::removed;

    /// Request parameters, and what is shown of them.
    #[derive(Deserialize)]
    struct Case {
        given: Value,
        shown: Value,
    }

    #[test]
    fn what_a_parameter_is_called_decides_and_then_what_it_looks_like() {
        let cases = include_str!("secrets/removed.json");
        for Case { given, shown } in serde_json::from_str::<Vec<Case>>(cases).unwrap() {
            assert_eq!(removed(given.clone()), shown, "{given}");
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let shown = removed(json!("ä ".repeat(300)));
        let shown = shown.as_str().unwrap();
        assert_eq!(shown.chars().count(), 201);
        assert!(shown.ends_with('…'));
    }
}
