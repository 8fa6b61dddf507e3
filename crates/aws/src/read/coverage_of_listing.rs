//! What is said of the coverage of a cell whose keys one listing has.

use std::sync::Arc;

use keycensus_core::model::{
    account::Account,
    coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
    gap::Gap,
};

use crate::{deadline::unanswered::Unanswered, transport::call_error::CallError};

/// The keys of a cell, in numbers, and what is not known of them.
#[derive(Default)]
pub(crate) struct ListedKeys {
    /// Keys that were listed.
    pub(crate) listed: u64,
    /// Those of them that could not be read.
    pub(crate) unreadable: u64,
    /// Each gap once, sorted.
    pub(crate) gaps: Vec<Gap>,
    /// What there is to say of them.
    pub(crate) details: Vec<String>,
}

/// What ended a listing that failed.
pub(crate) fn failed(end: Result<(), Unanswered>) -> Option<CallError> {
    match end {
        Err(Unanswered::Failed(error)) => Some(error),
        Err(Unanswered::NoTimeLeft) | Ok(()) => None,
    }
}

/// The coverage row of the cell, where its `listing` has ended so.
pub(crate) fn coverage(
    account: &Arc<Account>,
    scope: Scope,
    keys: ListedKeys,
    listing: &Result<(), Unanswered>,
) -> CoverageRow {
    let ListedKeys {
        listed,
        unreadable,
        mut gaps,
        mut details,
    } = keys;
    let is_empty = listed == 0;
    let status = match listing {
        Ok(()) if gaps.is_empty() => CoverageStatus::Scanned,
        Ok(()) => CoverageStatus::Partial,
        Err(Unanswered::NoTimeLeft) if gaps.is_empty() => {
            if !is_empty {
                details.push("not all keys were listed".to_owned());
            }
            gaps.push(Gap::NoTimeLeft);
            CoverageStatus::Deferred
        }
        Err(Unanswered::NoTimeLeft) => {
            details.push("no time left to list all keys".to_owned());
            gaps.push(Gap::NoTimeLeft);
            CoverageStatus::Partial
        }
        Err(Unanswered::Failed(error)) => {
            gaps.insert(0, error.gap());
            match is_empty {
                true => CoverageStatus::of_unlisted(error.cause),
                false => CoverageStatus::Failed,
            }
        }
    };
    let more = details.join("; ");
    match is_empty && listing.is_err() {
        true => CoverageRow::unlisted(account, scope, status, gaps.into_iter().next(), &more),
        false => {
            let keys = CellKeys {
                is_whole: listing.is_ok(),
                listed,
                unreadable,
            };
            CoverageRow::of_cell(account, scope, status, keys, &gaps, &more)
        }
    }
}
