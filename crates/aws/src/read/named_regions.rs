//! Regions that a setting names. They are read in every account without asking which are
//! enabled; that is asked only where one answers as a Region that is not.

use std::sync::Arc;

use keycensus_core::{
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        region::Region,
    },
    settings::{Settings, Source},
};
use tokio::sync::OnceCell;

use crate::{
    deadline::unanswered::answer_or_log,
    read::{
        cell_reading::CellReading,
        context::ScanContext,
        regions::{self, AccountRegions},
    },
    transport::session::Session,
};

/// The Regions of an account, or why they are not known.
pub(crate) type KnownRegions = Result<AccountRegions, Gap>;

const CELL_NOT_LISTED: &str = "a cell could not be listed";

/// What was found in a Region that a setting names; nothing where the account has not
/// enabled it. A Region that is not enabled answers as one that refuses, so that the
/// account is asked which of the two it is.
pub(crate) async fn unless_not_enabled(
    scan: &ScanContext,
    session: &Session,
    regions: &OnceCell<KnownRegions>,
    region: &Region,
    mut reading: CellReading,
) -> Option<CellReading> {
    let Some(error) = reading.listing_error.take() else {
        return Some(reading);
    };
    let may_be_not_enabled = scan.settings.regions.is_some()
        && reading.coverage.keys.is_none()
        && regions::is_answer_of_unknown_region(&error.code);
    if !may_be_not_enabled {
        error.log_gap(CELL_NOT_LISTED);
        return Some(reading);
    }
    let ask = || async {
        let regions = Box::pin(regions::list(&scan.aws, session));
        let regions = scan.deadline.or(regions).await;
        answer_or_log(regions, "the Regions of an account are not known")
            .map_err(|unanswered| unanswered.gap())
    };
    match regions.get_or_init(ask).await {
        Ok(AccountRegions { others, .. }) if others.contains(region) => return None,
        Ok(_) => {}
        Err(gap) => {
            let why = format!("{gap}: whether the Region is enabled is not known");
            reading.coverage.note(&why);
        }
    }
    error.log_gap(CELL_NOT_LISTED);
    Some(reading)
}

/// Notes in the `coverage` of an account which of the Regions that a setting names it has
/// not enabled.
pub(crate) fn say_what_is_not_enabled(
    account: &Arc<Account>,
    settings: &Settings,
    coverage: &mut Vec<CoverageRow>,
) {
    let asked = settings.regions.as_ref();
    let Some(asked) = asked.filter(|_| settings.reads_regions()) else {
        return;
    };
    let missing: Vec<&str> = asked
        .iter()
        .filter(|region| !coverage.iter().any(|row| row.scope.is_of_region(region)))
        .map(Region::as_str)
        .collect();
    if missing.is_empty() {
        return;
    }
    let setting = Source::Environment.spelling("regions");
    let is_none_enabled = missing.len() == asked.len();
    let note = match is_none_enabled {
        true => format!("no Region of {setting} is enabled in this account"),
        false => format!(
            "Regions of {setting} that are not enabled in this account: {}",
            missing.join(", ")
        ),
    };
    if coverage.is_empty() {
        coverage.push(CoverageRow::unlisted(
            account,
            Scope::WholeAccount,
            CoverageStatus::Skipped,
            None,
            &note,
        ));
        return;
    }
    for row in coverage {
        let is_of_access_keys = matches!(row.scope, Scope::Cell { region: None, .. });
        // It speaks of KMS keys only where there is no cell of them.
        if is_none_enabled || !is_of_access_keys {
            row.note(&note);
        }
    }
}
