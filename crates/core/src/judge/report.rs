//! The report, made from what was read: the third stage of a run.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};

use crate::{
    judge::{
        changes::{self, Changes},
        flagged::AssessedKey,
        history::Change,
        judged_key::{Context, JudgedKey},
        last_run::LastRun,
        multi_region,
        summary::{RunFacts, Summary},
        verdict::Judgement,
    },
    model::{
        account::AccountId, coverage::CoverageRow, organization_reading::Reading,
        reading::KeyReading, time::date,
    },
};

/// A judged organization.
#[derive(Debug, Clone)]
pub struct Report {
    /// Every key, sorted as `keys.csv` has them.
    pub keys: Vec<JudgedKey>,
    /// Every coverage row.
    pub coverage: Vec<CoverageRow>,
    /// What differs from the last run, beside each key's own history.
    pub changes: Changes,
    /// The run in numbers.
    pub summary: Summary,
    /// The run's UTC date.
    pub scan_date: Date,
    /// The moment the run began.
    pub now: Timestamp,
}

impl Report {
    /// Judges every key that was read, once: by itself, with the other keys of its set,
    /// and in the light of the last run.
    #[must_use]
    pub fn new<Keys>(run: &RunFacts, reading: Reading<Keys>, last: &LastRun) -> Self
    where
        Keys: IntoIterator<Item = KeyReading>,
    {
        let mut keys: Vec<KeyReading> = reading.keys.into_iter().collect();
        keys.iter_mut().for_each(|key| key.names.sort());
        // No two are equal, and a stable sort would take half as much memory again.
        keys.sort_unstable_by(|a, b| a.identity().cmp(&b.identity()));
        let scan_date = date(run.now);
        let assessed: Vec<AssessedKey<'_>> = keys
            .iter()
            .map(|key| AssessedKey::new(key, run.stale_after_days, run.now))
            .collect();
        let rests = multi_region::rests_of_sets(&assessed);
        let (histories, changes) = changes::compare(&assessed, &reading.coverage, last, scan_date);
        let judgements: Vec<Judgement> = assessed.iter().map(|key| key.judgement).collect();

        let ou_paths: BTreeMap<AccountId, Arc<str>> = reading
            .ou_paths
            .into_iter()
            .map(|(account, path)| (account, path.into()))
            .collect();
        let thresholds = run.thresholds();
        let judged = judgements.into_iter().zip(histories).zip(rests);
        let keys: Vec<JudgedKey> = keys
            .into_iter()
            .zip(judged)
            .map(|(key, ((judgement, history), rest_of_set))| {
                let context = Context {
                    ou_path: ou_paths.get(&key.account.id).cloned().unwrap_or_default(),
                    history,
                    rest_of_set,
                };
                JudgedKey::new(key, judgement, context, &thresholds, run.now)
            })
            .collect();
        let summary = Summary::of(run, &keys, &reading.coverage, &changes);
        Self {
            keys,
            coverage: reading.coverage,
            changes,
            summary,
            scan_date,
            now: run.now,
        }
    }

    /// The same report, compared with another run than before.
    #[must_use]
    pub fn compared_with(mut self, other: &LastRun) -> Self {
        let assessed: Vec<AssessedKey<'_>> = self.keys.iter().map(JudgedKey::assessed).collect();
        let (histories, changes) =
            changes::compare(&assessed, &self.coverage, other, self.scan_date);
        let thresholds = self.summary.thresholds();
        let keys = self.keys.into_iter().zip(histories);
        self.keys = keys
            .map(|(judged, history)| judged.with_history(history, &thresholds, self.now))
            .collect();
        self.changes = changes;
        self.summary.count_changes(&self.keys, &self.changes);
        self
    }

    /// How many keys are as they were in the last run.
    #[must_use]
    pub fn unchanged(&self) -> u64 {
        self.with_change(Change::Same).count() as u64
    }

    /// The keys with a change, in the order of `keys.csv`.
    pub fn with_change(&self, change: Change) -> impl Iterator<Item = &JudgedKey> {
        let keys = self.keys.iter();
        keys.filter(move |judged| judged.history.change == Some(change))
    }

    /// The keys that differ, those with the same change together.
    pub fn differing(&self) -> impl Iterator<Item = (Change, &JudgedKey)> {
        let changes = Change::ALL.into_iter();
        let differing = changes.filter(|change| *change != Change::Same);
        differing.flat_map(|change| self.with_change(change).map(move |judged| (change, judged)))
    }

    /// The flagged keys, in the order of `keys.csv`.
    pub fn flagged(&self) -> impl Iterator<Item = &JudgedKey> {
        self.keys.iter().filter(|key| key.is_flagged())
    }
}

#[cfg(test)]
mod tests;
