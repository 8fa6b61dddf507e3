//! A key with its verdict, recommendation, price and history.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    judge::{
        flagged::AssessedKey,
        history::{Change, History},
        multi_region::RestOfSet,
        price::monthly_cents,
        recommend::{RecommendationInput, recommend},
        recommendation::Recommendation,
        verdict::Judgement,
    },
    model::{
        gap::Gap,
        reading::{KeyKind, KeyReading, LastUse, Usage},
        time::idle_days,
    },
};

/// A key with all that a report has about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedKey {
    /// The key as it was read; its names are sorted.
    pub key: KeyReading,
    /// Where its account is in the organization, by name; empty when not known.
    pub ou_path: Arc<str>,
    /// Its verdict.
    pub judgement: Judgement,
    /// Whole days since it was created; `None` when that could not be read.
    pub age_days: Option<i64>,
    /// What to do about it.
    pub recommendation: Recommendation,
    /// US cents a month that it costs now, at list price; `None` when it could not
    /// be read whose key it is.
    pub monthly_cents: Option<u64>,
    /// What earlier runs add.
    pub history: History,
    /// The rest of its set of multi-Region keys; `None` unless it is a flagged key of such a set.
    pub rest_of_set: Option<Box<RestOfSet>>,
}

/// The thresholds of verdicts and recommendations, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// T: from how many idle days a key is unused.
    pub stale_after_days: u32,
    /// Age from which an access key in use should be rotated.
    pub rotate_after_days: u32,
    /// How long a key is watched, once it is disabled, before it is to be deleted.
    pub watch_days: u32,
}

/// What a report has about a key beside its own reading.
#[derive(Debug, Default)]
pub struct Context {
    /// Where its account is in the organization, by name; empty when not known.
    pub ou_path: Arc<str>,
    /// What earlier runs add.
    pub history: History,
    /// The rest of its set of multi-Region keys.
    pub rest_of_set: Option<RestOfSet>,
}

impl JudgedKey {
    /// Completes `key`, judged at `now`.
    #[must_use]
    pub fn new(
        key: KeyReading,
        judgement: Judgement,
        context: Context,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Self {
        let age_days = key.created_at.map(|created| idle_days(created, now));
        let assessed = AssessedKey {
            key: &key,
            judgement,
        };
        let input = RecommendationInput {
            age_days,
            history: &context.history,
            rest_of_set: context.rest_of_set.as_ref(),
            rotate_after_days: thresholds.rotate_after_days,
            watch_days: thresholds.watch_days,
            now,
        };
        Self {
            recommendation: recommend(&assessed, &input),
            monthly_cents: monthly_cents(&key),
            age_days,
            key,
            ou_path: context.ou_path,
            judgement,
            history: context.history,
            rest_of_set: context.rest_of_set.map(Box::new),
        }
    }

    /// Judges `key` at `now` by itself: without earlier runs and other keys.
    #[must_use]
    pub fn by_itself(mut key: KeyReading, thresholds: &Thresholds, now: Timestamp) -> Self {
        key.names.sort();
        let judgement = AssessedKey::new(&key, thresholds.stale_after_days, now).judgement;
        Self::new(key, judgement, Context::default(), thresholds, now)
    }

    /// The same key with another history.
    #[must_use]
    pub(crate) fn with_history(
        self,
        history: History,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Self {
        let context = Context {
            ou_path: self.ou_path,
            history,
            rest_of_set: self.rest_of_set.map(|rest| *rest),
        };
        Self {
            // Of a stored report, rotations are not known, but the price is.
            monthly_cents: self.monthly_cents,
            ..Self::new(self.key, self.judgement, context, thresholds, now)
        }
    }

    /// The key with its verdict.
    #[must_use]
    pub fn assessed(&self) -> AssessedKey<'_> {
        AssessedKey {
            key: &self.key,
            judgement: self.judgement,
        }
    }

    /// Whether its verdict says that it is unused, it is not exempt, and its kind can be flagged.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.assessed().is_flagged()
    }

    /// Whether somebody was refused its use of late, so that it is to be brought back.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.recommendation.brings_back()
    }

    /// Whether it is flagged and was not in the last run; in the first census,
    /// whether it is flagged.
    #[must_use]
    pub fn is_newly_flagged(&self) -> bool {
        let was_not = match self.history.change {
            None | Some(Change::New | Change::NewlyFlagged) => true,
            Some(Change::NeededAgain | Change::UsedAgain | Change::StateChanged | Change::Same) => {
                false
            }
        };
        self.is_flagged() && was_not
    }

    /// Those of `keys` that are flagged KMS keys and in a set, each with the rest of it.
    pub(crate) fn of_sets<'a>(
        keys: impl IntoIterator<Item = &'a Self>,
    ) -> impl Iterator<Item = (&'a KeyReading, &'a RestOfSet)> {
        let keys = keys.into_iter();
        let keys = keys.filter(|judged| judged.key.kind == KeyKind::KmsKey);
        keys.filter_map(|judged| Some((&judged.key, judged.rest_of_set.as_deref()?)))
    }

    /// The Region it is in; `global` for a global key.
    #[must_use]
    pub fn region(&self) -> &str {
        self.key.region_or_global()
    }

    /// Its last use, where one is recorded.
    #[must_use]
    pub fn last_use(&self) -> Option<&LastUse> {
        match &self.key.usage {
            Usage::Recorded(last_use) => Some(last_use),
            Usage::NotRead | Usage::NoneRecorded { .. } | Usage::Unreadable(_) => None,
        }
    }

    /// Since when its uses are recorded; `None` where AWS does not report it.
    #[must_use]
    pub fn tracked_since(&self) -> Option<Timestamp> {
        match &self.key.usage {
            // Of a secret, AWS does not document it.
            _ if self.key.kind == KeyKind::Secret => None,
            Usage::Recorded(last_use) => last_use.tracked_since,
            Usage::NoneRecorded { tracked_since, .. } => Some(*tracked_since),
            Usage::NotRead | Usage::Unreadable(_) => None,
        }
    }

    /// The gap that leaves it unknown whether the key, which is flagged, is exempt.
    #[must_use]
    pub fn exemption_gap(&self) -> Option<&Gap> {
        self.assessed().exemption_gap()
    }

    /// The value of `dependents_checked`: `yes`, `no` or an error code; empty where dependents do
    /// not matter.
    #[must_use]
    pub fn dependents_checked(&self) -> &str {
        match self.key.dependents() {
            Some(dependents) => dependents.checked(),
            None if self.assessed().dependents_matter() => "no",
            None => "",
        }
    }
}
