//! What a census has read of one account, at once or bit by bit.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{
    account::Account,
    cause::Cause,
    coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
    gap::Gap,
    reading::KeyReading,
    words::words,
};

/// What was read of one account in one go. Readings of the same account are joined in the order in
/// which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartialReading {
    /// The keys that were read, or could not be read for another reason than the end of time. In
    /// any order.
    pub keys: Vec<KeyReading>,
    /// The keys that were listed, and that there was no time left to read. A later reading may
    /// still read them.
    pub unread_keys: Vec<KeyReading>,
    /// The rows of cells that need not be read again.
    pub coverage: Vec<CoverageRow>,
    /// The rows of cells, or of the whole account, that there was no time left to read.
    pub cut_coverage: Vec<CoverageRow>,
    /// How far it came.
    pub extent: Extent,
}

/// How far a reading of an account came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Some keys of a cell; more are being read.
    #[default]
    Some,
    /// Until the time was over.
    Cut,
    /// To its end: nothing is left to read.
    Whole,
}

words!(Extent {
    Some = "some",
    Cut = "cut",
    Whole = "whole",
});

impl PartialReading {
    /// A reading that says nothing but why there is nothing.
    #[must_use]
    pub fn only(row: CoverageRow) -> Self {
        Self {
            coverage: vec![row],
            extent: Extent::Whole,
            ..Self::default()
        }
    }

    /// A reading for which there was no time left.
    #[must_use]
    pub fn cut(row: CoverageRow) -> Self {
        Self {
            cut_coverage: vec![row],
            extent: Extent::Cut,
            ..Self::default()
        }
    }

    /// Adds a later reading of the same account. What it has of a cell replaces what was there; of a
    /// key that is there twice, the later one counts.
    pub fn join(&mut self, later: Self) {
        if later.extent != Extent::Some {
            // It has read, or tried to read, everything that was left.
            self.unread_keys.clear();
            self.cut_coverage.clear();
        }
        self.coverage
            .retain(|row| !later.coverage.iter().any(|new| new.scope == row.scope));
        self.keys.extend(later.keys);
        self.unread_keys.extend(later.unread_keys);
        self.coverage.extend(later.coverage);
        let cut = later.cut_coverage.into_iter();
        let cut: Vec<CoverageRow> = cut.filter(|row| !self.has_cell(&row.scope)).collect();
        self.cut_coverage.extend(cut);
        self.extent = later.extent.after(self.extent);
    }

    /// Whether the cell was read to its end.
    #[must_use]
    pub fn has_cell(&self, scope: &Scope) -> bool {
        self.coverage.iter().any(|row| row.scope == *scope)
    }

    /// Every key of the account that was listed, sorted, and its coverage, for a report: what was
    /// not read counts as out of time.
    #[must_use]
    pub fn finish(mut self, account: &Arc<Account>) -> (Vec<KeyReading>, Vec<CoverageRow>) {
        // The last of each is what counts, and any reading rather than none.
        let mut keys = self.unread_keys;
        keys.append(&mut self.keys);
        keys.reverse();
        keys.sort_by(|a, b| a.identity().cmp(&b.identity()));
        keys.dedup_by(|later, first| later.identity() == first.identity());
        let mut coverage = self.coverage;
        coverage.append(&mut self.cut_coverage);
        let mut cells: BTreeMap<Scope, CellKeys> = BTreeMap::new();
        for key in &keys {
            let cell = cells.entry(key.cell()).or_insert(CellKeys {
                listed: 0,
                unreadable: 0,
                is_whole: false,
            });
            cell.listed += 1;
            cell.unreadable += u64::from(key.missing_usage().is_some());
        }
        for row in &mut coverage {
            let there = cells.get(&row.scope).map_or(0, |cell| cell.listed);
            believe_no_more_than(row, there);
        }
        for row in &coverage {
            cells.remove(&row.scope);
        }
        // The reading of those that have no row ended suddenly.
        let without_row = cells.into_iter();
        coverage.extend(without_row.map(|(cell, keys)| row_of_cut_cell(account, cell, keys)));
        if self.extent == Extent::Some {
            let no_time = Some(Gap::NoTimeLeft);
            let status = CoverageStatus::Deferred;
            let scope = Scope::WholeAccount;
            coverage.push(CoverageRow::unlisted(account, scope, status, no_time, ""));
        }
        (keys, coverage)
    }
}

/// Corrects a row by how many keys of its cell there are. Two slices that read a cell at the same time
/// may have found different ones; and keys that were read and are missing are a gap.
fn believe_no_more_than(row: &mut CoverageRow, there: u64) {
    let Some(counted) = &mut row.keys else {
        return;
    };
    let missing = counted.listed.saturating_sub(there);
    counted.listed = there;
    counted.is_whole &= missing == 0;
    if missing > 0 {
        row.status = CoverageStatus::Failed;
        row.gap = Some(Gap::unanswered(
            "keycensus:Read",
            "PartMissing",
            Cause::Fault,
        ));
        row.note(&format!("keys that were read and are missing: {missing}"));
    }
}

/// The row of a cell of which these keys were read when its reading ended suddenly.
fn row_of_cut_cell(account: &Arc<Account>, cell: Scope, keys: CellKeys) -> CoverageRow {
    let (status, more) = match keys.unreadable {
        0 => (CoverageStatus::Deferred, "not all keys were listed"),
        _ => (CoverageStatus::Partial, "no time left to list all keys"),
    };
    CoverageRow::of_cell(account, cell, status, keys, &[Gap::NoTimeLeft], more)
}

impl Extent {
    /// How far this reading and an `earlier` one came together.
    #[must_use]
    pub fn after(self, earlier: Self) -> Self {
        match (self, earlier) {
            (Self::Some, earlier) => earlier,
            (later, _) => later,
        }
    }
}

#[cfg(test)]
mod tests;
