//! The previous run's keys, read back so that this run can be compared with it.

use crate::{
    files::{
        damage::Damage,
        table::{has_column, rows},
        unseen_csv::{self, last_known},
    },
    judge::{
        known_keys::{KnownKey, KnownKeys, KnownKeysBuilder},
        last_run::{LastRun, NoLastRun},
    },
    model::layout::ReportFile,
};

/// The columns that are needed of `keys.csv`.
const COLUMNS: [&str; 13] = [
    "scan_date",
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
    "disabled_since",
];

/// The keys of the last run's `keys.csv` and `unseen.csv`; `None`: there is no such file.
///
/// A `keys.csv` with a row that is not as we write it counts as unreadable: compared with half of a
/// report, the other half would look new. Without an `unseen.csv` that can be read, no key was
/// unseen.
#[must_use]
pub fn read(keys_csv: Option<&[u8]>, unseen_csv: Option<&[u8]>) -> LastRun {
    let Some(keys_csv) = keys_csv else {
        return LastRun::None(NoLastRun::Missing);
    };
    let is_report = ["account_id", "key_id"]
        .into_iter()
        .all(|column| has_column(keys_csv, column));
    if is_report
        && !COLUMNS
            .into_iter()
            .all(|column| has_column(keys_csv, column))
    {
        return LastRun::None(NoLastRun::OlderColumns);
    }
    match known_keys(keys_csv, unseen_csv) {
        Ok(Some(known)) => LastRun::Known(known),
        Ok(None) | Err(_) => LastRun::None(NoLastRun::Unreadable),
    }
}

/// The keys of a `keys.csv`, and those of an `unseen.csv` that are not in it; `None` where
/// they do not fit into memory.
fn known_keys(keys_csv: &[u8], unseen_csv: Option<&[u8]>) -> Result<Option<KnownKeys>, Damage> {
    let mut known = KnownKeysBuilder::default();
    let mut scan_date = None;
    let added = rows(ReportFile::KeysCsv, keys_csv, &COLUMNS, |row| {
        let day = row.scan_date()?;
        scan_date.get_or_insert(day);
        Ok(known.add(&KnownKey {
            last_seen_on: Some(day),
            ..last_known(row)?
        }))
    })?;
    if added.contains(&None) {
        return Ok(None);
    }
    let unseen = unseen_csv.and_then(|csv| unseen_csv::read(csv).ok());
    for key in unseen.iter().flatten() {
        if known.add(key).is_none() {
            return Ok(None);
        }
    }
    Ok(Some(known.build(scan_date)))
}

#[cfg(test)]
mod tests;
