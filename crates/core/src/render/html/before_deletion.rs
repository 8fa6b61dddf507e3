//! What is to be known before a key is deleted: keys that will be, what was looked
//! for, and how keys are guarded.

use std::cmp::Reverse;

use super::words::{AccountName, breakable, counted_if_any, grouped, key_id_text, percent};
use crate::{
    judge::{guard_counts::GuardCounts, report::Report},
    model::{
        account::Account,
        dependents::{LOOKED_FOR, NOT_LOOKED_FOR},
    },
    render::digest::{
        pending_deletion::{deletion_date_text, needed_by_text, refused_uses_text},
        wording::{NAME_CHARACTERS, PATH_CHARACTERS, shortened},
    },
};

pub(crate) const KEYS_SHOWN: usize = 200;
const ACCOUNTS_SHOWN: usize = 40;

pub(super) struct BeforeDeletion {
    /// Keys that are pending deletion, the next to go first.
    pub(super) pending: Vec<PendingKey>,
    /// How many are not shown; empty where all are.
    pub(super) pending_left_out: String,
    pub(super) looked_for: String,
    pub(super) not_looked_for: String,
    /// Keys of which it was not looked for what depends on them; empty where there are none.
    pub(super) not_checked: String,
    /// How keys are guarded, by account, the least guarded first; none where no key
    /// policy was read.
    pub(super) guard: Vec<GuardedAccount>,
    /// How many accounts are not shown; empty where all are.
    pub(super) guard_left_out: String,
}

/// A key that is pending deletion.
pub(super) struct PendingKey {
    pub(super) account: AccountName,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) key_id: String,
    pub(super) when: String,
    pub(super) needed_by: String,
    /// In parts between which a line may break.
    pub(super) refused: Vec<String>,
}

/// How the keys of one account are guarded.
pub(super) struct GuardedAccount {
    pub(super) account: AccountName,
    /// `3 of 12 guarded, 2 in part, 1 not read`.
    pub(super) text: String,
    /// Those that are guarded, in part, not, and those whose key policy was not read.
    pub(super) bars: [GuardBar; 4],
}

/// A part of an account's bar, in percent.
pub(super) struct GuardBar {
    pub(super) class: &'static str,
    pub(super) left: String,
    pub(super) width: String,
}

impl BeforeDeletion {
    pub(super) fn of(report: &Report) -> Self {
        let (pending, pending_left_out) = pending(report);
        let (guard, guard_left_out) = guard(report);
        let not_checked = report.findings.dependents_not_checked;
        Self {
            pending,
            pending_left_out,
            looked_for: LOOKED_FOR.join(", "),
            not_looked_for: NOT_LOOKED_FOR.join(", "),
            not_checked: counted_if_any(not_checked, "key was", "keys were"),
            guard,
            guard_left_out,
        }
    }
}

fn pending(report: &Report) -> (Vec<PendingKey>, String) {
    let keys = &report.findings.pending_deletion;
    let left_out = keys.all().saturating_sub(KEYS_SHOWN as u64);
    let rows = keys.iter().take(KEYS_SHOWN).map(|judged| PendingKey {
        account: AccountName::of(&judged.key.account),
        region: judged.region().to_owned(),
        name: shortened(&judged.key.names.join(", "), NAME_CHARACTERS),
        key_id: key_id_text(judged),
        when: deletion_date_text(judged, report.now),
        needed_by: shortened(&needed_by_text(judged), PATH_CHARACTERS),
        refused: breakable(&refused_uses_text(judged)),
    });
    (
        rows.collect(),
        counted_if_any(left_out, "more key is", "more keys are"),
    )
}

fn guard(report: &Report) -> (Vec<GuardedAccount>, String) {
    let accounts = report.findings.accounts.iter();
    let mut counted: Vec<(&Account, GuardCounts)> = accounts
        .filter_map(|keys| Some((&*keys.account, keys.guards.if_read()?)))
        .collect();
    counted.sort_by_key(|(_, counts)| Reverse(counts.unguarded));
    let left_out = counted.len().saturating_sub(ACCOUNTS_SHOWN);
    let rows = counted
        .iter()
        .take(ACCOUNTS_SHOWN)
        .map(|(account, counts)| GuardedAccount {
            account: AccountName::of(account),
            text: guard_text(counts),
            bars: guard_bars(counts),
        });
    (
        rows.collect(),
        counted_if_any(left_out as u64, "more account is", "more accounts are"),
    )
}

fn guard_text(counts: &GuardCounts) -> String {
    let all = grouped(counts.all());
    let mut parts = vec![format!("{} of {all} guarded", grouped(counts.guarded))];
    for (count, how) in [(counts.partial, "in part"), (counts.not_read, "not read")] {
        if count > 0 {
            parts.push(format!("{} {how}", grouped(count)));
        }
    }
    parts.join(", ")
}

fn guard_bars(counts: &GuardCounts) -> [GuardBar; 4] {
    let mut before = 0;
    [
        ("guarded", counts.guarded),
        ("in-part", counts.partial),
        ("unguarded", counts.unguarded),
        ("not-read", counts.not_read),
    ]
    .map(|(class, count)| {
        let bar = GuardBar {
            class,
            left: percent(before, counts.all()),
            width: percent(count, counts.all()),
        };
        before += count;
        bar
    })
}
