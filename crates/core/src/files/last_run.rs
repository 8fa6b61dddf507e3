//! The previous run's keys, read back so that this run can be compared with it.

use crate::{
    files::{
        damage::Damage,
        table::{missing_columns, rows},
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
    let missing = missing_columns(keys_csv, &COLUMNS);
    let is_report = !missing.contains(&"account_id") && !missing.contains(&"key_id");
    if is_report && !missing.is_empty() {
        return LastRun::None(NoLastRun::OlderColumns);
    }
    match known_keys(keys_csv, unseen_csv) {
        Ok(known) => LastRun::Known(known),
        Err(_) => LastRun::None(NoLastRun::Unreadable),
    }
}

/// The keys of a `keys.csv`, and those of an `unseen.csv` that are not in it.
fn known_keys(keys_csv: &[u8], unseen_csv: Option<&[u8]>) -> Result<KnownKeys, Damage> {
    let mut known = KnownKeysBuilder::default();
    let mut scan_date = None;
    rows(ReportFile::KeysCsv, keys_csv, &COLUMNS, |row| {
        let day = row.scan_date()?;
        scan_date.get_or_insert(day);
        let key = KnownKey {
            last_seen_on: Some(day),
            ..last_known(row)?
        };
        known
            .add(&key)
            .ok_or_else(|| too_large(ReportFile::KeysCsv))
    })?;
    let unseen = unseen_csv.and_then(|csv| unseen_csv::read(csv).ok());
    for key in unseen.iter().flatten() {
        known
            .add(key)
            .ok_or_else(|| too_large(ReportFile::UnseenCsv))?;
    }
    Ok(known.build(scan_date))
}

fn too_large(file: ReportFile) -> Damage {
    Damage::of(file, "its text does not fit into 4 GiB".to_owned())
}

#[cfg(test)]
mod tests;
