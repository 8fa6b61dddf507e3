//! From what was read to what is told: the third stage of a run.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};

use crate::{
    files::last_run::LastRun,
    judge::{
        change::Change,
        changes::{self, Changes},
        judged_key::{self, JudgedKey, Thresholds},
        multi_region, recommendation,
        summary::{RunFacts, Summary},
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
    /// Judges every key that was read, by itself, with the other keys of its set,
    /// and in the light of the last run.
    #[must_use]
    pub fn new<Keys>(run: &RunFacts, reading: Reading<Keys>, last: &LastRun) -> Self
    where
        Keys: IntoIterator<Item = KeyReading>,
    {
        let ou_paths: BTreeMap<AccountId, Arc<str>> = reading
            .ou_paths
            .into_iter()
            .map(|(account, path)| (account, path.into()))
            .collect();
        let thresholds = Thresholds {
            stale_after_days: run.stale_after_days,
            rotate_after_days: run.rotate_after_days,
        };
        let mut keys: Vec<JudgedKey> = reading
            .keys
            .into_iter()
            .map(|key| {
                let ou_path = ou_paths.get(&key.account.id).cloned().unwrap_or_default();
                JudgedKey::new(key, ou_path, &thresholds, run.now)
            })
            .collect();
        judged_key::sort(&mut keys);
        multi_region::judge_sets(&mut keys);
        let scan_date = date(run.now);
        let changes = changes::compare(&mut keys, &reading.coverage, last, scan_date);
        recommendation::after_watching(&mut keys, run.watch_days, scan_date);
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
        self.changes = changes::compare(&mut self.keys, &self.coverage, other, self.scan_date);
        let watch_days = self.summary.watch_days;
        recommendation::after_watching(&mut self.keys, watch_days, self.scan_date);
        self.summary.count_changes(&self.keys, &self.changes);
        self
    }

    /// How many keys are as they were in the last run.
    #[must_use]
    pub fn unchanged(&self) -> u64 {
        let keys = self.keys.iter();
        keys.filter(|judged| judged.history.change == Some(Change::Same))
            .count() as u64
    }

    /// The flagged keys, in the order of `keys.csv`.
    pub fn flagged(&self) -> impl Iterator<Item = &JudgedKey> {
        self.keys.iter().filter(|key| key.is_flagged())
    }
}

#[cfg(test)]
mod tests;
