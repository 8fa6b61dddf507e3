//! `unseen.csv`: the keys of earlier reports whose cells were not listed, so that their history is
//! kept.

use std::sync::Arc;

use crate::{
    files::{
        csv_text::{self, text},
        damage::Damage,
        table::Row,
    },
    judge::{known_keys::KnownKey, verdict::Verdict},
    model::{account::Account, reading::KeyKind},
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

/// A line for each key.
pub(crate) fn rows(unseen: &[KnownKey]) -> Vec<u8> {
    csv_text::lines(unseen.iter().map(record))
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

/// An unseen key.
pub(crate) fn key(row: Row<'_>) -> Result<KnownKey, Damage> {
    Ok(KnownKey {
        last_seen_on: row.cell("last_seen_on").date()?,
        ..last_known(row)?
    })
}

/// A key of a row of `unseen.csv` or `keys.csv`, as a later run knows it.
pub(crate) fn last_known(row: Row<'_>) -> Result<KnownKey, Damage> {
    Ok(KnownKey {
        state: row.cell("state").free().to_owned(),
        verdict: row.cell("verdict").word(&Verdict::ALL, Verdict::as_str)?,
        is_flagged: row.cell("flagged").truth()?,
        disabled_since: row.cell("disabled_since").date()?,
        ..known(row)?
    })
}

/// The fields of a known key that every file has.
pub(crate) fn known(row: Row<'_>) -> Result<KnownKey, Damage> {
    let free = |column| row.cell(column).free().to_owned();
    Ok(KnownKey {
        account: Arc::new(Account {
            id: row.account_id()?,
            name: free("account_name"),
        }),
        region: free("region"),
        kind: row.cell("kind").word(&KeyKind::ALL, KeyKind::as_str)?,
        key_id: free("key_id"),
        arn: String::new(),
        name: free("name"),
        owner: free("owner"),
        state: String::new(),
        verdict: Verdict::Unreadable,
        is_flagged: false,
        first_flagged_on: row.cell("first_flagged_on").date()?,
        disabled_since: None,
        was_needed: false,
        last_seen_on: None,
    })
}
