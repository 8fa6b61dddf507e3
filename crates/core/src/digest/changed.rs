//! The sections of what became otherwise since the last run.

use std::cmp::Reverse;

use super::{
    page::Page,
    wording::{
        account_told, days, key_told, known_key_told, owner_told, recorded_use_told, since_told,
    },
};
use crate::{
    change::Change,
    changes::{ComparedWith, GoneKey, WhyGone},
    key_row::JudgedKey,
    layout::ReportFile,
    report::Report,
    verdict::Verdict,
};

const KEYS_LISTED: usize = 20;

/// Says so where there is nothing to compare with, or no difference.
pub(super) fn whether_changed(page: &mut Page, report: &Report) {
    let compared_with = report.changes.compared_with;
    if let ComparedWith::Nothing(why) = compared_with {
        page.line(&format!(
            "This is the first census ({why}), so nothing is said of changes."
        ));
    } else if let Some(since) = since_told(compared_with)
        && report.summary.changes.total() == 0
    {
        page.line(&format!("Nothing that could be seen has changed {since}."));
    }
}

/// Those of the `flagged` keys that were not flagged in the last run, or not there.
pub(super) fn new_since(
    page: &mut Page,
    flagged: &[&JudgedKey],
    compared_with: ComparedWith,
    limit: usize,
) {
    let Some(since) = since_told(compared_with) else {
        return;
    };
    let is_new = |judged: &&&JudgedKey| judged.is_newly_flagged();
    let mut keys: Vec<&&JudgedKey> = flagged.iter().filter(is_new).collect();
    if keys.is_empty() {
        return;
    }
    keys.sort_by_key(|judged| Reverse(judged.judgement.idle_days));
    let since = since.to_uppercase();
    page.heading(&format!("NEW {since}: {}", keys.len()));
    let entries = keys.iter().map(|judged| {
        let idle = days(judged.judgement.idle_days.unwrap_or(0));
        let key = match judged.history.change {
            Some(Change::New) => "; the key itself is new here",
            _ => "",
        };
        format!("- {idle}: {}{key}", place_told(judged))
    });
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys that were unused and are in use.
pub(super) fn used_again(page: &mut Page, report: &Report, limit: usize) {
    let keys: Vec<&JudgedKey> = report
        .keys
        .iter()
        .filter(|judged| judged.history.change == Some(Change::UsedAgain))
        .collect();
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("USED AGAIN: {}", keys.len()));
    let entries = keys.iter().map(|judged| {
        let last_use = judged.last_use().map(recorded_use_told);
        let last_use = last_use.unwrap_or_default();
        format!("- {}; {last_use}", place_told(judged))
    });
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

/// Keys that are not there any more.
pub(super) fn gone(page: &mut Page, report: &Report, limit: usize) {
    let keys = &report.changes.gone;
    if keys.is_empty() {
        return;
    }
    page.heading(&format!("GONE: {}", keys.len()));
    let entries = keys.iter().map(gone_told);
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::ChangesCsv);
}

fn gone_told(GoneKey { key, why }: &GoneKey) -> String {
    let (name, account) = (known_key_told(key), account_told(&key.account));
    let owner = owner_told(Some(&key.owner));
    let was = match (key.first_flagged_on, key.verdict) {
        (Some(on), _) => format!("flagged since {on}"),
        (None, Verdict::InUse) => "was in use".to_owned(),
        (None, Verdict::PendingDeletion) => "was pending deletion".to_owned(),
        (None, _) => "was not flagged".to_owned(),
    };
    let why = match why {
        WhyGone::NotListed => "",
        WhyGone::AccountLeft => "; the account left the organization",
    };
    format!("- {name}; {account}{owner}; {was}{why}")
}

/// `alias/orders, eu-west-1; 222222222222 payments-prod; owner payments`.
fn place_told(judged: &JudgedKey) -> String {
    let (name, account) = (key_told(judged), account_told(&judged.key.account));
    let owner = owner_told(judged.key.owner.as_deref());
    format!("{name}; {account}{owner}")
}
