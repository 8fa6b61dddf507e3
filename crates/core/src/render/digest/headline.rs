//! The first line of the digest: flagged keys, cost and coverage.

use super::{
    month_ago::month_ago_text,
    wording::{counted, days, dollars, grouped, kinds_text, since_text},
};
use crate::judge::report::Report;

/// That somebody still needs keys; at least one.
pub(super) fn needed_text(needed: u64) -> String {
    let keys = counted(needed, "key is", "keys are");
    format!("{keys} still needed: requests for them are refused")
}

/// All of it on one line.
pub(crate) fn headline(report: &Report) -> String {
    format!("{}.", clauses(report).join("; "))
}

/// What it says, in clauses without a full stop.
pub(crate) fn clauses(report: &Report) -> Vec<String> {
    let mut clauses = Vec::new();
    match report.summary.keys.needed {
        0 => {}
        needed => clauses.push(needed_text(needed)),
    }
    clauses.push(unused(report));
    // Those should not be there either.
    let root_keys = report.findings.unflagged_root_keys;
    if root_keys > 0 {
        let more = match report.summary.keys.flagged {
            0 => "",
            _ => "more ",
        };
        let root_keys = match root_keys {
            1 => format!("1 {more}root access key"),
            n => format!("{} {more}root access keys", grouped(n)),
        };
        clauses.push(format!("{root_keys} to remove"));
    }
    clauses.extend(coverage(report));
    clauses
}

/// The flagged keys, of which kinds, where, how many a month ago, since when, and for how much.
fn unused(report: &Report) -> String {
    let summary = &report.summary;
    let days = days(summary.stale_after_days.into());
    let month_ago = month_ago_text(report);
    if summary.keys.flagged == 0 {
        return format!("No key unused for {days} or more{month_ago}");
    }
    let findings = &report.findings;
    let (keys, kinds) = kinds_text(findings.flagged.by_kind);
    let accounts = counted(findings.accounts_with_flagged(), "account", "accounts");
    let cost = dollars(summary.keys.flagged_cents());
    let new = new_text(report);
    format!(
        "{keys} unused for {days} or more in {accounts}{kinds}{month_ago}, {new}{cost} USD a month at list price"
    )
}

/// What could be read, and what could not.
fn coverage(report: &Report) -> Vec<String> {
    let coverage = &report.summary.coverage;
    let entered = coverage.accounts.scanned + coverage.accounts.unreachable;
    let accounts = counted(entered, "account", "accounts");
    if coverage.complete {
        return vec![format!("all of {accounts} read")];
    }
    let mut clauses = Vec::new();
    if coverage.accounts.unreachable > 0 {
        let unreachable = grouped(coverage.accounts.unreachable);
        clauses.push(format!("{unreachable} of {accounts} could not be read"));
    }
    let mut parts = Vec::new();
    let gaps = report.findings.gap_counts;
    if gaps.kms_cells > 0 {
        parts.push(counted(
            gaps.kms_cells,
            "Region of an account",
            "Regions of accounts",
        ));
    }
    if gaps.access_key_cells > 0 {
        let accounts = counted(gaps.access_key_cells, "account", "accounts");
        parts.push(format!("the access keys of {accounts}"));
    }
    if gaps.secret_cells > 0 {
        let regions = counted(
            gaps.secret_cells,
            "Region of an account",
            "Regions of accounts",
        );
        parts.push(format!("the secrets in {regions}"));
    }
    if !parts.is_empty() {
        let parts = parts.join(" and ");
        clauses.push(format!("{parts} could not be read in full"));
    }
    if gaps.regions > 0 {
        let accounts = counted(gaps.regions, "account", "accounts");
        clauses.push(format!("not all Regions of {accounts} are known"));
    }
    let units = gaps.units_not_found;
    if units > 0 {
        let units = counted(units, "organizational unit", "organizational units");
        clauses.push(format!("{units} not found"));
    }
    if gaps.listings > 0 {
        clauses.push("not all accounts of the organization are known".to_owned());
    }
    if coverage.organization_gaps > units + gaps.listings {
        clauses.push("not everything about the organization is known".to_owned());
    }
    clauses
}

/// `3 new since 2026-11-20, `; nothing in the first census.
fn new_text(report: &Report) -> String {
    let new = match report.summary.keys.newly_flagged {
        0 => "none".to_owned(),
        n => grouped(n),
    };
    match since_text(report.findings.compared_with) {
        Some(since) => format!("{new} new {since}, "),
        None => String::new(),
    }
}
