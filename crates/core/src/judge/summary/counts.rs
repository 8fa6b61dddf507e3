//! What was found and covered, counted account by account.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    judge::{
        changes::{ChangeCounts, ComparedWith},
        judged_account::JudgedAccount,
        judged_key::JudgedKey,
        multi_region::MultiRegionCounts,
        verdict::Verdict,
    },
    model::{
        coverage::{CoverageRow, CoverageStatus, Scope},
        reading::KeyKind,
    },
};

/// What was covered, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CoverageCounts {
    /// Whether there is no gap.
    pub complete: bool,
    /// Accounts.
    pub accounts: AccountCounts,
    /// Cells of the accounts that were entered.
    pub cells: CellCounts,
    /// Gaps that are no account's, such as an organizational unit that a setting names
    /// and that is not there.
    pub organization_gaps: u64,
}

/// Accounts by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccountCounts {
    /// Entered.
    pub scanned: u64,
    /// Not entered: the role could not be assumed.
    pub unreachable: u64,
    /// Left out: not active, or excluded by a setting.
    pub skipped: u64,
}

/// Cells by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CellCounts {
    /// Read whole.
    pub scanned: u64,
    /// Some keys unreadable.
    pub partial: u64,
    /// Listing refused.
    pub denied: u64,
    /// Listing failed.
    pub failed: u64,
    /// No time left.
    pub deferred: u64,
}

impl CellCounts {
    /// Cells that were not read whole.
    #[must_use]
    pub fn with_gaps(&self) -> u64 {
        self.partial + self.denied + self.failed + self.deferred
    }
}

/// Keys in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct KeyCounts {
    /// All keys listed.
    pub total: u64,
    /// Those that are flagged.
    pub flagged: u64,
    /// Those of them that the last run had not flagged; all in the first census.
    pub newly_flagged: u64,
    /// Those that somebody was refused of late, because they are disabled or pending deletion.
    pub needed: u64,
    /// All keys by verdict; every verdict is there.
    pub by_verdict: BTreeMap<&'static str, u64>,
    /// All keys by kind; every kind is there.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Those that are flagged by kind; every kind is there.
    pub flagged_by_kind: BTreeMap<&'static str, u64>,
    /// What the flagged keys cost a month, in US dollars at list price.
    pub monthly_cost_usd_flagged: f64,
    /// Flagged multi-Region keys.
    pub multi_region: MultiRegionCounts,
}

impl KeyCounts {
    /// Keys of one kind.
    #[must_use]
    pub fn of_kind(&self, kind: KeyKind) -> u64 {
        self.by_kind.get(kind.as_str()).copied().unwrap_or(0)
    }

    /// What the flagged keys cost a month, in US cents.
    #[must_use]
    pub fn flagged_cents(&self) -> u64 {
        (self.monthly_cost_usd_flagged * 100.0).round() as u64
    }

    /// Flagged keys of one kind.
    #[must_use]
    pub fn flagged_of_kind(&self, kind: KeyKind) -> u64 {
        let flagged = self.flagged_by_kind.get(kind.as_str());
        flagged.copied().unwrap_or(0)
    }
}

/// What was found and covered.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    pub(crate) coverage: CoverageCounts,
    pub(crate) keys: KeyCounts,
    pub(crate) changes: ChangeCounts,
    flagged_cents: u64,
}

impl Counts {
    pub(crate) fn new(compared_with: ComparedWith) -> Self {
        Self {
            coverage: CoverageCounts {
                complete: true,
                ..CoverageCounts::default()
            },
            keys: KeyCounts {
                by_verdict: Verdict::ALL.map(|verdict| (verdict.as_str(), 0)).into(),
                by_kind: KeyKind::ALL.map(|kind| (kind.as_str(), 0)).into(),
                flagged_by_kind: KeyKind::ALL.map(|kind| (kind.as_str(), 0)).into(),
                ..KeyCounts::default()
            },
            changes: ChangeCounts::new(compared_with),
            flagged_cents: 0,
        }
    }

    pub(crate) fn add(&mut self, account: &JudgedAccount) {
        self.changes.add(account);
        let mut is_entered = false;
        for row in &account.coverage {
            self.coverage.add(row);
            let is_cell = !matches!(row.scope, Scope::WholeAccount);
            is_entered |= is_cell && row.account.is_some();
        }
        self.coverage.accounts.scanned += u64::from(is_entered);
        for judged in &account.keys {
            self.keys.add(judged);
            if judged.is_flagged() {
                self.flagged_cents += judged.monthly_cents.unwrap_or(0);
            }
        }
        self.keys.monthly_cost_usd_flagged = self.flagged_cents as f64 / 100.0;
        let of_sets = JudgedKey::of_sets(&account.keys);
        self.keys.multi_region += MultiRegionCounts::of(of_sets);
    }
}

impl CoverageCounts {
    /// How many gaps there are; none where coverage is complete.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.cells.with_gaps() + self.accounts.unreachable + self.organization_gaps
    }

    /// Counts a row. Whether the account of a cell was entered is counted once, not here.
    fn add(&mut self, row: &CoverageRow) {
        self.complete &= !row.status.is_gap();
        if row.account.is_none() {
            self.organization_gaps += u64::from(row.status.is_gap());
            return;
        }
        match row.status {
            CoverageStatus::Scanned => self.cells.scanned += 1,
            CoverageStatus::Partial => self.cells.partial += 1,
            CoverageStatus::Denied => self.cells.denied += 1,
            CoverageStatus::Failed => self.cells.failed += 1,
            CoverageStatus::Deferred => self.cells.deferred += 1,
            CoverageStatus::Skipped => self.accounts.skipped += 1,
            CoverageStatus::Unreachable => self.accounts.unreachable += 1,
        }
    }
}

impl KeyCounts {
    fn add(&mut self, judged: &JudgedKey) {
        let of = |counts: &mut BTreeMap<&str, u64>, word| *counts.entry(word).or_default() += 1;
        self.total += 1;
        of(&mut self.by_verdict, judged.judgement.verdict.as_str());
        of(&mut self.by_kind, judged.key.kind.as_str());
        if judged.is_flagged() {
            self.flagged += 1;
            of(&mut self.flagged_by_kind, judged.key.kind.as_str());
        }
        self.newly_flagged += u64::from(judged.is_newly_flagged());
        self.needed += u64::from(judged.is_needed());
    }
}
