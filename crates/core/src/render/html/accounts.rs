//! Accounts ranked by their flagged keys and by what those cost.

use std::{cmp::Reverse, collections::BTreeMap};

use super::words::{AccountName, dollars, grouped, percent};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::account::AccountId,
    render::digest::wording::{PATH_CHARACTERS, counted, shortened},
};

const ACCOUNTS_SHOWN: usize = 20;

/// The first accounts of a ranking.
pub(super) struct Ranking {
    pub(super) rows: Vec<RankedAccount>,
    /// What was left out, with how much; empty where nothing was.
    pub(super) left_out: String,
    pub(super) total: String,
}

/// One account with its bar.
pub(super) struct RankedAccount {
    pub(super) account: AccountName,
    pub(super) ou_path: String,
    pub(super) value: String,
    /// The account's total; empty where only the value is shown.
    pub(super) whole: String,
    /// The bar's length, in percent of the longest.
    pub(super) bar: String,
}

struct Account<'a> {
    any_key: &'a JudgedKey,
    flagged: u64,
    flagged_cents: u64,
    all_cents: u64,
}

/// Accounts by how many of their keys are flagged, the most first.
pub(super) fn flagged(report: &Report) -> Ranking {
    rank(
        report,
        |account| account.flagged,
        grouped,
        |_| String::new(),
    )
}

/// Accounts by what their flagged keys cost a month, the most first.
pub(super) fn cost(report: &Report) -> Ranking {
    rank(
        report,
        |account| account.flagged_cents,
        dollars,
        |account| dollars(account.all_cents),
    )
}

fn rank(
    report: &Report,
    value: fn(&Account) -> u64,
    format: fn(u64) -> String,
    whole: fn(&Account) -> String,
) -> Ranking {
    let mut accounts = by_account(report);
    accounts.retain(|account| value(account) > 0);
    accounts.sort_by_key(|account| Reverse(value(account)));
    let most = accounts.first().map_or(0, value);
    let left_out = accounts.get(ACCOUNTS_SHOWN..).unwrap_or_default();
    let left_out = match left_out.len() as u64 {
        0 => String::new(),
        n => {
            let rest = format(left_out.iter().map(value).sum());
            format!("{rest} more in {}", counted(n, "account", "accounts"))
        }
    };
    Ranking {
        rows: accounts
            .iter()
            .take(ACCOUNTS_SHOWN)
            .map(|account| RankedAccount {
                account: AccountName::of(&account.any_key.key.account),
                ou_path: shortened(&account.any_key.ou_path, PATH_CHARACTERS),
                value: format(value(account)),
                whole: whole(account),
                bar: percent(value(account), most),
            })
            .collect(),
        left_out,
        total: format(accounts.iter().map(value).sum()),
    }
}

fn by_account(report: &Report) -> Vec<Account<'_>> {
    let mut accounts: BTreeMap<AccountId, Account> = BTreeMap::new();
    for judged in &report.keys {
        let account = accounts.entry(judged.key.account.id).or_insert(Account {
            any_key: judged,
            flagged: 0,
            flagged_cents: 0,
            all_cents: 0,
        });
        let cents = judged.monthly_cents.unwrap_or(0);
        account.all_cents += cents;
        if judged.is_flagged() {
            account.flagged += 1;
            account.flagged_cents += cents;
        }
    }
    accounts.into_values().collect()
}

#[cfg(test)]
mod tests;
