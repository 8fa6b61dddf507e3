//! The table of flagged keys.

use std::iter;

use keycensus_core::judge::{
    findings::by_account::{LongestIdle, longest_idle},
    judged_account::JudgedAccount,
    judged_key::JudgedKey,
    price::dollars,
};

use crate::{
    columns::{Side, Table, TableRow},
    key_words,
};

const HEADINGS: [(&str, Side); 7] = [
    ("DAYS IDLE", Side::Right),
    ("ACCOUNT", Side::Left),
    ("REGION", Side::Left),
    ("KEY", Side::Left),
    ("OWNER", Side::Left),
    ("WHAT TO DO", Side::Left),
    ("USD A MONTH", Side::Right),
];

/// Every flagged key, longest idle first.
pub(crate) struct FlaggedTable {
    table: Table<7>,
    rows: Vec<(LongestIdle, TableRow)>,
}

impl FlaggedTable {
    pub(crate) fn new() -> Self {
        Self {
            table: Table::new(HEADINGS),
            rows: Vec::new(),
        }
    }

    /// Adds the flagged keys of the next account.
    pub(crate) fn add(&mut self, account: &JudgedAccount) {
        for judged in account.flagged() {
            let row = self.table.row(&row(judged));
            self.rows.push((longest_idle(judged), row));
        }
    }

    /// The lines to print.
    pub(crate) fn lines(&mut self) -> Box<dyn Iterator<Item = String> + '_> {
        if self.rows.is_empty() {
            return Box::new(iter::once("No key is flagged.\n".to_owned()));
        }
        self.rows.sort_by_key(|(order, _)| *order);
        let n = self.rows.len();
        let title = format!("FLAGGED KEYS: {n}, longest idle first\n");
        let rows = self.rows.iter().map(|(_, row)| row);
        Box::new(iter::once(title).chain(self.table.lines(rows)))
    }
}

fn row(judged: &JudgedKey) -> [String; 7] {
    let key = &judged.key;
    [
        judged.judgement.idle_days.unwrap_or(0).to_string(),
        key_words::account(&key.account),
        judged.region().to_owned(),
        key_words::key(key.kind, &key.names.join(";"), &key.key_id),
        key_words::owner(key.owner.as_deref().unwrap_or_default()),
        key_words::words(judged.recommendation.as_str()),
        judged.monthly_cents.map(dollars).unwrap_or_default(),
    ]
}
