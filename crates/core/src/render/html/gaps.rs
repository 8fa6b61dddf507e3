//! What could not be seen, and why.

use super::words::{AccountName, counted_if_any, kind_text, region_text};
use crate::{
    judge::report::Report,
    model::coverage::{CoverageRow, CoverageStatus, Scope},
    render::digest::wording::{PATH_CHARACTERS, shortened},
};

pub(crate) const GAPS_SHOWN: usize = 200;

/// The gaps in coverage, the largest first.
pub(super) struct Gaps {
    pub(super) rows: Vec<GapRow>,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
    /// Accounts that a setting or their own state leaves out; empty where there are none.
    pub(super) skipped: String,
}

/// One gap.
pub(super) struct GapRow {
    pub(super) account: AccountName,
    pub(super) region: String,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) keys: String,
    pub(super) why: String,
}

impl Gaps {
    pub(super) fn of(report: &Report) -> Self {
        let gaps = &report.findings.gaps;
        let left_out = gaps.all().saturating_sub(GAPS_SHOWN as u64);
        let skipped = report.summary.coverage.accounts.skipped;
        Self {
            rows: gaps.iter().take(GAPS_SHOWN).map(gap_row).collect(),
            left_out: counted_if_any(left_out, "more gap is", "more gaps are"),
            skipped: counted_if_any(skipped, "account was", "accounts were"),
        }
    }
}

fn gap_row(row: &CoverageRow) -> GapRow {
    let (region, kind) = match &row.scope {
        Scope::WholeAccount => ("all".to_owned(), "all"),
        Scope::EveryRegion { kind } => ("not known".to_owned(), kind_text(*kind)),
        Scope::Cell { region, kind } => (region_text(region.as_ref()).to_owned(), kind_text(*kind)),
    };
    GapRow {
        account: match &row.account {
            Some(account) => AccountName::of(account),
            None => AccountName {
                id: String::new(),
                name: "organization".to_owned(),
            },
        },
        region,
        kind,
        status: match row.status {
            CoverageStatus::Unreachable if row.is_not_found() => "not found",
            CoverageStatus::Unreachable if row.account.is_none() => "not known",
            CoverageStatus::Unreachable => "account not entered",
            status => status.as_str(),
        },
        keys: match (row.status, row.keys) {
            (_, Some(keys)) if keys.unreadable > 0 => {
                format!("{} of {}", keys.unreadable, keys.listed)
            }
            // Such as an account's root user, of whom no key is listed.
            (CoverageStatus::Partial, _) | (CoverageStatus::Deferred, Some(_)) => {
                "not known".to_owned()
            }
            _ => "all".to_owned(),
        },
        why: shortened(&row.detail, 2 * PATH_CHARACTERS),
    }
}
