//! What there is to compare a run with: the previous run's keys, or nothing.

use std::{convert::Infallible, fmt, iter::Peekable};

use crate::{
    judge::{
        changes::ComparedWith,
        known_keys::{KnownKey, KnownKeys},
    },
    model::{account::AccountId, words::words},
};

/// What there is to compare a run with.
#[derive(Debug)]
pub enum LastRun {
    /// Nothing: this is the first census.
    None(NoLastRun),
    /// The keys that the last run knew.
    Known(KnownKeys),
}

impl LastRun {
    /// What a run is compared with by this.
    #[must_use]
    pub fn compared_with(&self) -> ComparedWith {
        match self {
            Self::None(why) => ComparedWith::Nothing(*why),
            Self::Known(known) => ComparedWith::LastRun(known.scan_date),
        }
    }

    /// The keys that the last run knew, from the first account on.
    pub fn accounts(
        &self,
    ) -> KnownAccounts<impl Iterator<Item = Result<Vec<KnownKey>, Infallible>>> {
        let known = match self {
            Self::None(_) => &[],
            Self::Known(known) => known.accounts.as_slice(),
        };
        KnownAccounts::new(known.iter().cloned().map(Ok))
    }
}

/// The keys that the last run knew of each account, beside the accounts of a run, both in the order
/// of the accounts' IDs.
pub struct KnownAccounts<Known: Iterator>(Peekable<Known>);

impl<E, Known: Iterator<Item = Result<Vec<KnownKey>, E>>> KnownAccounts<Known> {
    /// Goes through `known`, which has the keys of one account after those of the other.
    pub fn new(known: Known) -> Self {
        Self(known.peekable())
    }

    /// The next account, with its keys, if it comes before the `next` one of the run: only the last
    /// run knew it. Without a next one, all that are left come before.
    ///
    /// # Errors
    /// The keys cannot be read.
    pub fn left_before(
        &mut self,
        next: Option<Option<AccountId>>,
    ) -> Result<Option<(AccountId, Vec<KnownKey>)>, E> {
        let keys = self.take_if(|account| next.is_none_or(|next| account < next))?;
        Ok(keys.and_then(|keys| Some((id(&keys)?, keys))))
    }

    /// The keys of an account, if it is the next.
    ///
    /// # Errors
    /// The keys cannot be read.
    pub fn of(&mut self, account: Option<AccountId>) -> Result<Vec<KnownKey>, E> {
        Ok(self.take_if(|next| next == account)?.unwrap_or_default())
    }

    /// Each of the `accounts` of a run with what the last run knew of its keys. One that only the last
    /// run knew comes in its place, as what is `left` of it.
    pub fn beside<Account>(
        mut self,
        accounts: impl Iterator<Item = Result<Account, E>>,
        id: fn(&Account) -> Option<AccountId>,
        left: fn(AccountId) -> Account,
    ) -> impl Iterator<Item = Result<(Account, Vec<KnownKey>), E>> {
        let mut accounts = accounts.peekable();
        std::iter::from_fn(move || {
            // Nothing comes before an error.
            let next = accounts.peek().map(|next| next.as_ref().ok().and_then(id));
            match self.left_before(next) {
                Ok(Some((account, keys))) => Some(Ok((left(account), keys))),
                Ok(None) => {
                    let account = accounts.next()?;
                    Some(account.and_then(|account| {
                        let known = self.of(id(&account))?;
                        Ok((account, known))
                    }))
                }
                Err(error) => Some(Err(error)),
            }
        })
    }

    fn take_if(
        &mut self,
        is_wanted: impl Fn(Option<AccountId>) -> bool,
    ) -> Result<Option<Vec<KnownKey>>, E> {
        let next = self.0.next_if(|keys| match keys {
            Ok(keys) => is_wanted(id(keys)),
            Err(_) => true,
        });
        next.transpose()
    }
}

fn id(keys: &[KnownKey]) -> Option<AccountId> {
    keys.first().map(|key| key.account.id)
}

/// Why there is nothing to compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLastRun {
    /// There is no earlier report.
    Missing,
    /// It could not be read, or is damaged.
    Unreadable,
    /// An earlier version wrote it: columns are missing.
    OlderColumns,
    /// Its files are not those of one run.
    Mixed,
    /// There was no time left to read it.
    NoTime,
}

words!(NoLastRun {
    Missing = "missing",
    Unreadable = "unreadable",
    OlderColumns = "older_columns",
    Mixed = "mixed",
    NoTime = "no_time",
});

impl fmt::Display for NoLastRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is no earlier report",
            Self::Unreadable => "the last report could not be read",
            Self::OlderColumns => "the last report is of an earlier version",
            Self::Mixed => "the files of the last report are not of one run",
            Self::NoTime => "there was no time left to read the last report",
        })
    }
}
