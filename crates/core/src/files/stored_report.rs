//! A report read back from the files that a run wrote.
//!
//! All that the digest and the page are made from is in the files, so a report that is read back
//! gives the same bytes as the one that was written. Files of different runs, and cut files, are an
//! error: `summary.json` has the SHA-256 of the others, and the numbers that they must come to.

use std::collections::BTreeMap;

use crate::{
    files::{changes_csv, coverage_csv, damage::Damage, keys_csv, unseen_csv},
    judge::{findings::limits::Limits, judged_account::JudgedAccount, whole_report::WholeReport},
    model::{
        account::AccountId,
        time::{date, idle_days},
    },
};

mod summary;

/// The files that a report is read back from; the page is made from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiles {
    /// One row for each key.
    pub keys_csv: Vec<u8>,
    /// One row for each cell.
    pub coverage_csv: Vec<u8>,
    /// One row for each key that differs.
    pub changes_csv: Vec<u8>,
    /// One row for each unseen key.
    pub unseen_csv: Vec<u8>,
    /// The run in numbers.
    pub summary_json: Vec<u8>,
}

/// Reads a report back.
///
/// # Errors
/// A file is not as this version writes it, or not of the same run as the others.
pub fn read(files: &StoredFiles, limits: &Limits) -> Result<WholeReport, Damage> {
    let stored = summary::read(&files.summary_json)?;
    stored.check_files(files)?;
    let now = stored.run.now;
    let day = date(now);
    let changes = changes_csv::read(&files.changes_csv, day)?;
    let keys = keys_csv::read(&files.keys_csv)?;
    stored.check_day(keys.scan_date)?;
    let mut accounts = Accounts::default();
    for mut judged in keys.keys {
        judged.age_days = judged.key.created_at.map(|created| idle_days(created, now));
        // The credential report was generated for the run itself.
        if judged.key.credential_report_at == Some(now) {
            judged.key.credential_report_at = None;
        }
        changes.complete(&mut judged)?;
        accounts.of(Some(judged.key.account.id)).keys.push(judged);
    }
    for row in coverage_csv::read(&files.coverage_csv, day)? {
        accounts.of(row.account_id()).coverage.push(row);
    }
    for gone in changes.gone {
        accounts.of(Some(gone.key.account.id)).gone.push(gone);
    }
    for unseen in unseen_csv::read(&files.unseen_csv)? {
        accounts.of(Some(unseen.account.id)).unseen.push(unseen);
    }
    let accounts = accounts.0.into_values().collect();
    let mut report = WholeReport::of(&stored.run, stored.compared_with, accounts, limits);
    stored.check(&report.summary)?;
    stored.complete(&mut report.report.summary);
    Ok(report)
}

/// Accounts while the files of a report are read.
#[derive(Default)]
struct Accounts(BTreeMap<Option<AccountId>, JudgedAccount>);

impl Accounts {
    fn of(&mut self, account: Option<AccountId>) -> &mut JudgedAccount {
        let empty = || JudgedAccount {
            account,
            ..JudgedAccount::default()
        };
        self.0.entry(account).or_insert_with(empty)
    }
}

#[cfg(test)]
mod tests;
