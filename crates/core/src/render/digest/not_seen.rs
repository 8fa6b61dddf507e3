//! The section of what could not be seen, and why.

use super::{
    page::Page,
    remedies::remedies,
    wording::{PATH_CHARACTERS, account_text, counted, grouped, shortened},
};
use crate::{
    judge::report::Report,
    model::{
        coverage::{CoverageRow, CoverageStatus, Scope},
        reading::KeyKind,
    },
};

pub(super) const GAPS_LISTED: usize = 40;

pub(super) fn not_seen(page: &mut Page, report: &Report, limit: usize) {
    let gaps = &report.findings.gaps;
    if gaps.all() == 0 {
        return;
    }
    page.heading("WHAT COULD NOT BE SEEN");
    let listed = page.list(gaps.iter().map(entry), GAPS_LISTED, limit);
    let more = gaps.all() - listed as u64;
    if more > 0 {
        let more = counted(more, "gap", "gaps");
        page.line(&format!("- and {more} more; coverage.csv has every one"));
    }
    page.line("Keys that could not be seen may or may not be in use.");
    let unseen = report.summary.changes.unseen;
    if unseen > 0 {
        let keys = counted(unseen, "key", "keys");
        page.line(&format!(
            "{keys} of earlier reports could not be looked for; unseen.csv has every one."
        ));
    }
    remedies(page, report);
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
            kind: KeyKind::Secret,
        } => format!("{account}, secrets in {region}"),
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
