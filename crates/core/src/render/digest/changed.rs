//! The sections of what became otherwise since the last run.

use std::cmp::Reverse;

use super::{
    page::Page,
    wording::{
        NAME_CHARACTERS, account_text, days, grouped, key_line, known_key_text, owner_text,
        recorded_use_text, shortened, since_text,
    },
};
use crate::{
    judge::{
        changes::{ComparedWith, GoneKey, GoneReason},
        history::Change,
        judged_key::JudgedKey,
        report::Report,
        verdict::Verdict,
    },
    model::layout::ReportFile,
};

const KEYS_LISTED: usize = 20;

/// The changes in numbers, or why there are none.
pub(super) fn changes(page: &mut Page, report: &Report) {
    let compared_with = report.changes.compared_with;
    let counts = &report.summary.changes;
    if let ComparedWith::Nothing(why) = compared_with {
        page.line(&format!(
            "This is the first census ({why}), so no changes are reported."
        ));
    } else if let Some(since) = since_text(compared_with) {
        if counts.total() == 0 {
            page.line(&format!("Nothing that could be seen has changed {since}."));
            return;
        }
        let all = [
            (counts.new, "appeared"),
            (counts.newly_flagged, "became unused"),
            (counts.used_again, "used again"),
            (counts.state_changed, "changed state"),
            (counts.gone, "gone"),
            (report.unchanged(), "as before"),
        ];
        let all = all.into_iter().filter(|(n, _)| *n > 0);
        let parts: Vec<_> = all
            .map(|(n, what)| format!("{} {what}", grouped(n)))
            .collect();
        page.line(&format!("Keys {since}: {}.", parts.join(", ")));
    }
}

/// Those of the `flagged` keys that were not flagged in the last run, or not there.
pub(super) fn new_since(
    page: &mut Page,
    flagged: &[&JudgedKey],
    compared_with: ComparedWith,
    limit: usize,
) {
    let Some(since) = since_text(compared_with) else {
        return;
    };
    let is_new = |judged: &&&JudgedKey| judged.is_newly_flagged();
    let mut keys: Vec<&&JudgedKey> = flagged.iter().filter(is_new).collect();
    if keys.is_empty() {
        return;
    }
    keys.sort_by_key(|judged| Reverse(judged.judgement.idle_days));
    let since = since.to_uppercase();
    let count = grouped(keys.len() as u64);
    page.heading(&format!("UNUSED, NEW {since}: {count}"));
    let entries = keys.iter().map(|judged| {
        let idle = days(judged.judgement.idle_days.unwrap_or(0));
        let key = match judged.history.change {
            Some(Change::New) => "; the key itself is new here",
            _ => "",
        };
        format!("- {idle}: {}{key}", key_line(judged))
    });
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys that were unused and are in use.
pub(super) fn used_again(page: &mut Page, report: &Report, limit: usize) {
    let keys: Vec<&JudgedKey> = report.with_change(Change::UsedAgain).collect();
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("USED AGAIN: {}", grouped(keys.len() as u64)));
    let entries = keys.iter().map(|judged| {
        let last_use = judged.last_use().map(recorded_use_text);
        let last_use = last_use.unwrap_or_default();
        format!("- {}; {last_use}", key_line(judged))
    });
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys with another state than before, and no more important change.
pub(super) fn state_changed(page: &mut Page, report: &Report, limit: usize) {
    let keys: Vec<&JudgedKey> = report.with_change(Change::StateChanged).collect();
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("STATE CHANGED: {}", grouped(keys.len() as u64)));
    let entries = keys.iter().map(|judged| {
        let state = |state: &str| shortened(state, NAME_CHARACTERS);
        let before = judged
            .history
            .previous
            .as_deref()
            .map(|last| state(&last.state));
        let now = judged.key.state.as_deref().map(state);
        let [before, now] = [before, now].map(Option::unwrap_or_default);
        format!("- {}; was {before}, is {now}", key_line(judged))
    });
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys that are not there any more.
pub(super) fn gone(page: &mut Page, report: &Report, limit: usize) {
    let keys = &report.changes.gone;
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("GONE: {}", grouped(keys.len() as u64)));
    let entries = keys.iter().map(gone_line);
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

fn gone_line(GoneKey { key, why }: &GoneKey) -> String {
    let (name, account) = (known_key_text(key), account_text(&key.account));
    let owner = owner_text(Some(&key.owner));
    let was = match (key.first_flagged_on, key.verdict) {
        (Some(on), _) => format!("flagged since {on}"),
        (None, Verdict::InUse) => "was in use".to_owned(),
        (None, Verdict::PendingDeletion) => "was pending deletion".to_owned(),
        (None, _) => "was not flagged".to_owned(),
    };
    let why = match why {
        GoneReason::NotListed => "",
        GoneReason::AccountLeft => "; the account left the organization",
    };
    format!("- {name}; {account}{owner}; {was}{why}")
}
