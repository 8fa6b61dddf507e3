//! What a run read, judged account by account. It is gone through more than once: judged keys are
//! too many to be kept.

use std::iter::Peekable;

use keycensus_core::{
    judge::{
        changes::ComparedWith, judged_account::JudgedAccount, judging::Judging,
        last_run::KnownAccounts, summary::RunFacts,
    },
    model::account_reading::AccountReading,
};

use crate::{
    error::CensusError,
    report::{
        kept_readings::KeptReadings,
        last_report::{KnownByAccount, LastReport},
    },
    store::on_disk::not_held,
};

/// What a run read, and what it is compared with.
pub(crate) struct Readings {
    /// The run and the settings of its verdicts.
    pub(crate) run: RunFacts,
    accounts: KeptReadings,
    last: LastReport,
}

/// Accounts that are judged when they are asked for, in the order of their IDs; the organization
/// itself comes first.
pub(crate) struct Judged<'a> {
    judging: Judging,
    accounts: Peekable<Box<dyn Iterator<Item = AccountReading> + Send + 'a>>,
    known: KnownAccounts<KnownByAccount>,
}

impl Readings {
    pub(crate) fn new(run: RunFacts, accounts: KeptReadings, last: LastReport) -> Self {
        Self {
            run,
            accounts,
            last,
        }
    }

    /// What the run is compared with.
    pub(crate) fn compared_with(&self) -> ComparedWith {
        self.last.compared_with()
    }

    /// Judges every account anew, from the first on.
    pub(crate) fn judged(&self) -> Result<Judged<'_>, CensusError> {
        let accounts: Box<dyn Iterator<Item = _> + Send> = Box::new(self.accounts.all());
        Ok(Judged {
            judging: Judging::new(&self.run, self.compared_with()),
            accounts: accounts.peekable(),
            known: KnownAccounts::new(self.last.accounts().map_err(not_held)?),
        })
    }

    /// Every account, judged anew, until what they are made from cannot be read any more: then it is logged what is
    /// not done.
    pub(crate) fn judged_as_far_as_readable(
        &self,
        not_done: &'static str,
    ) -> impl Iterator<Item = JudgedAccount> + Send + use<'_> {
        let readable = move |error: &CensusError| tracing::warn!("{not_done}: {error}");
        let judged = self.judged().inspect_err(readable);
        let accounts = judged.into_iter().flat_map(move |mut judged| {
            let next = move || judged.next().inspect_err(readable).ok().flatten();
            std::iter::from_fn(next)
        });
        accounts.fuse()
    }
}

impl Judged<'_> {
    /// The next account; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<JudgedAccount>, CensusError> {
        let next = self.accounts.peek().map(|reading| reading.account);
        let left = self.known.left_before(next).map_err(not_held)?;
        let (reading, known) = match (left, next) {
            (Some((account, known)), _) => (AccountReading::left(account), known),
            (None, None) => return Ok(None),
            (None, Some(_)) => {
                let Some(reading) = self.accounts.next() else {
                    return Ok(None);
                };
                let known = self.known.of(reading.account).map_err(not_held)?;
                (reading, known)
            }
        };
        Ok(Some(self.judging.judge(reading, known)))
    }
}
