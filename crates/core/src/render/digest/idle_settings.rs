//! The section of names in settings that select nothing.

use super::{
    page::Page,
    wording::{PATH_CHARACTERS, account_text, counted, shortened},
};
use crate::{judge::report::Report, model::coverage::CoverageRow};

pub(super) const ROWS_LISTED: usize = 10;

/// Writes the names that select nothing, so that typing errors are noticed.
pub(super) fn idle_settings(page: &mut Page, report: &Report, limit: usize) {
    let rows = &report.findings.idle_settings;
    if rows.all() == 0 {
        return;
    }
    page.heading("SETTINGS THAT SELECT NOTHING");
    let listed = page.list(rows.iter().map(entry), ROWS_LISTED, limit);
    let more = rows.all() - listed as u64;
    if more > 0 {
        let more = counted(more, "name", "names");
        page.line(&format!("- and {more} more; coverage.csv has every one"));
    }
}

fn entry(row: &CoverageRow) -> String {
    let location = match &row.account {
        Some(account) => account_text(account),
        None => "organization".to_owned(),
    };
    let why = shortened(&row.detail, 2 * PATH_CHARACTERS);
    format!("- {location}: {why}")
}
