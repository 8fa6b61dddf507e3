//! The keys of one account in numbers.

use std::sync::Arc;

use crate::{
    judge::{
        guard_counts::GuardCounts, judged_account::JudgedAccount, recommendation::Recommendation,
    },
    model::{account::Account, reading::KeyKind},
};

/// The keys of one account in numbers.
#[derive(Debug, Clone)]
pub struct AccountTotals {
    /// The account.
    pub account: Arc<Account>,
    /// Where it is in the organization, by name; empty when not known.
    pub ou_path: Arc<str>,
    /// Flagged keys.
    pub flagged: u64,
    /// Keys that somebody still needs.
    pub needed: u64,
    /// US cents a month that flagged keys cost.
    pub flagged_cents: u64,
    /// US cents a month that all its keys cost.
    pub all_cents: u64,
    /// Access keys to rotate.
    pub to_rotate: u64,
    /// How its KMS keys are guarded.
    pub guards: GuardCounts,
}

impl AccountTotals {
    /// Counts the keys of an account; `None` where it has none.
    pub(crate) fn of(account: &JudgedAccount) -> Option<Self> {
        let first = account.keys.first()?;
        let mut totals = Self {
            account: Arc::clone(&first.key.account),
            ou_path: Arc::clone(&first.ou_path),
            flagged: 0,
            needed: 0,
            flagged_cents: 0,
            all_cents: 0,
            to_rotate: 0,
            guards: GuardCounts::default(),
        };
        for judged in &account.keys {
            let cents = judged.monthly_cents.unwrap_or(0);
            totals.all_cents += cents;
            if judged.is_flagged() {
                totals.flagged += 1;
                totals.flagged_cents += cents;
            }
            totals.needed += u64::from(judged.is_needed());
            let is_access_key = judged.key.kind == KeyKind::IamAccessKey;
            let is_to_rotate = judged.recommendation == Recommendation::Rotate;
            totals.to_rotate += u64::from(is_access_key && is_to_rotate);
            totals.guards.add(judged);
        }
        Some(totals)
    }
}
