//! The first line: the answer.

use std::collections::BTreeSet;

use super::wording::{counted, since_told};
use crate::{
    coverage::{CoverageRow, Scope},
    price::dollars,
    reading::KeyKind,
    report::Report,
};

pub(crate) fn answer(report: &Report) -> String {
    let summary = &report.summary;
    let keys = counted(summary.keys.flagged, "key", "keys");
    let days = counted(summary.stale_after_days.into(), "day", "days");
    let mut answer = match summary.keys.flagged {
        0 => format!("No key unused for {days} or more"),
        _ => {
            let accounts: BTreeSet<_> = report.flagged().map(|key| key.key.account.id).collect();
            let accounts = counted(accounts.len() as u64, "account", "accounts");
            let cost = dollars((summary.keys.monthly_cost_usd_flagged * 100.0).round() as u64);
            let new = new_told(report);
            format!(
                "{keys} unused for {days} or more in {accounts}, {new}{cost} USD a month at list price"
            )
        }
    };
    let root_keys = summary.keys.of_kind(KeyKind::RootAccessKey);
    if root_keys > 0 {
        let root_keys = counted(root_keys, "root access key", "root access keys");
        answer.push_str(&format!("; {root_keys} to remove"));
    }
    let coverage = &summary.coverage;
    let accounts = coverage.accounts.scanned + coverage.accounts.unreachable;
    if coverage.complete {
        answer.push_str(&format!(
            "; all of {} read",
            counted(accounts, "account", "accounts")
        ));
    }
    if coverage.accounts.unreachable > 0 {
        let unreachable = coverage.accounts.unreachable;
        answer.push_str(&format!(
            "; {unreachable} of {accounts} accounts could not be read"
        ));
    }
    let regions = cells_with_gaps(report, |kind| kind == KeyKind::KmsKey);
    if regions > 0 {
        let regions = counted(regions, "Region of an account", "Regions of accounts");
        answer.push_str(&format!("; {regions} could not be read in full"));
    }
    let access_keys = cells_with_gaps(report, |kind| kind != KeyKind::KmsKey);
    if access_keys > 0 {
        let accounts = counted(access_keys, "account", "accounts");
        answer.push_str(&format!(
            "; IAM access keys of {accounts} could not be read in full"
        ));
    }
    answer.push('.');
    answer
}

/// `3 new since 2026-11-20, `; nothing in the first census.
fn new_told(report: &Report) -> String {
    let new = match report.summary.keys.newly_flagged {
        0 => "none".to_owned(),
        n => n.to_string(),
    };
    match since_told(report.changes.compared_with) {
        Some(since) => format!("{new} new {since}, "),
        None => String::new(),
    }
}

fn cells_with_gaps(report: &Report, of: fn(KeyKind) -> bool) -> u64 {
    let is_one = |row: &&CoverageRow| match row.scope {
        Scope::WholeAccount => false,
        Scope::Cell { kind, .. } => of(kind) && row.status.is_gap(),
    };
    report.coverage.iter().filter(is_one).count() as u64
}
