//! What differs from the last run: the keys by name, and in numbers.

use super::words::{AccountName, counted_if_any, grouped, key_id_text, known_key_id_text, words};
use crate::{
    judge::{
        changes::{ComparedWith, GoneKey},
        history::{Change, Previous},
        judged_key::JudgedKey,
        report::Report,
        verdict::Verdict,
    },
    render::digest::wording::{NAME_CHARACTERS, shortened},
};

pub(crate) const KEYS_SHOWN: usize = 200;
const OWNER_CHARACTERS: usize = 40;

/// The changes.
pub(super) struct Changes {
    /// Since when, in words.
    pub(super) since: String,
    /// Why this is the first census; empty where it is not.
    pub(super) first_census: String,
    /// Keys by change, none left out.
    pub(super) numbers: Vec<(&'static str, String)>,
    pub(super) rows: Vec<ChangedKey>,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
    /// Unseen keys; empty where there are none.
    pub(super) unseen: String,
}

/// One key that differs.
pub(super) struct ChangedKey {
    pub(super) change: String,
    pub(super) account: AccountName,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) key_id: String,
    pub(super) owner: String,
    pub(super) before: String,
    pub(super) now: String,
}

impl Changes {
    pub(super) fn of(report: &Report) -> Self {
        let counts = &report.summary.changes;
        let findings = &report.findings;
        let there = findings
            .differing()
            .map(|(change, judged)| listed(judged, change));
        let gone = findings.gone.iter().map(gone);
        let left_out = counts.total().saturating_sub(KEYS_SHOWN as u64);
        let (since, first_census) = match findings.compared_with {
            ComparedWith::Nothing(why) => (String::new(), why.to_string()),
            ComparedWith::LastRun(Some(date)) => (format!(" since {date}"), String::new()),
            ComparedWith::LastRun(None) => (" since the last census".to_owned(), String::new()),
        };
        Self {
            since,
            first_census,
            numbers: vec![
                ("New keys", grouped(counts.new)),
                ("Newly flagged", grouped(counts.newly_flagged)),
                ("Needed again", grouped(counts.needed_again)),
                ("Used again", grouped(counts.used_again)),
                ("State changed", grouped(counts.state_changed)),
                ("Gone", grouped(counts.gone)),
                ("Same", grouped(findings.changed(Change::Same))),
            ],
            rows: there.chain(gone).take(KEYS_SHOWN).collect(),
            left_out: counted_if_any(left_out, "more change is", "more changes are"),
            unseen: counted_if_any(counts.unseen, "key", "keys"),
        }
    }
}

fn listed(judged: &JudgedKey, change: Change) -> ChangedKey {
    let key = &judged.key;
    let before = |previous: &Previous| verdict_and_state(previous.verdict, &previous.state);
    let state = key.state.as_deref().unwrap_or_default();
    ChangedKey {
        change: words(change.as_str()),
        account: AccountName::of(&key.account),
        region: judged.region().to_owned(),
        name: shortened(&key.names.join(", "), NAME_CHARACTERS),
        key_id: key_id_text(judged),
        owner: shortened(key.owner.as_deref().unwrap_or_default(), OWNER_CHARACTERS),
        before: judged
            .history
            .previous
            .as_deref()
            .map(before)
            .unwrap_or_default(),
        now: verdict_and_state(judged.judgement.verdict, state),
    }
}

fn gone(GoneKey { key, why }: &GoneKey) -> ChangedKey {
    ChangedKey {
        change: "gone".to_owned(),
        account: AccountName::of(&key.account),
        region: shortened(&key.region, NAME_CHARACTERS),
        name: shortened(&key.name.replace(';', ", "), NAME_CHARACTERS),
        key_id: known_key_id_text(key),
        owner: shortened(&key.owner, OWNER_CHARACTERS),
        before: verdict_and_state(key.verdict, &key.state),
        now: why.describe().to_owned(),
    }
}

/// `stale, Enabled`.
fn verdict_and_state(verdict: Verdict, state: &str) -> String {
    let state = shortened(state, NAME_CHARACTERS);
    match (verdict, state.as_str()) {
        // The state has the same meaning.
        (Verdict::PendingDeletion, _) => state,
        (verdict, "") => words(verdict.as_str()),
        (verdict, _) => format!("{}, {state}", words(verdict.as_str())),
    }
}

#[cfg(test)]
mod tests;
