//! The table of what differs between two reports.

use std::{collections::BTreeMap, iter};

use keycensus_core::judge::{
    changes::{ChangeCounts, GoneKey},
    history::{Change, Previous},
    judged_account::JudgedAccount,
    judged_key::JudgedKey,
    known_keys::KnownKey,
    verdict::Verdict,
};

use crate::{
    columns::{Side, Table, TableRow},
    key_words,
};

const HEADINGS: [(&str, Side); 7] = [
    ("CHANGE", Side::Left),
    ("ACCOUNT", Side::Left),
    ("REGION", Side::Left),
    ("KEY", Side::Left),
    ("OWNER", Side::Left),
    ("BEFORE", Side::Left),
    ("NOW", Side::Left),
];

/// The keys that differ, and those that could not be looked for.
pub(crate) struct DiffTable {
    table: Table<7>,
    /// Those with the same change are together.
    rows: BTreeMap<Difference, Vec<TableRow>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    Listed(Change),
    Gone,
    Unseen,
}

impl DiffTable {
    pub(crate) fn new() -> Self {
        Self {
            table: Table::new(HEADINGS),
            rows: BTreeMap::new(),
        }
    }

    /// Adds what differs in the next account.
    pub(crate) fn add(&mut self, account: &JudgedAccount) {
        for judged in &account.keys {
            match judged.history.change {
                None | Some(Change::Same) => {}
                Some(change) => self.push(Difference::Listed(change), &listed(judged, change)),
            }
        }
        for key in &account.gone {
            self.push(Difference::Gone, &gone(key));
        }
        for key in &account.unseen {
            self.push(Difference::Unseen, &unseen(key));
        }
    }

    fn push(&mut self, difference: Difference, cells: &[String; 7]) {
        let row = self.table.row(cells);
        self.rows.entry(difference).or_default().push(row);
    }

    /// The lines to print of two reports, which began at these times.
    pub(crate) fn lines(
        &self,
        [earlier, later]: [&str; 2],
        counts: &ChangeCounts,
    ) -> Box<dyn Iterator<Item = String> + '_> {
        let counted = counted(counts);
        let first = iter::once(format!("From {earlier} to {later}: {counted}\n"));
        if self.rows.is_empty() {
            return Box::new(first);
        }
        let table = self.table.lines(self.rows.values().flatten());
        Box::new(first.chain(["\n".to_owned()]).chain(table))
    }
}

fn counted(counts: &ChangeCounts) -> String {
    let parts = [
        (counts.new, "new"),
        (counts.newly_flagged, "newly flagged"),
        (counts.used_again, "used again"),
        (counts.state_changed, "with another state"),
        (counts.gone, "gone"),
    ];
    let differ: Vec<String> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    let differ = match (differ.is_empty(), counts.unseen) {
        (true, 0) => "nothing differs".to_owned(),
        (true, _) => "nothing that could be seen differs".to_owned(),
        (false, _) => differ.join(", "),
    };
    match counts.unseen {
        0 => format!("{differ}."),
        1 => format!("{differ}; 1 key could not be looked for."),
        n => format!("{differ}; {n} keys could not be looked for."),
    }
}

fn listed(judged: &JudgedKey, change: Change) -> [String; 7] {
    let key = &judged.key;
    let before = |previous: &Previous| verdict_and_state(previous.verdict, &previous.state);
    let state = key.state.as_deref().unwrap_or_default();
    [
        key_words::words(change.as_str()),
        key_words::account(&key.account),
        judged.region().to_owned(),
        key_words::key(key.kind, &key.names.join(";"), &key.key_id),
        key_words::owner(key.owner.as_deref().unwrap_or_default()),
        judged
            .history
            .previous
            .as_deref()
            .map(before)
            .unwrap_or_default(),
        verdict_and_state(judged.judgement.verdict, state),
    ]
}

fn gone(gone: &GoneKey) -> [String; 7] {
    known("gone", &gone.key, gone.why.describe().to_owned())
}

fn unseen(key: &KnownKey) -> [String; 7] {
    let last_seen = key.last_seen_on.map(|on| format!("last seen on {on}"));
    known("not seen", key, last_seen.unwrap_or_default())
}

fn known(change: &str, key: &KnownKey, now: String) -> [String; 7] {
    [
        change.to_owned(),
        key_words::account(&key.account),
        key.region.clone(),
        key_words::key(key.kind, &key.name, &key.key_id),
        key_words::owner(&key.owner),
        verdict_and_state(key.verdict, &key.state),
        now,
    ]
}

/// `never used, Enabled`.
fn verdict_and_state(verdict: Verdict, state: &str) -> String {
    let text = key_words::words(verdict.as_str());
    match (verdict, state) {
        // The state says it already.
        (Verdict::PendingDeletion, _) => state.to_owned(),
        (_, "") => text,
        _ => format!("{text}, {state}"),
    }
}
