//! How the page words what occurs in several of its sections.

pub(super) use crate::render::digest::wording::{dollars, grouped};
use crate::{
    judge::{judged_key::JudgedKey, known_keys::KnownKey},
    model::{
        access_key,
        account::Account,
        kind::KeyId,
        plain_text::one_line,
        reading::KeyKind,
        region::{GLOBAL, Region},
    },
    render::digest::wording::{NAME_CHARACTERS, counted, shortened},
};

/// An account as the page names it.
pub(super) struct AccountName {
    /// Its 12 digits.
    pub(super) id: String,
    /// Its name, as much of it as is shown.
    pub(super) name: String,
}

impl AccountName {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: shortened(&account.name, NAME_CHARACTERS),
        }
    }
}

/// [`counted`], or empty text where there are none.
pub(super) fn counted_if_any(n: u64, one: &str, many: &str) -> String {
    match n {
        0 => String::new(),
        n => counted(n, one, many),
    }
}

/// A word of the files as people read it: `never used`.
pub(super) fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// `KMS key`.
pub(super) fn kind_text(kind: KeyKind) -> &'static str {
    kind.names().0
}

/// The Region's name, or `global`.
pub(super) fn region_text(region: Option<&Region>) -> &str {
    region.map_or(GLOBAL, Region::as_str)
}

/// A key's ID; of an access key only the last four characters.
pub(super) fn key_id_text(judged: &JudgedKey) -> String {
    id_text(judged.key.kind, &judged.key.key_id)
}

/// [`key_id_text`] of a key of an earlier report.
pub(super) fn known_key_id_text(key: &KnownKey) -> String {
    id_text(key.kind, &key.key_id)
}

fn id_text(kind: KeyKind, key_id: &str) -> String {
    match kind.id() {
        KeyId::Shortened => one_line(&access_key::shortened(key_id)),
        KeyId::Full | KeyId::UserName => shortened(key_id, NAME_CHARACTERS),
    }
}

/// `part` of `whole` in percent, as SVG takes it; 0 where there is no whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}", part as f64 * 100.0 / whole.max(1) as f64)
}

/// The longest word that every column has room for.
const WHOLE_WORD_CHARACTERS: usize = 16;

/// A text in parts between which a line may break, none of an empty one: a word that may be longer than
/// its column, such as `GenerateDataKeyWithoutPlaintext` or an ARN, breaks before its capitals and
/// after its punctuation.
pub(super) fn breakable(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for word in text.split_inclusive(' ') {
        let is_long = word.chars().count() > WHOLE_WORD_CHARACTERS;
        let [mut before_that, mut before] = [' '; 2];
        for character in word.chars() {
            let is_capital = character.is_ascii_uppercase() && before.is_ascii_lowercase();
            let is_after_punctuation = match before {
                // Not in a time.
                ':' => !before_that.is_ascii_digit(),
                '.' | '/' | '_' | '@' | ',' => character != ' ',
                _ => false,
            };
            if is_long && (is_capital || is_after_punctuation) {
                parts.push(std::mem::take(&mut part));
            }
            part.push(character);
            [before_that, before] = [before, character];
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{breakable, percent};

    #[test]
    fn a_word_that_has_room_is_whole_and_a_longer_one_has_places_to_break() {
        for (text, parts) in [
            ("", vec![]),
            ("GenerateDataKey", vec!["GenerateDataKey"]),
            ("s3 eu-west-1", vec!["s3 eu-west-1"]),
            (
                "last GenerateDataKeyWithoutPlaintext",
                vec!["last Generate", "Data", "Key", "Without", "Plaintext"],
            ),
            (
                "by arn:aws:iam::222222222222:role/a, once",
                vec![
                    "by arn:",
                    "aws:",
                    "iam:",
                    ":",
                    "222222222222:role/",
                    "a, once",
                ],
            ),
            (
                "last at 2026-11-20T02:00:07Z by",
                vec!["last at 2026-11-20T02:00:07Z by"],
            ),
        ] {
            assert_eq!(breakable(text), parts);
        }
    }

    #[test]
    fn percents_have_two_decimals() {
        assert_eq!(percent(1, 3), "33.33");
        assert_eq!(percent(0, 0), "0.00");
    }
}
