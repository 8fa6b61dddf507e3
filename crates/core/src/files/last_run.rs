//! The previous run's keys, read back so that this run can be compared with it.

use std::io::Read;

use jiff::civil::Date;

use crate::{
    files::{
        account_rows::AccountRows,
        damage::Damage,
        table::{Row, Table},
        unseen_csv::{self, last_known},
    },
    judge::{
        known_keys::{KnownKey, KnownKeys},
        last_run::{KnownAccounts, LastRun, NoLastRun},
        recommendation::Recommendation,
    },
    model::layout::ReportFile,
};

/// The columns that are needed of `keys.csv`.
const COLUMNS: [&str; 15] = [
    "scan_date",
    "account_id",
    "account_name",
    "region",
    "kind",
    "key_id",
    "arn",
    "name",
    "owner",
    "state",
    "verdict",
    "flagged",
    "recommendation",
    "first_flagged_on",
    "disabled_since",
];

/// The columns without which a file is no `keys.csv` of any version.
const IDENTIFYING: [&str; 2] = ["account_id", "key_id"];

/// A last run whose files were read through once, without a damage.
#[derive(Debug, Clone, Copy)]
pub struct Checked {
    /// The date of the run; `None` where its report has no key, and so no date.
    pub scan_date: Option<Date>,
    /// Whether there is an `unseen.csv` that can be read. Without one, no key was unseen.
    has_unseen: bool,
}

/// Reads the last run's `keys.csv` and `unseen.csv` through; `None`: there is no such file.
///
/// A `keys.csv` with a row that is not as we write it counts as unreadable: compared with half of a
/// report, the other half would look new.
///
/// # Errors
/// There is nothing to compare with.
pub fn check(
    keys_csv: Option<impl Read>,
    unseen_csv: Option<impl Read>,
) -> Result<Checked, NoLastRun> {
    let keys_csv = keys_csv.ok_or(NoLastRun::Missing)?;
    let unreadable = |_| NoLastRun::Unreadable;
    let table = Table::open(ReportFile::KeysCsv, keys_csv, &COLUMNS, &IDENTIFYING);
    let table = table.map_err(unreadable)?;
    if !table.has_all_columns() {
        return Err(NoLastRun::OlderColumns);
    }
    let mut scan_date = None;
    for keys in AccountRows::new(table, listed) {
        let keys = keys.map_err(unreadable)?;
        scan_date = scan_date.or(keys.first().and_then(|key| key.last_seen_on));
    }
    let has_unseen = unseen_csv.is_some_and(|csv| {
        let table = Table::open(
            ReportFile::UnseenCsv,
            csv,
            &unseen_csv::COLUMNS,
            &unseen_csv::COLUMNS,
        );
        table.is_ok_and(|table| AccountRows::new(table, unseen_csv::key).all(|keys| keys.is_ok()))
    });
    Ok(Checked {
        scan_date,
        has_unseen,
    })
}

impl Checked {
    /// The keys of each account that the same files have, in the order of the accounts' IDs. Of two
    /// of the same identity, that of `keys.csv` counts.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn accounts<Keys: Read, Unseen: Read>(
        self,
        keys_csv: Keys,
        unseen_csv: Option<Unseen>,
    ) -> Result<impl Iterator<Item = Result<Vec<KnownKey>, Damage>>, Damage> {
        let keys = Table::open(ReportFile::KeysCsv, keys_csv, &COLUMNS, &COLUMNS)?;
        let unseen = unseen_csv.filter(|_| self.has_unseen);
        let columns = &unseen_csv::COLUMNS;
        let unseen = unseen.map(|csv| Table::open(ReportFile::UnseenCsv, csv, columns, columns));
        let unseen = unseen.transpose()?.into_iter();
        let unseen = unseen.flat_map(|table| AccountRows::new(table, unseen_csv::key));
        Ok(merged(AccountRows::new(keys, listed), unseen))
    }
}

/// The keys of the last run's files, all of them in memory.
#[must_use]
pub fn read(keys_csv: Option<&[u8]>, unseen_csv: Option<&[u8]>) -> LastRun {
    let checked = match check(keys_csv, unseen_csv) {
        Ok(checked) => checked,
        Err(why) => return LastRun::None(why),
    };
    let accounts = checked.accounts(keys_csv.unwrap_or_default(), unseen_csv);
    match accounts.and_then(Iterator::collect) {
        Ok(accounts) => LastRun::Known(KnownKeys {
            scan_date: checked.scan_date,
            accounts,
        }),
        Err(_) => LastRun::None(NoLastRun::Unreadable),
    }
}

/// A key of `keys.csv`.
fn listed(row: Row<'_>) -> Result<KnownKey, Damage> {
    Ok(KnownKey {
        arn: row.cell("arn").free().to_owned(),
        last_seen_on: Some(row.scan_date()?),
        was_needed: Recommendation::parse(row.cell("recommendation").text)
            .is_some_and(Recommendation::brings_back),
        ..last_known(row)?
    })
}

/// The keys of both, account by account.
fn merged(
    first: impl Iterator<Item = Result<Vec<KnownKey>, Damage>>,
    second: impl Iterator<Item = Result<Vec<KnownKey>, Damage>>,
) -> impl Iterator<Item = Result<Vec<KnownKey>, Damage>> {
    let mut first = first.peekable();
    let mut second = KnownAccounts::new(second);
    std::iter::from_fn(move || {
        let next = first.peek().map(|keys| match keys {
            Ok(keys) => keys.first().map(|key| key.account.id),
            Err(_) => None,
        });
        match second.left_before(next) {
            Ok(None) => {}
            other => return other.map(|left| left.map(|(_, keys)| keys)).transpose(),
        }
        let both = first.next()?.and_then(|mut keys| {
            keys.extend(second.of(next.flatten())?);
            keys.sort_by(|a, b| a.identity().cmp(&b.identity()));
            keys.dedup_by(|later, first| later.identity() == first.identity());
            Ok(keys)
        });
        Some(both)
    })
}

#[cfg(test)]
mod tests;
