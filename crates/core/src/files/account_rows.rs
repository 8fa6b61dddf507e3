//! The rows of a file that is sorted by account, those of one account at a time.

use std::{io::Read, iter::Peekable, vec};

use crate::{
    files::{
        damage::Damage,
        table::{Row, Table},
    },
    judge::known_keys::KnownKey,
    model::account::AccountId,
};

/// Known keys of a file, account by account. Nothing comes after an error.
pub(crate) struct AccountRows<R> {
    table: Table<R>,
    read: fn(Row<'_>) -> Result<KnownKey, Damage>,
    rows: Peekable<vec::IntoIter<KnownKey>>,
    last: Option<AccountId>,
    is_at_end: bool,
}

impl<R: Read> AccountRows<R> {
    pub(crate) fn new(table: Table<R>, read: fn(Row<'_>) -> Result<KnownKey, Damage>) -> Self {
        Self {
            table,
            read,
            rows: Vec::new().into_iter().peekable(),
            last: None,
            is_at_end: false,
        }
    }

    /// The keys of the next account; none after the last.
    fn next_account(&mut self) -> Result<Vec<KnownKey>, Damage> {
        let mut keys: Vec<KnownKey> = Vec::new();
        loop {
            let is_of_account = |key: &KnownKey| {
                let first = keys.first();
                first.is_none_or(|first| first.account.id == key.account.id)
            };
            if let Some(key) = self.rows.next_if(is_of_account) {
                keys.push(key);
                continue;
            }
            if self.rows.peek().is_some() {
                break;
            }
            match self.table.next_rows(self.read)? {
                Some(rows) => self.rows = rows.into_iter().peekable(),
                None => break,
            }
        }
        let account = keys.first().map(|key| key.account.id);
        if account.is_some() && account <= self.last {
            return Err(self.table.not_sorted());
        }
        self.last = account;
        Ok(keys)
    }
}

impl<R: Read> Iterator for AccountRows<R> {
    type Item = Result<Vec<KnownKey>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_at_end {
            return None;
        }
        let next = self.next_account();
        self.is_at_end = next.as_ref().map_or(true, Vec::is_empty);
        Some(next).filter(|next| next.as_ref().map_or(true, |keys| !keys.is_empty()))
    }
}
