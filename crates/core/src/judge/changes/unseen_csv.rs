//! `unseen.csv`: the keys of earlier reports that nobody could look for, so that
//! what is known of them is not forgotten.

use crate::files::{
    csv_text::{self, text},
    last_run::KnownKey,
};

/// The columns of `unseen.csv`.
pub const COLUMNS: [&str; 13] = [
    "account_id",
    "account_name",
    "region",
    "kind",
    "key_id",
    "name",
    "owner",
    "state",
    "verdict",
    "flagged",
    "first_flagged_on",
    "last_seen_on",
    "disabled_since",
];

/// `unseen.csv`: the header and a line for each key, sorted as `keys.csv` is.
pub(crate) fn to_csv(unseen: &[KnownKey]) -> Vec<u8> {
    csv_text::file(&COLUMNS, unseen.iter().map(record))
}

fn record(key: &KnownKey) -> [String; COLUMNS.len()] {
    [
        key.account.id.to_string(),
        text(&key.account.name),
        text(&key.region),
        key.kind.as_str().to_owned(),
        text(&key.key_id),
        text(&key.name),
        text(&key.owner),
        text(&key.state),
        key.verdict.as_str().to_owned(),
        key.is_flagged.to_string(),
        csv_text::optional(key.first_flagged_on),
        csv_text::optional(key.last_seen_on),
        csv_text::optional(key.disabled_since),
    ]
}
