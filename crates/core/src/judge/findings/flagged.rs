//! The flagged keys of an organization or of one account, as messages list them.

use std::collections::BTreeMap;

use super::{
    by_account::{ByAccount, LongestIdle, longest_idle},
    limits::{ByAccountLimits, Limits},
    top::Top,
};
use crate::{
    judge::judged_key::JudgedKey,
    model::{gap::Gap, reading::KeyKind},
};

/// How many keys there are of each kind, in the order of [`KeyKind::ALL`].
pub type KindCounts = [u64; KeyKind::ALL.len()];

/// Flagged keys.
#[derive(Debug, Clone)]
pub struct Flagged {
    /// By kind.
    pub by_kind: KindCounts,
    /// Those that the last run had not flagged, longest idle first.
    pub new: Top<LongestIdle, JudgedKey>,
    limits: ByAccountLimits,
    by_account: BTreeMap<KeyKind, ByAccount>,
    /// Why what depends on keys is not known in full: the first gap of each key, with how many keys
    /// have it.
    pub dependents_gaps: BTreeMap<Gap, u64>,
}

impl Flagged {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            by_kind: KindCounts::default(),
            new: Top::new(limits.newly_flagged),
            limits: limits.by_account,
            by_account: BTreeMap::new(),
            dependents_gaps: BTreeMap::new(),
        }
    }

    /// Adds the flagged keys of an account.
    pub(crate) fn add(&mut self, keys: &[&JudgedKey]) {
        let mut of_kinds: BTreeMap<KeyKind, Vec<&JudgedKey>> = BTreeMap::new();
        for &judged in keys {
            of_kinds.entry(judged.key.kind).or_default().push(judged);
            for (count, kind) in self.by_kind.iter_mut().zip(KeyKind::ALL) {
                *count += u64::from(judged.key.kind == kind);
            }
            if judged.is_newly_flagged() {
                self.new
                    .offer(longest_idle(judged), || JudgedKey::clone(judged));
            }
            let dependents = judged.key.dependents();
            if let Some(gap) = dependents.and_then(|found| found.gaps.first()) {
                *self.dependents_gaps.entry(gap.clone()).or_default() += 1;
            }
        }
        for (kind, keys) in of_kinds {
            let by_account = self.by_account.entry(kind);
            by_account
                .or_insert_with(|| ByAccount::new(self.limits))
                .add(keys);
        }
    }

    /// Those of a kind, account by account; `None` where there is none.
    #[must_use]
    pub fn by_account(&self, kind: KeyKind) -> Option<&ByAccount> {
        self.by_account.get(&kind)
    }

    /// How many are of a kind.
    #[must_use]
    pub fn of_kind(&self, kind: KeyKind) -> u64 {
        let counts = self.by_kind.iter().zip(KeyKind::ALL);
        let of_kind = counts.filter(|(_, other)| *other == kind);
        of_kind.map(|(count, _)| count).sum()
    }
}
