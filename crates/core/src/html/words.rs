//! How the page words what occurs in several of its sections.

use crate::{
    access_key,
    account::Account,
    digest::wording::{NAME_CHARACTERS, shortened},
    key_row::JudgedKey,
    plain_text::one_line,
    reading::KeyKind,
    region::{GLOBAL, Region},
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

/// A word of the files as people read it: `never used`.
pub(super) fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// `KMS key`.
pub(super) fn kind_told(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::KmsKey => "KMS key",
        KeyKind::IamAccessKey => "access key",
        KeyKind::RootAccessKey => "root access key",
    }
}

/// The Region's name, or `global`.
pub(super) fn region_told(region: Option<&Region>) -> &str {
    region.map_or(GLOBAL, Region::as_str)
}

/// A key's ID; of an access key only the last four characters.
pub(super) fn key_id_told(judged: &JudgedKey) -> String {
    let key = &judged.key;
    match key.kind {
        KeyKind::IamAccessKey => one_line(&access_key::shortened(&key.key_id)),
        KeyKind::KmsKey | KeyKind::RootAccessKey => shortened(&key.key_id, NAME_CHARACTERS),
    }
}

/// `12,345`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut told = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// Cents as dollars: `12,345.00`.
pub(super) fn dollars(cents: u64) -> String {
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

/// `part` of `whole` in percent, as SVG takes it; 0 where there is no whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{:.2}", part as f64 * 100.0 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::{dollars, grouped, percent};

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (n, told) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), told);
        }
        assert_eq!(dollars(1_234_505), "12,345.05");
    }

    #[test]
    fn percents_have_two_decimals() {
        assert_eq!(percent(1, 3), "33.33");
        assert_eq!(percent(0, 0), "0.00");
    }
}
