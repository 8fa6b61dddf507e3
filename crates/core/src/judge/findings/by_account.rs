//! Flagged keys of one kind by account, as far as a text that is cut to fit can list them.

use std::{cmp::Reverse, collections::BTreeMap};

use super::limits::ByAccountLimits;
use crate::judge::judged_key::JudgedKey;

/// What sorts flagged keys: the longest idle first.
pub type LongestIdle = Reverse<Option<i64>>;

/// The order of flagged keys.
#[must_use]
pub fn longest_idle(judged: &JudgedKey) -> LongestIdle {
    Reverse(judged.judgement.idle_days)
}

/// Flagged keys of one kind, by account: accounts by their longest idle key, and so the keys of
/// each.
///
/// The text that lists them goes through the accounts in their order and lists the first key of
/// each for which there is room; then there is less room than before. So an account is listed only
/// if each better one whose first entry takes no more is listed, too: an account is left out here
/// as soon as there are as many of those as keys are listed at most.
#[derive(Debug, Clone)]
pub struct ByAccount {
    limits: ByAccountLimits,
    keys: u64,
    accounts: usize,
    kept: BTreeMap<(LongestIdle, usize), AccountKeys>,
}

/// Flagged keys of one kind of one account.
#[derive(Debug, Clone)]
pub struct AccountKeys {
    /// Those that are kept, longest idle first; there is one at least.
    pub keys: Vec<JudgedKey>,
    /// How many there are, those that are not kept included.
    pub all: usize,
    first_entry: usize,
    /// How many better accounts there are whose first entry takes no more.
    better: usize,
}

impl ByAccount {
    pub(crate) fn new(limits: ByAccountLimits) -> Self {
        Self {
            limits,
            keys: 0,
            accounts: 0,
            kept: BTreeMap::new(),
        }
    }

    /// Adds the keys of an account.
    pub(crate) fn add(&mut self, mut keys: Vec<&JudgedKey>) {
        keys.sort_by_key(|key| longest_idle(key));
        let Some(first) = keys.first() else {
            return;
        };
        let place = (longest_idle(first), self.accounts);
        let first_entry = (self.limits.first_entry)(first);
        self.keys += keys.len() as u64;
        self.accounts += 1;
        let before = self.kept.range(..&place);
        let better = before.filter(|(_, account)| account.first_entry <= first_entry);
        let better = better.count();
        for (_, account) in self.kept.range_mut(&place..) {
            account.better += usize::from(first_entry <= account.first_entry);
        }
        let is_listed = |better: usize| better < self.limits.keys;
        self.kept.retain(|_, account| is_listed(account.better));
        if is_listed(better) {
            let kept = keys.iter().take(self.at_most()).copied();
            let account = AccountKeys {
                keys: kept.cloned().collect(),
                all: keys.len(),
                first_entry,
                better,
            };
            self.kept.insert(place, account);
        }
        if self.accounts == 2 {
            let at_most = self.at_most();
            let kept = self.kept.values_mut();
            kept.for_each(|account| account.keys.truncate(at_most));
        }
    }

    /// How many keys there are, those that are not kept included.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// How many keys of an account are listed at most.
    #[must_use]
    pub fn at_most(&self) -> usize {
        match self.accounts {
            0 | 1 => self.limits.keys,
            _ => self.limits.of_account,
        }
    }

    /// The accounts that are kept, in their order.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountKeys> {
        self.kept.values()
    }
}
