//! The section of access keys that are in use and old.

use std::cmp::Reverse;

use super::{
    page::Page,
    wording::{account_text, counted, days, grouped, key_line},
};
use crate::judge::{judged_key::JudgedKey, report::Report};

const ACCOUNTS_LISTED: usize = 10;
/// How many are each listed, and not counted by account.
pub(super) const FEW: usize = 5;
/// What the oldest keys take at most, in bytes of a JSON string.
const OLDEST_BYTES: usize = 3_072;

pub(super) fn keys_to_rotate(page: &mut Page, report: &Report, limit: usize) {
    let keys = &report.findings.to_rotate;
    if keys.all() == 0 {
        return;
    }
    page.heading(&format!("KEYS TO ROTATE: {}", grouped(keys.all())));
    let age = days(report.summary.rotate_after_days.into());
    page.line(&format!("Access keys in use that are {age} old or older."));
    if keys.all() > FEW as u64 {
        accounts(page, report, limit.saturating_sub(OLDEST_BYTES));
        page.line("The oldest:");
    }
    page.list(keys.iter().map(entry), FEW, limit);
}

/// How many there are in each account, the most first.
fn accounts(page: &mut Page, report: &Report, limit: usize) {
    let accounts = report.findings.accounts.iter();
    let mut accounts: Vec<_> = accounts.filter(|keys| keys.to_rotate > 0).collect();
    accounts.sort_by_key(|keys| Reverse(keys.to_rotate));
    let lines = accounts
        .iter()
        .map(|keys| (grouped(keys.to_rotate), account_text(&keys.account)))
        .map(|(count, account)| format!("- {count} in {account}"));
    let listed = page.list(lines, ACCOUNTS_LISTED, limit);
    let left_out = accounts.iter().skip(listed);
    let left_out: u64 = left_out.map(|keys| keys.to_rotate).sum();
    if left_out > 0 {
        let accounts = (accounts.len() - listed) as u64;
        let accounts = counted(accounts, "more account", "more accounts");
        page.line(&format!("- {} in {accounts}", grouped(left_out)));
    }
}

fn entry(judged: &JudgedKey) -> String {
    let age = days(judged.age_days.unwrap_or(0));
    format!("- {age} old: {}", key_line(judged))
}
