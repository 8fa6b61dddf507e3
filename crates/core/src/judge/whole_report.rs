//! A report with all its accounts in memory, for tests and examples.

use std::{
    convert::Infallible,
    ops::{Deref, DerefMut},
};

use crate::{
    judge::{
        findings::{Findings, limits::Limits},
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        judging::Judging,
        last_run::LastRun,
        report::Report,
        summary::RunFacts,
    },
    model::{account_reading::AccountReading, organization_reading::Reading, reading::KeyReading},
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
        let mut findings = Findings::new(last.compared_with(), limits);
        let readings = reading.into_accounts().map(Ok::<_, Infallible>);
        let left = AccountReading::left;
        let readings = last
            .accounts()
            .beside(readings, |reading| reading.account, left);
        let accounts = readings.map(|read| {
            let Ok((reading, known)) = read;
            let judged = judging.judge(reading, known);
            findings.add(&judged);
            judged
        });
        let accounts = accounts.collect();
        Self {
            accounts,
            report: Report::new(run, findings),
        }
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
