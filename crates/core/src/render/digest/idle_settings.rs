//! The section of names in settings that select nothing.

use super::{
    page::Page,
    wording::{PATH_CHARACTERS, account_text, counted, shortened},
};
use crate::{judge::report::Report, model::coverage::CoverageRow};

const ROWS_LISTED: usize = 10;

/// Writes the names that select nothing, so that typing errors are noticed.
pub(super) fn idle_settings(page: &mut Page, report: &Report, limit: usize) {
    let rows = report.coverage.iter().filter(|row| row.is_idle_setting());
    let mut rows: Vec<&CoverageRow> = rows.collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|row| (row.account_id(), &row.detail));
    page.heading("SETTINGS THAT SELECT NOTHING");
    let listed = page.list(rows.iter().map(|row| entry(row)), ROWS_LISTED, limit);
    if listed < rows.len() {
        let more = counted((rows.len() - listed) as u64, "name", "names");
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
