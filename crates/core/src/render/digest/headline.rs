//! The first line of the digest: flagged keys, cost and coverage.

use std::collections::BTreeSet;

use super::wording::{counted, days, dollars, grouped, kinds_text, since_text};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::{
        coverage::{CoverageRow, Scope},
        reading::KeyKind,
    },
};

pub(crate) fn headline(report: &Report) -> String {
    let mut headline = unused(report);
    let root_keys = more_root_keys(report);
    if root_keys > 0 {
        let more = match report.summary.keys.flagged {
            0 => "",
            _ => "more ",
        };
        let root_keys = match root_keys {
            1 => format!("1 {more}root access key"),
            n => format!("{} {more}root access keys", grouped(n)),
        };
        headline.push_str(&format!("; {root_keys} to remove"));
    }
    headline.push_str(&coverage(report));
    headline.push('.');
    headline
}

/// The flagged keys, of which kinds, where, since when, and for how much.
fn unused(report: &Report) -> String {
    let summary = &report.summary;
    let days = days(summary.stale_after_days.into());
    if summary.keys.flagged == 0 {
        return format!("No key unused for {days} or more");
    }
    let (keys, kinds) = kinds_text(report.flagged());
    let accounts: BTreeSet<_> = report.flagged().map(|key| key.key.account.id).collect();
    let accounts = counted(accounts.len() as u64, "account", "accounts");
    let cost = dollars((summary.keys.monthly_cost_usd_flagged * 100.0).round() as u64);
    let new = new_text(report);
    format!(
        "{keys} unused for {days} or more in {accounts}{kinds}, {new}{cost} USD a month at list price"
    )
}

/// Root access keys that are not flagged, and should not be there either.
fn more_root_keys(report: &Report) -> u64 {
    let is_more = |key: &&JudgedKey| key.key.kind == KeyKind::RootAccessKey && !key.is_flagged();
    report.keys.iter().filter(is_more).count() as u64
}

/// What could be read, and what could not.
fn coverage(report: &Report) -> String {
    let coverage = &report.summary.coverage;
    let entered = coverage.accounts.scanned + coverage.accounts.unreachable;
    let accounts = counted(entered, "account", "accounts");
    if coverage.complete {
        return format!("; all of {accounts} read");
    }
    let mut text = String::new();
    if coverage.accounts.unreachable > 0 {
        let unreachable = grouped(coverage.accounts.unreachable);
        text.push_str(&format!("; {unreachable} of {accounts} could not be read"));
    }
    let mut parts = Vec::new();
    let regions = cells_with_gaps(report, |kind| kind == KeyKind::KmsKey);
    if regions > 0 {
        parts.push(counted(
            regions,
            "Region of an account",
            "Regions of accounts",
        ));
    }
    let access_keys = cells_with_gaps(report, |kind| kind != KeyKind::KmsKey);
    if access_keys > 0 {
        let accounts = counted(access_keys, "account", "accounts");
        parts.push(format!("the access keys of {accounts}"));
    }
    if !parts.is_empty() {
        let parts = parts.join(" and ");
        text.push_str(&format!("; {parts} could not be read in full"));
    }
    let unknown = rows_with_gaps(report, |row| matches!(row.scope, Scope::EveryRegion { .. }));
    if unknown > 0 {
        let accounts = counted(unknown, "account", "accounts");
        text.push_str(&format!("; not all Regions of {accounts} are known"));
    }
    let units = rows_with_gaps(report, |row| row.account.is_none() && row.is_not_found());
    if units > 0 {
        let units = counted(units, "organizational unit", "organizational units");
        text.push_str(&format!("; {units} not found"));
    }
    let listings = rows_with_gaps(report, CoverageRow::is_listing_of_accounts);
    if listings > 0 {
        text.push_str("; not all accounts of the organization are known");
    }
    if coverage.organization_gaps > units + listings {
        text.push_str("; not everything about the organization is known");
    }
    text
}

/// `3 new since 2026-11-20, `; nothing in the first census.
fn new_text(report: &Report) -> String {
    let new = match report.summary.keys.newly_flagged {
        0 => "none".to_owned(),
        n => grouped(n),
    };
    match since_text(report.changes.compared_with) {
        Some(since) => format!("{new} new {since}, "),
        None => String::new(),
    }
}

fn cells_with_gaps(report: &Report, of: fn(KeyKind) -> bool) -> u64 {
    rows_with_gaps(report, |row| match row.scope {
        Scope::WholeAccount | Scope::EveryRegion { .. } => false,
        Scope::Cell { kind, .. } => of(kind),
    })
}

fn rows_with_gaps(report: &Report, is_one: impl Fn(&CoverageRow) -> bool) -> u64 {
    let gaps = report.coverage.iter().filter(|row| row.status.is_gap());
    gaps.filter(|row| is_one(row)).count() as u64
}
