//! Accounts ranked by their flagged keys and by what those cost.

use std::cmp::Reverse;

use super::words::{AccountName, dollars, grouped, percent};
use crate::{
    judge::{findings::account_totals::AccountTotals, report::Report},
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
    value: fn(&AccountTotals) -> u64,
    format: fn(u64) -> String,
    whole: fn(&AccountTotals) -> String,
) -> Ranking {
    let accounts = report.findings.accounts.iter();
    let mut accounts: Vec<_> = accounts.filter(|account| value(account) > 0).collect();
    accounts.sort_by_key(|account| Reverse(value(account)));
    let most = accounts.first().map_or(0, |account| value(account));
    let left_out = accounts.get(ACCOUNTS_SHOWN..).unwrap_or_default();
    let left_out = match left_out.len() as u64 {
        0 => String::new(),
        n => {
            let rest = format(left_out.iter().map(|account| value(account)).sum());
            format!("{rest} more in {}", counted(n, "account", "accounts"))
        }
    };
    Ranking {
        rows: accounts
            .iter()
            .take(ACCOUNTS_SHOWN)
            .map(|account| RankedAccount {
                account: AccountName::of(&account.account),
                ou_path: shortened(&account.ou_path, PATH_CHARACTERS),
                value: format(value(account)),
                whole: whole(account),
                bar: percent(value(account), most),
            })
            .collect(),
        left_out,
        total: format(accounts.iter().map(|account| value(account)).sum()),
    }
}

#[cfg(test)]
mod tests;
