//! Gaps in coverage, in numbers.

use crate::model::{
    coverage::{CoverageRow, Scope},
    reading::KeyKind,
};

/// Coverage rows with a gap, by what they are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GapCounts {
    /// Cells of KMS keys.
    pub kms_cells: u64,
    /// Cells of access keys.
    pub access_key_cells: u64,
    /// Cells of secrets.
    pub secret_cells: u64,
    /// Accounts of which not all Regions are known.
    pub regions: u64,
    /// Organizational units that settings name and that are not there.
    pub units_not_found: u64,
    /// Listings of accounts that are not whole.
    pub listings: u64,
}

impl GapCounts {
    pub(crate) fn add(&mut self, gap: &CoverageRow) {
        match gap.scope {
            Scope::WholeAccount => {}
            Scope::EveryRegion { .. } => self.regions += 1,
            Scope::Cell {
                kind: KeyKind::KmsKey,
                ..
            } => self.kms_cells += 1,
            Scope::Cell {
                kind: KeyKind::Secret,
                ..
            } => self.secret_cells += 1,
            Scope::Cell { .. } => self.access_key_cells += 1,
        }
        let is_unit = gap.account.is_none() && gap.is_not_found();
        self.units_not_found += u64::from(is_unit);
        self.listings += u64::from(gap.is_listing_of_accounts());
    }
}
