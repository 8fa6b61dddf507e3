//! What a report says of an organization: numbers, and the first of what it lists. It is made from
//! one account after the other, and does not grow with the number of keys.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;

use crate::{
    judge::{
        changes::{ComparedWith, GoneKey},
        guard_counts::GuardCounts,
        history::Change,
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        known_keys::KnownKey,
        recommendation::Recommendation,
        remedy::{self, Remedy},
        summary::Counts,
        verdict::Verdict,
    },
    model::{
        account::AccountId,
        coverage::{CoverageRow, CoverageStatus, Scope},
        reading::KeyKind,
        region::Region,
    },
};

pub mod account_totals;
pub mod by_account;
pub mod cells;
pub mod flagged;
pub mod gap_counts;
pub mod limits;
pub mod needed;
pub mod top;

use account_totals::AccountTotals;
use by_account::{LongestIdle, longest_idle};
use cells::{AccountCells, MostToSee};
use flagged::Flagged;
use gap_counts::GapCounts;
use limits::Limits;
use needed::{DeletionOrder, NeededKeys, deletion_order};
use top::Top;

/// What sorts gaps: accounts that were not entered first, then by account and cell.
type GapOrder = (bool, Option<AccountId>, Scope);

/// What a report says of an organization, but for the keys themselves.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What the run was compared with.
    pub compared_with: ComparedWith,
    /// Keys and coverage as the summary counts them.
    pub(crate) counts: Counts,
    /// The keys of each account in numbers, in the order of the accounts' IDs; accounts without a
    /// key are not there.
    pub accounts: Vec<AccountTotals>,
    /// Keys whose idle days are known, by idle days.
    pub idle_age: BTreeMap<i64, IdleCounts>,
    /// Exempt keys.
    pub exempt: u64,
    /// Keys of which it was to be looked for what depends on them, and was not.
    pub dependents_not_checked: u64,
    /// Root access keys that are not flagged.
    pub unflagged_root_keys: u64,
    /// Whether an IAM cell was read, or was to be.
    pub reads_iam: bool,
    /// Gaps in coverage, in numbers.
    pub gap_counts: GapCounts,
    /// What would close the gaps.
    pub remedies: BTreeSet<Remedy>,
    /// The partition by the first Region that was covered; `None`: none was.
    partition_of_regions: Option<&'static str>,
    /// The partition by the first ARN of a key; `None`: there is none.
    partition_of_keys: Option<String>,

    /// Flagged keys, as the digest lists them.
    pub flagged: Flagged,
    /// All flagged keys, longest idle first.
    pub all_flagged: Top<LongestIdle, JudgedKey>,
    /// Root access keys, active ones first.
    pub root_keys: Top<bool, JudgedKey>,
    /// Root users' passwords of which a use is recorded, the latest use first.
    pub root_sign_ins: Top<Reverse<Timestamp>, JudgedKey>,
    /// Those of them whose last use is less than T days ago.
    pub recent_root_sign_ins: u64,
    /// Keys that somebody was refused, and that are to be brought back.
    pub needed: NeededKeys,
    /// Keys that are pending deletion, the next to go first.
    pub pending_deletion: Top<DeletionOrder, JudgedKey>,
    /// Access keys to rotate, the oldest first.
    pub to_rotate: Top<Reverse<Option<i64>>, JudgedKey>,
    /// Service-specific credentials to replace, the oldest first.
    pub service_credentials: Top<Reverse<Option<i64>>, JudgedKey>,
    /// All service-specific credentials: those to replace first, and of those the oldest.
    pub all_service_credentials: Top<(bool, Reverse<Option<i64>>), JudgedKey>,
    /// Keys by their changes.
    changed: BTreeMap<Change, Top<(), JudgedKey>>,
    /// Keys that are gone.
    pub gone: Top<(), GoneKey>,
    /// Keys that may still exist: their cells were not listed.
    pub unseen: Top<(), KnownKey>,
    /// Gaps in coverage, accounts that were not entered first.
    pub gaps: Top<GapOrder, CoverageRow>,
    /// Names in settings that select nothing.
    pub idle_settings: Top<(Option<AccountId>, String), CoverageRow>,
    /// Accounts with something flagged or missing, that with the most first.
    pub cells: Top<MostToSee, AccountCells>,
}

/// Keys of the same idle age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdleCounts {
    /// Keys that are not unused, and root users' passwords, used or not.
    pub used: u64,
    /// Unused and exempt keys.
    pub exempt: u64,
    /// Flagged keys.
    pub flagged: u64,
}

impl IdleCounts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.used + self.exempt + self.flagged
    }
}

impl Findings {
    /// The findings of a run without an account.
    #[must_use]
    pub fn new(compared_with: ComparedWith, limits: &Limits) -> Self {
        let differing = Change::ALL.into_iter();
        let differing = differing.map(|change| match change {
            Change::Same => (change, Top::new(0)),
            _ => (change, Top::new(limits.changed)),
        });
        Self {
            compared_with,
            counts: Counts::new(compared_with),
            accounts: Vec::new(),
            idle_age: BTreeMap::new(),
            exempt: 0,
            dependents_not_checked: 0,
            unflagged_root_keys: 0,
            reads_iam: false,
            gap_counts: GapCounts::default(),
            remedies: BTreeSet::new(),
            partition_of_regions: None,
            partition_of_keys: None,
            flagged: Flagged::new(limits),
            all_flagged: Top::new(limits.flagged),
            root_keys: Top::new(limits.root_keys),
            root_sign_ins: Top::new(limits.root_keys),
            recent_root_sign_ins: 0,
            needed: Top::new(limits.needed),
            pending_deletion: Top::new(limits.pending_deletion),
            to_rotate: Top::new(limits.to_rotate),
            service_credentials: Top::new(limits.service_credentials),
            all_service_credentials: Top::new(limits.all_service_credentials),
            changed: differing.collect(),
            gone: Top::new(limits.gone),
            unseen: Top::new(limits.unseen),
            gaps: Top::new(limits.gaps),
            idle_settings: Top::new(limits.idle_settings),
            cells: Top::new(limits.cells),
        }
    }

    /// Adds an account. Accounts come in the order of their IDs, the organization itself first.
    pub fn add(&mut self, account: &JudgedAccount) {
        self.counts.add(account);
        self.accounts.extend(AccountTotals::of(account));
        account.keys.iter().for_each(|judged| self.add_key(judged));
        account.coverage.iter().for_each(|row| self.add_row(row));
        let flagged: Vec<&JudgedKey> = account.flagged().collect();
        self.flagged.add(&flagged);
        for gone in &account.gone {
            self.gone.offer((), || gone.clone());
        }
        for unseen in &account.unseen {
            self.unseen.offer((), || unseen.clone());
        }
        if let Some(cells) = AccountCells::of(account) {
            self.cells.offer(cells.order(), || cells);
        }
    }

    fn add_key(&mut self, judged: &JudgedKey) {
        let key = &judged.key;
        let kept = || judged.clone();
        let is_flagged = judged.is_flagged();
        self.remedies.extend(remedy::of_key(judged));
        self.exempt += u64::from(key.exemption.is_some());
        self.dependents_not_checked += u64::from(judged.dependents_checked() == "no");
        if let Some(idle_days) = judged.judgement.idle_days {
            let counts = self.idle_age.entry(idle_days).or_default();
            if is_flagged {
                counts.flagged += 1;
            } else if judged.judgement.verdict.means_unused() && key.exemption.is_some() {
                counts.exempt += 1;
            } else {
                counts.used += 1;
            }
        }
        if self.partition_of_keys.is_none() {
            let partition = key.arn.split(':').nth(1);
            let partition = partition.filter(|partition| partition.starts_with("aws"));
            self.partition_of_keys = partition.map(str::to_owned);
        }
        if is_flagged {
            self.all_flagged.offer(longest_idle(judged), kept);
        }
        if key.kind == KeyKind::RootAccessKey {
            self.unflagged_root_keys += u64::from(!is_flagged);
            self.root_keys.offer(is_inactive(judged), kept);
        }
        if let (KeyKind::RootPassword, Some(last_use)) = (key.kind, judged.last_use()) {
            let is_recent = judged.judgement.verdict == Verdict::InUse;
            self.recent_root_sign_ins += u64::from(is_recent);
            self.root_sign_ins.offer(Reverse(last_use.at), kept);
        }
        self.needed.add(judged);
        if judged.judgement.verdict == Verdict::PendingDeletion {
            self.pending_deletion.offer(deletion_order(judged), kept);
        }
        let oldest = Reverse(judged.age_days);
        if key.kind == KeyKind::ServiceCredential {
            let is_to_replace = judged.recommendation != Recommendation::None;
            if is_to_replace {
                self.service_credentials.offer(oldest, kept);
            }
            self.all_service_credentials
                .offer((!is_to_replace, oldest), kept);
        } else if judged.recommendation == Recommendation::Rotate {
            self.to_rotate.offer(oldest, kept);
        }
        let change = judged.history.change;
        if let Some(changed) = change.and_then(|change| self.changed.get_mut(&change)) {
            changed.offer((), kept);
        }
    }

    fn add_row(&mut self, row: &CoverageRow) {
        self.remedies.extend(remedy::of_row(row));
        if let Scope::Cell { region, kind } = &row.scope {
            self.reads_iam |= *kind == KeyKind::IamAccessKey;
            if self.partition_of_regions.is_none() {
                self.partition_of_regions = region.as_ref().map(Region::partition);
            }
        }
        if row.status.is_gap() {
            self.gap_counts.add(row);
            let is_entered = row.status != CoverageStatus::Unreachable;
            let order = (is_entered, row.account_id(), row.scope.clone());
            self.gaps.offer(order, || row.clone());
        }
        if row.is_idle_setting() {
            let order = (row.account_id(), row.detail.clone());
            self.idle_settings.offer(order, || row.clone());
        }
    }

    /// How many accounts have flagged keys.
    #[must_use]
    pub fn accounts_with_flagged(&self) -> u64 {
        let accounts = self.accounts.iter();
        accounts.filter(|keys| keys.flagged > 0).count() as u64
    }

    /// How many accounts have flagged keys, or keys that somebody still needs.
    #[must_use]
    pub fn accounts_to_act_on(&self) -> u64 {
        let accounts = self.accounts.iter();
        accounts
            .filter(|keys| keys.flagged + keys.needed > 0)
            .count() as u64
    }

    /// How many keys have a change.
    #[must_use]
    pub fn changed(&self, change: Change) -> u64 {
        self.changed.get(&change).map_or(0, Top::all)
    }

    /// Keys with a change, in the order of `keys.csv`.
    pub fn with_change(&self, change: Change) -> impl Iterator<Item = &JudgedKey> {
        self.changed.get(&change).into_iter().flat_map(Top::iter)
    }

    /// Keys that differ, those with the same change together.
    pub fn differing(&self) -> impl Iterator<Item = (Change, &JudgedKey)> {
        let changes = Change::ALL.into_iter();
        changes.flat_map(|change| self.with_change(change).map(move |judged| (change, judged)))
    }

    /// How the customers' KMS keys are guarded; `None` where no key policy was read.
    #[must_use]
    pub fn guards(&self) -> Option<GuardCounts> {
        let guards = self.accounts.iter().map(|account| account.guards);
        guards.sum::<GuardCounts>().if_read()
    }

    /// The partition that the census ran in, by any Region or key that was read.
    #[must_use]
    pub fn partition(&self) -> Option<&str> {
        self.partition_of_regions
            .or(self.partition_of_keys.as_deref())
    }
}

/// What sorts root access keys: active ones first.
pub(crate) fn is_inactive(judged: &JudgedKey) -> bool {
    judged.key.state.as_deref() == Some("Inactive")
}

#[cfg(test)]
mod tests;
