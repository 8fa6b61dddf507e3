//! The table of what differs between two reports.

use keycensus_core::judge::{
    changes::{ChangeCounts, GoneKey},
    history::{Change, Previous},
    judged_key::JudgedKey,
    known_keys::KnownKey,
    report::Report,
    verdict::Verdict,
};

use crate::{
    columns::{Side, table},
    key_words,
};

/// What differs between `earlier` and `later`, which was compared with it, and which
/// keys could not be looked for.
pub(crate) fn render(earlier: &Report, later: &Report) -> String {
    let counts = &later.summary.changes;
    let text = format!(
        "From {} to {}: {}\n",
        earlier.summary.scanned_at,
        later.summary.scanned_at,
        counted(counts)
    );
    let rows = rows(later);
    if rows.is_empty() {
        return text;
    }
    let headings = [
        ("CHANGE", Side::Left),
        ("ACCOUNT", Side::Left),
        ("REGION", Side::Left),
        ("KEY", Side::Left),
        ("OWNER", Side::Left),
        ("BEFORE", Side::Left),
        ("NOW", Side::Left),
    ];
    format!("{text}\n{}", table(headings, &rows))
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

/// The keys that differ, those with the same change together.
fn rows(later: &Report) -> Vec<[String; 7]> {
    let findings = &later.findings;
    let there = findings
        .differing()
        .map(|(change, judged)| listed(judged, change));
    let gone = findings.gone.iter().map(gone);
    let unseen = findings.unseen.iter().map(unseen);
    there.chain(gone).chain(unseen).collect()
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
