//! The judging of one account after the other: nothing of one account matters to the next.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use crate::{
    judge::{
        changes::{self, ComparedWith, Earlier, Missing},
        flagged::AssessedKey,
        history::History,
        judged_account::JudgedAccount,
        judged_key::{Context, JudgedKey, Thresholds},
        known_keys::KnownKey,
        multi_region::{self, RestOfSet},
        summary::RunFacts,
        verdict::Judgement,
    },
    model::{account_reading::AccountReading, coverage::CoverageRow, kind::Family},
};

/// Judges the accounts of a run, given in the order of their IDs, the organization itself before
/// them. To judge them a second time takes another one.
#[derive(Debug)]
pub struct Judging {
    thresholds: Thresholds,
    /// What was read.
    kinds: BTreeSet<Family>,
    now: Timestamp,
    compared_with: ComparedWith,
    /// Whether an account that was not read is not in the organization.
    are_all_accounts: bool,
}

impl Judging {
    /// Judges at the time of a run, and compares with another.
    #[must_use]
    pub fn new(run: &RunFacts, compared_with: ComparedWith) -> Self {
        Self {
            thresholds: run.thresholds(),
            kinds: run.kinds.clone(),
            now: run.now,
            compared_with,
            are_all_accounts: true,
        }
    }

    /// Judges every key of an account: by itself, with the other keys of its set, and in the light
    /// of what the run that it is compared with knew of the account's keys, sorted by their
    /// identities.
    #[must_use]
    pub fn judge(&mut self, reading: AccountReading, known: Vec<KnownKey>) -> JudgedAccount {
        let AccountReading {
            account,
            mut keys,
            coverage,
            ou_path,
        } = reading;
        keys.iter_mut().for_each(|key| key.names.sort());
        // No two are equal.
        keys.sort_unstable_by(|a, b| a.identity().cmp(&b.identity()));
        multi_region::complete_sets_of_secrets(&mut keys);
        let stale_after_days = self.thresholds.stale_after_days;
        let assessed: Vec<AssessedKey<'_>> = keys
            .iter()
            .map(|key| AssessedKey::new(key, stale_after_days, self.now))
            .collect();
        let rests = multi_region::rests_of_sets(&assessed);
        let (histories, missing) = self.compare(&assessed, &coverage, known);
        let judgements: Vec<Judgement> = assessed.iter().map(|key| key.judgement).collect();

        let ou_path: Arc<str> = ou_path.unwrap_or_default().into();
        let context = |(history, rest_of_set): (History, Option<RestOfSet>)| Context {
            ou_path: Arc::clone(&ou_path),
            history,
            rest_of_set,
        };
        let contexts = histories.into_iter().zip(rests).map(context);
        let judged = keys.into_iter().zip(judgements).zip(contexts);
        let keys = judged.map(|((key, judgement), context)| {
            JudgedKey::new(key, judgement, context, &self.thresholds, self.now)
        });
        JudgedAccount {
            account,
            keys: keys.collect(),
            coverage,
            gone: missing.gone,
            unseen: missing.unseen,
        }
    }

    /// The same account as `judged`, compared with what another run than before knew of it.
    #[must_use]
    pub fn compare_again(
        &mut self,
        mut judged: JudgedAccount,
        known: Vec<KnownKey>,
    ) -> JudgedAccount {
        let keys = std::mem::take(&mut judged.keys);
        let assessed: Vec<AssessedKey<'_>> = keys.iter().map(JudgedKey::assessed).collect();
        let (histories, missing) = self.compare(&assessed, &judged.coverage, known);
        let keys = keys.into_iter().zip(histories);
        let keys =
            keys.map(|(judged, history)| judged.with_history(history, &self.thresholds, self.now));
        JudgedAccount {
            keys: keys.collect(),
            gone: missing.gone,
            unseen: missing.unseen,
            ..judged
        }
    }

    /// The history of each of an account's keys, and those that are missing, by what the other run
    /// knew of it.
    fn compare(
        &mut self,
        keys: &[AssessedKey<'_>],
        coverage: &[CoverageRow],
        known: Vec<KnownKey>,
    ) -> (Vec<History>, Missing) {
        self.are_all_accounts &= !coverage.iter().any(CoverageRow::is_listing_of_accounts);
        let earlier = match self.compared_with {
            ComparedWith::Nothing(_) => None,
            ComparedWith::LastRun(_) => Some(Earlier {
                keys: known,
                are_all_accounts: self.are_all_accounts,
            }),
        };
        let watch_days = self.thresholds.watch_days;
        changes::compare(keys, coverage, &self.kinds, earlier, watch_days, self.now)
    }
}
