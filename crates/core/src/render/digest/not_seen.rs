//! The section of what could not be seen, and why.

use super::{
    page::Page,
    remedies::remedies,
    wording::{PATH_CHARACTERS, account_text, counted, grouped, shortened},
};
use crate::{
    judge::report::Report,
    model::coverage::{CoverageRow, CoverageStatus, Scope},
};

const GAPS_LISTED: usize = 40;

pub(super) fn not_seen(page: &mut Page, report: &Report, limit: usize) {
    let gaps = sorted_gaps(report);
    if gaps.is_empty() {
        return;
    }
    page.heading("WHAT COULD NOT BE SEEN");
    let listed = page.list(gaps.iter().map(|row| entry(row)), GAPS_LISTED, limit);
    if listed < gaps.len() {
        let more = counted((gaps.len() - listed) as u64, "gap", "gaps");
        page.line(&format!("- and {more} more; coverage.csv has every one"));
    }
    page.line("Keys that could not be seen may or may not be in use.");
    let unseen = report.changes.unseen.len() as u64;
    if unseen > 0 {
        let keys = counted(unseen, "key", "keys");
        page.line(&format!(
            "{keys} of earlier reports could not be looked for; unseen.csv has every one."
        ));
    }
    remedies(page, report);
}

/// The gaps in coverage: accounts that were not entered first, then by account and cell.
pub(crate) fn sorted_gaps(report: &Report) -> Vec<&CoverageRow> {
    let gaps = report.coverage.iter().filter(|row| row.status.is_gap());
    let mut gaps: Vec<&CoverageRow> = gaps.collect();
    gaps.sort_by_key(|row| {
        let is_entered = row.status != CoverageStatus::Unreachable;
        (is_entered, row.account_id(), row.scope.clone())
    });
    gaps
}

fn entry(row: &CoverageRow) -> String {
    let account = match &row.account {
        Some(account) => account_text(account),
        None => "organization".to_owned(),
    };
    let location = match &row.scope {
        Scope::WholeAccount | Scope::EveryRegion { .. } => account,
        Scope::Cell {
            region: Some(region),
            ..
        } => format!("{account}, {region}"),
        Scope::Cell { region: None, .. } => format!("{account}, IAM access keys"),
    };
    let what = match (row.status, row.keys) {
        _ if matches!(row.scope, Scope::EveryRegion { .. }) => "not all Regions known".to_owned(),
        (CoverageStatus::Unreachable, _) if row.is_not_found() => "not found".to_owned(),
        (CoverageStatus::Unreachable, _) if row.account.is_none() => "not known".to_owned(),
        (CoverageStatus::Unreachable, _) => "account not entered".to_owned(),
        (CoverageStatus::Partial, Some(keys)) if keys.unreadable > 0 => {
            format!(
                "{} of {} not read",
                grouped(keys.unreadable),
                counted(keys.listed, "key", "keys")
            )
        }
        // Such as an account's root user, of whom no key is listed.
        (CoverageStatus::Partial, _) => "not read in full".to_owned(),
        (status, _) => status.as_str().to_owned(),
    };
    let why = shortened(&row.detail, 2 * PATH_CHARACTERS);
    if why.is_empty() {
        format!("- {location}: {what}")
    } else {
        format!("- {location}: {what}: {why}")
    }
}
