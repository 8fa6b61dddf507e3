//! The section of access keys that are in use and old.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    page::Page,
    wording::{account_text, counted, days, grouped, key_line},
};
use crate::{
    judge::{judged_key::JudgedKey, recommendation::Recommendation, report::Report},
    model::account::AccountId,
};

const ACCOUNTS_LISTED: usize = 10;
/// How many are each listed, and not counted by account.
const FEW: usize = 5;
/// What the oldest keys take at most, in bytes of a JSON string.
const OLDEST_BYTES: usize = 3_072;

pub(super) fn keys_to_rotate(page: &mut Page, report: &Report, limit: usize) {
    let mut keys: Vec<&JudgedKey> = report
        .keys
        .iter()
        .filter(|judged| judged.recommendation == Recommendation::Rotate)
        .collect();
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("KEYS TO ROTATE: {}", grouped(keys.len() as u64)));
    let age = days(report.summary.rotate_after_days.into());
    page.line(&format!("Access keys in use that are {age} old or older."));
    if keys.len() > FEW {
        accounts(page, &keys, limit.saturating_sub(OLDEST_BYTES));
        page.line("The oldest:");
    }
    keys.sort_by_key(|judged| Reverse(judged.age_days));
    page.list(keys.iter().map(|key| entry(key)), FEW, limit);
}

/// How many there are in each account, the most first.
fn accounts(page: &mut Page, keys: &[&JudgedKey], limit: usize) {
    let mut counts: BTreeMap<AccountId, (&JudgedKey, u64)> = BTreeMap::new();
    for judged in keys {
        counts.entry(judged.key.account.id).or_insert((judged, 0)).1 += 1;
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let lines = counts
        .iter()
        .map(|(judged, count)| (grouped(*count), account_text(&judged.key.account)))
        .map(|(count, account)| format!("- {count} in {account}"));
    let listed = page.list(lines, ACCOUNTS_LISTED, limit);
    let left_out: u64 = counts.iter().skip(listed).map(|(_, count)| count).sum();
    if left_out > 0 {
        let accounts = (counts.len() - listed) as u64;
        let accounts = counted(accounts, "more account", "more accounts");
        page.line(&format!("- {} in {accounts}", grouped(left_out)));
    }
}

fn entry(judged: &JudgedKey) -> String {
    let age = days(judged.age_days.unwrap_or(0));
    format!("- {age} old: {}", key_line(judged))
}
