//! `coverage.csv` as it is written.

use crate::{
    files::csv_text::{self, text},
    model::{
        coverage::{CellKeys, CoverageRow, explanation},
        gap::Gap,
    },
};

/// The columns of `coverage.csv`.
pub const COLUMNS: [&str; 12] = [
    "scan_date",
    "account_id",
    "account_name",
    "region",
    "kind",
    "status",
    "keys",
    "unreadable",
    "error_code",
    "detail",
    "listed_whole",
    "gap_cause",
];

/// `coverage.csv`: the header and a line for each row, sorted by account,
/// Region and kind.
#[must_use]
pub fn to_csv(rows: &[CoverageRow], scan_date: &str) -> Vec<u8> {
    let mut sorted: Vec<&CoverageRow> = rows.iter().collect();
    // The rows of the organization first, by what they say.
    sorted.sort_by_key(|row| {
        let (region, kind) = (row.scope.region(), row.scope.kind());
        (row.account_id(), region, kind, row.detail.as_str())
    });
    csv_text::file(&COLUMNS, sorted.iter().map(|row| record(row, scan_date)))
}

fn record(row: &CoverageRow, scan_date: &str) -> [String; COLUMNS.len()] {
    let count = |of: fn(&CellKeys) -> u64| row.keys.as_ref().map(of);
    let account = row.account.as_deref();
    [
        scan_date.to_owned(),
        csv_text::optional(account.map(|account| account.id)),
        text(account.map_or("", |account| &account.name)),
        row.scope.region().to_owned(),
        row.scope.kind().to_owned(),
        row.status.as_str().to_owned(),
        csv_text::optional(count(|keys| keys.listed)),
        csv_text::optional(count(|keys| keys.unreadable)),
        text(row.gap.as_ref().map_or("", Gap::code)),
        text(&explanation(row)),
        csv_text::optional(row.keys.map(|keys| keys.is_whole)),
        row.gap
            .as_ref()
            .map_or("", |gap| gap.cause().as_str())
            .to_owned(),
    ]
}
