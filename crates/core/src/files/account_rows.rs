//! The rows of a file that is sorted by account, those of one account at a time.

use std::{io::Read, iter::Peekable, vec};

use crate::{
    files::{
        damage::Damage,
        table::{Row, Table},
    },
    judge::{judged_key::JudgedKey, known_keys::KnownKey},
    model::{account::AccountId, coverage::CoverageRow},
};

/// What a row is read as.
pub(crate) trait OfAccount {
    /// The account that it is of; `None` for the organization itself, which comes first.
    fn account(&self) -> Option<AccountId>;
}

impl OfAccount for KnownKey {
    fn account(&self) -> Option<AccountId> {
        Some(self.account.id)
    }
}

impl OfAccount for JudgedKey {
    fn account(&self) -> Option<AccountId> {
        Some(self.key.account.id)
    }
}

impl OfAccount for CoverageRow {
    fn account(&self) -> Option<AccountId> {
        self.account_id()
    }
}

/// What reads a row.
type ReadRow<T> = Box<dyn FnMut(Row<'_>) -> Result<T, Damage> + Send>;

/// The rows of a file, account by account. Nothing comes after an error.
pub(crate) struct AccountRows<R, T> {
    table: Table<R>,
    read: ReadRow<T>,
    rows: Peekable<vec::IntoIter<T>>,
    /// The account whose rows came last; `None` before the first.
    last: Option<Option<AccountId>>,
    is_at_end: bool,
}

impl<R: Read, T: OfAccount> AccountRows<R, T> {
    pub(crate) fn new(
        table: Table<R>,
        read: impl FnMut(Row<'_>) -> Result<T, Damage> + Send + 'static,
    ) -> Self {
        Self {
            table,
            read: Box::new(read),
            rows: Vec::new().into_iter().peekable(),
            last: None,
            is_at_end: false,
        }
    }

    /// The rows of the next account; none after the last.
    fn next_account(&mut self) -> Result<Vec<T>, Damage> {
        let mut of_account: Vec<T> = Vec::new();
        loop {
            let is_of_account = |row: &T| {
                let first = of_account.first();
                first.is_none_or(|first| first.account() == row.account())
            };
            if let Some(row) = self.rows.next_if(is_of_account) {
                of_account.push(row);
                continue;
            }
            if self.rows.peek().is_some() {
                break;
            }
            match self.table.next_rows(&mut self.read)? {
                Some(rows) => self.rows = rows.into_iter().peekable(),
                None => break,
            }
        }
        let account = of_account.first().map(T::account);
        if account.is_some() && account <= self.last {
            return Err(self.table.not_sorted());
        }
        self.last = account;
        Ok(of_account)
    }
}

impl<R: Read, T: OfAccount> Iterator for AccountRows<R, T> {
    type Item = Result<Vec<T>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_at_end {
            return None;
        }
        let next = self.next_account();
        self.is_at_end = next.as_ref().map_or(true, Vec::is_empty);
        Some(next).filter(|next| next.as_ref().map_or(true, |rows| !rows.is_empty()))
    }
}
