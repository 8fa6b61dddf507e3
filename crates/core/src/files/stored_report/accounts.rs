//! The accounts of a stored report, one after the other.

use std::{io::Read, iter::Peekable};

use jiff::Timestamp;

use super::{StoredFile, StoredFiles};
use crate::{
    files::{
        account_rows::{AccountRows, OfAccount},
        changes_csv::{self, StoredChange, StoredChanges},
        coverage_csv,
        damage::Damage,
        keys_csv::{self, KeyRows, appears_twice},
        table::{Columns, Table},
        unseen_csv,
    },
    judge::{judged_account::JudgedAccount, judged_key::JudgedKey, known_keys::KnownKey},
    model::{
        account::AccountId,
        coverage::CoverageRow,
        layout::ReportFile,
        time::{date, idle_days},
    },
};

/// The rows of a file.
type Rows<R, T> = Peekable<AccountRows<R, T>>;

/// The accounts of a stored report, in the order of their IDs. Nothing is to be read after an error.
pub struct StoredAccounts<R: Read> {
    now: Timestamp,
    keys: Rows<R, JudgedKey>,
    coverage: Rows<R, CoverageRow>,
    changes: Rows<R, StoredChange>,
    unseen: Rows<R, KnownKey>,
}

impl<R: Read> StoredAccounts<R> {
    /// Reads the headers of the files of a run that began at `now`.
    pub(super) fn open<'a, File: StoredFile<Reader<'a> = R> + 'a>(
        files: &'a StoredFiles<File>,
        now: Timestamp,
    ) -> Result<Self, Damage> {
        let day = date(now);
        let open = |file, stored: &'a File, columns: Columns| {
            Table::open(file, stored.reader(), columns, columns)
        };
        let changes = open(
            ReportFile::ChangesCsv,
            &files.changes_csv,
            &changes_csv::COLUMNS,
        )?;
        let keys = open(ReportFile::KeysCsv, &files.keys_csv, &keys_csv::COLUMNS)?;
        let coverage = open(
            ReportFile::CoverageCsv,
            &files.coverage_csv,
            &coverage_csv::COLUMNS,
        )?;
        let unseen = open(
            ReportFile::UnseenCsv,
            &files.unseen_csv,
            &unseen_csv::COLUMNS,
        )?;
        let mut key_rows = KeyRows::of(day);
        Ok(Self {
            now,
            keys: AccountRows::new(keys, move |row| key_rows.read(row)).peekable(),
            coverage: AccountRows::new(coverage, move |row| coverage_csv::read(row, day))
                .peekable(),
            changes: AccountRows::new(changes, move |row| changes_csv::read(row, day)).peekable(),
            unseen: AccountRows::new(unseen, unseen_csv::key).peekable(),
        })
    }

    /// The rows of the next account in all files.
    fn account(&mut self, account: Option<AccountId>) -> Result<JudgedAccount, Damage> {
        let changes = StoredChanges::of(of_account(&mut self.changes, account)?);
        let mut keys = of_account(&mut self.keys, account)?;
        for judged in &mut keys {
            let now = self.now;
            judged.age_days = judged.key.created_at.map(|created| idle_days(created, now));
            // It was read in the run itself.
            if judged.key.usage_read_at == Some(now) {
                judged.key.usage_read_at = None;
            }
            changes.complete(judged)?;
        }
        keys.sort_by(|a, b| a.key.identity().cmp(&b.key.identity()));
        let is_same =
            |pair: &&[JudgedKey]| matches!(pair, [a, b] if a.key.identity() == b.key.identity());
        if let Some([twice, ..]) = keys.windows(2).find(is_same) {
            return Err(appears_twice(twice));
        }
        Ok(JudgedAccount {
            account,
            keys,
            coverage: of_account(&mut self.coverage, account)?,
            gone: changes.gone,
            unseen: of_account(&mut self.unseen, account)?,
        })
    }
}

impl<R: Read> Iterator for StoredAccounts<R> {
    type Item = Result<JudgedAccount, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = [
            next_account(&mut self.keys),
            next_account(&mut self.coverage),
            next_account(&mut self.changes),
            next_account(&mut self.unseen),
        ];
        let next = next.into_iter().flatten().min()?;
        Some(self.account(next))
    }
}

/// The next account that a file has rows of. An error is to be met at once.
fn next_account<R: Read, T: OfAccount>(rows: &mut Rows<R, T>) -> Option<Option<AccountId>> {
    rows.peek().map(|next| match next {
        Ok(rows) => rows.first().and_then(T::account),
        Err(_) => None,
    })
}

/// The rows of an account, if it is the next in a file.
fn of_account<R: Read, T: OfAccount>(
    rows: &mut Rows<R, T>,
    account: Option<AccountId>,
) -> Result<Vec<T>, Damage> {
    let is_next = next_account(rows) == Some(account);
    let next = rows.next_if(|_| is_next).transpose()?;
    Ok(next.unwrap_or_default())
}
