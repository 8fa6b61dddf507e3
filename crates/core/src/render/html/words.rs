//! How the page words what occurs in several of its sections.

pub(super) use crate::render::digest::wording::{dollars, grouped};
use crate::{
    judge::{judged_key::JudgedKey, known_keys::KnownKey},
    model::{
        access_key,
        account::Account,
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
    match kind {
        KeyKind::IamAccessKey | KeyKind::ServiceCredential => {
            one_line(&access_key::shortened(key_id))
        }
        _ => shortened(key_id, NAME_CHARACTERS),
    }
}

/// `part` of `whole` in percent, as SVG takes it; 0 where there is no whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}", part as f64 * 100.0 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn percents_have_two_decimals() {
        assert_eq!(percent(1, 3), "33.33");
        assert_eq!(percent(0, 0), "0.00");
    }
}
