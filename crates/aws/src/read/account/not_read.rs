//! What the report has of an account or cell that could not be read.

use std::sync::Arc;

use keycensus_core::model::{
    account::Account,
    cause::Cause,
    coverage::{CoverageRow, CoverageStatus, Scope},
    gap::Gap,
    partial_reading::{Extent, PartialReading},
};
use tokio::task::JoinError;

/// The reading of an account that there was no time to enter: what earlier slices lacked time for
/// is as they left it.
pub(super) fn not_gone_on(account: &Arc<Account>, kept: PartialReading) -> PartialReading {
    if kept.cut_coverage.is_empty() {
        return PartialReading::cut(no_time(account, Scope::WholeAccount));
    }
    PartialReading {
        unread_keys: kept.unread_keys,
        cut_coverage: kept.cut_coverage,
        extent: Extent::Cut,
        ..PartialReading::default()
    }
}

/// The reading of an account that could not be entered; where earlier slices could enter it, what
/// they lacked time for is as they left it, with a note.
pub(super) fn not_entered(
    account: &Arc<Account>,
    kept: PartialReading,
    gap: Gap,
    role: &str,
) -> PartialReading {
    let was_entered = |row: &CoverageRow| row.scope != Scope::WholeAccount;
    if !kept
        .coverage
        .iter()
        .chain(&kept.cut_coverage)
        .any(was_entered)
    {
        let status = CoverageStatus::Unreachable;
        let scope = Scope::WholeAccount;
        let row = CoverageRow::unlisted(account, scope, status, Some(gap), role);
        return PartialReading::only(row);
    }
    let mut cut_coverage = kept.cut_coverage;
    for row in &mut cut_coverage {
        row.note(&format!(
            "the account could not be entered again: {gap}; {role}"
        ));
    }
    PartialReading {
        unread_keys: kept.unread_keys,
        cut_coverage,
        extent: Extent::Whole,
        ..PartialReading::default()
    }
}

/// The row of an account or cell that there was no time to begin.
pub(super) fn no_time(account: &Arc<Account>, scope: Scope) -> CoverageRow {
    CoverageRow::unlisted(
        account,
        scope,
        CoverageStatus::Deferred,
        Some(Gap::NoTimeLeft),
        "",
    )
}

/// The row of an account or cell whose reading came to a sudden end by a fault
/// of the census itself.
pub(crate) fn fault(
    account: &Arc<Account>,
    scope: Scope,
    status: CoverageStatus,
    panic: &JoinError,
) -> CoverageRow {
    tracing::error!(account.id = %account.id, "a task panicked: {panic}");
    let gap = Gap::unanswered("keycensus:Read", "InternalError", Cause::Fault);
    CoverageRow::unlisted(account, scope, status, Some(gap), "")
}
