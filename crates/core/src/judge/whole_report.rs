//! A report with all its accounts in memory.

use std::{
    convert::Infallible,
    ops::{Deref, DerefMut},
};

use crate::{
    judge::{
        changes::ComparedWith,
        findings::{Findings, limits::Limits},
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        judging::Judging,
        known_keys::KnownKey,
        last_run::{KnownAccounts, LastRun},
        report::Report,
        summary::RunFacts,
    },
    model::{
        account::AccountId, account_reading::AccountReading, organization_reading::Reading,
        reading::KeyReading,
    },
};

/// A report with the accounts that it was made from, in the order of their IDs; the organization
/// itself comes first.
#[derive(Debug, Clone)]
pub struct WholeReport {
    /// The accounts.
    pub accounts: Vec<JudgedAccount>,
    /// The report.
    pub report: Report,
}

impl WholeReport {
    /// Judges all that was read, in the light of the last run.
    #[must_use]
    pub fn new<Keys>(
        run: &RunFacts,
        reading: Reading<Keys>,
        last: &LastRun,
        limits: &Limits,
    ) -> Self
    where
        Keys: IntoIterator<Item = KeyReading>,
    {
        let mut judging = Judging::new(run, last.compared_with());
        let readings = reading.into_accounts();
        let left = AccountReading::left;
        let readings = merged(readings, |reading| reading.account, last.accounts(), left);
        let accounts = readings.map(|(reading, known)| judging.judge(reading, known));
        Self::of(run, last.compared_with(), accounts.collect(), limits)
    }

    /// The report of judged accounts.
    pub(crate) fn of(
        run: &RunFacts,
        compared_with: ComparedWith,
        accounts: Vec<JudgedAccount>,
        limits: &Limits,
    ) -> Self {
        let mut findings = Findings::new(compared_with, limits);
        accounts.iter().for_each(|account| findings.add(account));
        Self {
            accounts,
            report: Report::new(run, findings),
        }
    }

    /// The same report, compared with another run than before.
    #[must_use]
    pub fn compared_with(self, other: &LastRun, limits: &Limits) -> Self {
        let run = self.run();
        let mut judging = Judging::new(&run, other.compared_with());
        let accounts = self.accounts.into_iter();
        let left = |account| JudgedAccount {
            account: Some(account),
            ..JudgedAccount::default()
        };
        let accounts = merged(accounts, |judged| judged.account, other.accounts(), left);
        let accounts = accounts.map(|(judged, known)| judging.compare_again(judged, known));
        let mut compared = Self::of(&run, other.compared_with(), accounts.collect(), limits);
        let mut summary = self.report.summary;
        summary.keys = compared.report.summary.keys;
        summary.changes = compared.report.summary.changes;
        compared.report.summary = summary;
        compared
    }

    /// Every key, sorted as `keys.csv` has them.
    pub fn keys(&self) -> impl Iterator<Item = &JudgedKey> {
        self.accounts.iter().flat_map(|account| &account.keys)
    }
}

impl Deref for WholeReport {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.report
    }
}

impl DerefMut for WholeReport {
    fn deref_mut(&mut self) -> &mut Report {
        &mut self.report
    }
}

/// Each of `accounts` with what an earlier run knew of its keys. One that only the earlier run knew
/// comes in its place, as what is `left` of it.
fn merged<Account>(
    accounts: impl Iterator<Item = Account>,
    id: fn(&Account) -> Option<AccountId>,
    mut known: KnownAccounts<impl Iterator<Item = Result<Vec<KnownKey>, Infallible>>>,
    left: fn(AccountId) -> Account,
) -> impl Iterator<Item = (Account, Vec<KnownKey>)> {
    let mut accounts = accounts.peekable();
    std::iter::from_fn(move || {
        let Ok(left_before) = known.left_before(accounts.peek().map(id));
        match left_before {
            Some((account, keys)) => Some((left(account), keys)),
            None => {
                let account = accounts.next()?;
                let Ok(keys) = known.of(id(&account));
                Some((account, keys))
            }
        }
    })
}
