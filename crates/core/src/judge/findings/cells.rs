//! What is flagged and what is missing in each Region of an account.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use crate::{
    judge::judged_account::JudgedAccount,
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
    },
};

/// What sorts accounts: that with the most flagged keys first, then that with the most gaps.
pub(crate) type MostToSee = Reverse<(u64, usize)>;

/// An account with something flagged or missing.
#[derive(Debug, Clone)]
pub struct AccountCells {
    /// The account.
    pub account: Arc<Account>,
    /// Whether it was entered.
    pub is_entered: bool,
    /// Its Regions by name: `global` for global keys, and `*` where not all are known.
    pub regions: BTreeMap<String, RegionCell>,
}

/// What is flagged and what is missing in one Region of an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct RegionCell {
    /// Flagged keys.
    pub flagged: u64,
    /// The gap in its coverage, of several the worst; `None` where there is none.
    pub gap: Option<CoverageStatus>,
}

impl RegionCell {
    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.flagged == 0 && self.gap.is_none()
    }
}

impl AccountCells {
    /// The cells of an account; `None` where nothing is flagged and nothing missing.
    pub(crate) fn of(judged: &JudgedAccount) -> Option<Self> {
        let is_gap_or_cell =
            |row: &&CoverageRow| row.status.is_gap() || !matches!(row.scope, Scope::WholeAccount);
        let covered = || judged.coverage.iter().filter(is_gap_or_cell);
        let of_rows = covered().filter_map(|row| row.account.as_ref());
        let of_keys = judged.flagged().map(|judged| &judged.key.account);
        let mut cells = Self {
            account: Arc::clone(of_rows.chain(of_keys).last()?),
            is_entered: false,
            regions: BTreeMap::new(),
        };
        for row in covered().filter(|row| !matches!(row.scope, Scope::WholeAccount)) {
            let cell = cells.cell(row.scope.region());
            // Two kinds may share a Region: the worse of them is shown.
            cell.gap = cell.gap.max(row.status.is_gap().then_some(row.status));
        }
        for flagged in judged.flagged() {
            cells.cell(flagged.region()).flagged += 1;
        }
        (cells.order() < Reverse((0, 0))).then_some(cells)
    }

    fn cell(&mut self, region: &str) -> &mut RegionCell {
        self.is_entered = true;
        self.regions.entry(region.to_owned()).or_default()
    }

    /// Its place among the accounts. One that was not entered is the largest gap of all.
    pub(crate) fn order(&self) -> MostToSee {
        let flagged = self.regions.values().map(|cell| cell.flagged).sum();
        let gaps = self.regions.values().filter(|cell| cell.gap.is_some());
        let gaps = match self.is_entered {
            true => gaps.count(),
            false => usize::MAX,
        };
        Reverse((flagged, gaps))
    }
}
