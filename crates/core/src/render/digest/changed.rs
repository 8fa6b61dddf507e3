//! The sections of what became otherwise since the last run.

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
        findings::flagged::Flagged,
        history::Change,
        report::Report,
        verdict::Verdict,
    },
    model::layout::ReportFile,
    render::console::last_use_link,
};

pub(super) const KEYS_LISTED: usize = 20;

/// The changes in numbers, or why there are none.
pub(super) fn changes(page: &mut Page, report: &Report) {
    let compared_with = report.findings.compared_with;
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
            (counts.needed_again, "needed again"),
            (counts.used_again, "used again"),
            (counts.state_changed, "changed state"),
            (counts.gone, "gone"),
            (report.findings.changed(Change::Same), "as before"),
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
    flagged: &Flagged,
    compared_with: ComparedWith,
    limit: usize,
) {
    let Some(since) = since_text(compared_with) else {
        return;
    };
    let keys = &flagged.new;
    if keys.all() == 0 {
        return;
    }
    let since = since.to_uppercase();
    let count = grouped(keys.all());
    page.heading(&format!("UNUSED, NEW {since}: {count}"));
    let entries = keys.iter().map(|judged| {
        let idle = days(judged.judgement.idle_days.unwrap_or(0));
        let key = match judged.history.change {
            Some(Change::New) => "; the key itself is new here",
            _ => "",
        };
        format!("- {idle}: {}{key}", key_line(judged))
    });
    page.list_or_count(
        entries,
        keys.all(),
        KEYS_LISTED,
        limit,
        ReportFile::ChangesCsv,
    );
}

/// Keys that were unused and are in use.
pub(super) fn used_again(page: &mut Page, report: &Report, limit: usize) {
    let all = report.findings.changed(Change::UsedAgain);
    if all == 0 {
        return;
    }
    page.heading(&format!("USED AGAIN: {}", grouped(all)));
    let entries = report
        .findings
        .with_change(Change::UsedAgain)
        .map(|judged| {
            let last_use = judged.last_use();
            let link = last_use.and_then(|last_use| last_use_link(&judged.key, last_use));
            let link = link.map_or_else(String::new, |link| format!(": {link}"));
            let last_use = last_use.map(recorded_use_text).unwrap_or_default();
            format!("- {}; {last_use}{link}", key_line(judged))
        });
    page.list_or_count(entries, all, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys with another state than before, and no more important change.
pub(super) fn state_changed(page: &mut Page, report: &Report, limit: usize) {
    let all = report.findings.changed(Change::StateChanged);
    if all == 0 {
        return;
    }
    page.heading(&format!("STATE CHANGED: {}", grouped(all)));
    let entries = report
        .findings
        .with_change(Change::StateChanged)
        .map(|judged| {
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
    page.list_or_count(entries, all, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys that are not there any more.
pub(super) fn gone(page: &mut Page, report: &Report, limit: usize) {
    let keys = &report.findings.gone;
    if keys.all() == 0 {
        return;
    }
    page.heading(&format!("GONE: {}", grouped(keys.all())));
    let entries = keys.iter().map(gone_line);
    page.list_or_count(
        entries,
        keys.all(),
        KEYS_LISTED,
        limit,
        ReportFile::ChangesCsv,
    );
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
