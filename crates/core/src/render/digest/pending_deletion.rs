//! The section of KMS keys that will be deleted.

use jiff::Timestamp;

use super::{
    dependents::{deleted_grants_text, dependents_text},
    needed::refused_text,
    page::Page,
    wording::{account_text, days, grouped, key_text, owner_text},
};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::{
        layout::ReportFile,
        time::{idle_days, utc_date},
    },
};

pub(super) const KEYS_LISTED: usize = 20;

/// Writes the section of keys that are pending deletion.
pub(super) fn pending_deletion(page: &mut Page, report: &Report, limit: usize) {
    let keys = &report.findings.pending_deletion;
    if keys.all() == 0 {
        return;
    }
    page.heading(&format!("PENDING DELETION: {}", grouped(keys.all())));
    let entries = keys.iter().map(|judged| entry(judged, report.now));
    page.list_or_count(entries, keys.all(), KEYS_LISTED, limit, ReportFile::KeysCsv);
    page.line(
        "Refused uses are those that CloudTrail's event history names by the key: that none was found proves nothing. The alarm on keys pending deletion sees them at once. To keep one: CancelKeyDeletion, then EnableKey.",
    );
}

/// When KMS deletes a key: `in 7 days, on 2026-11-28`.
pub(crate) fn deletion_date_text(judged: &JudgedKey, now: Timestamp) -> String {
    match (judged.key.deletion_date(), judged.key.state.as_deref()) {
        (Some(date), _) => {
            let on = utc_date(date);
            match idle_days(now, date) {
                0 => format!("within a day, on {on}"),
                left => format!("in {}, on {on}", days(left)),
            }
        }
        (None, Some("PendingReplicaDeletion")) => {
            "no date yet: its replica keys are deleted first".to_owned()
        }
        (None, _) => "date not known".to_owned(),
    }
}

/// What is known of refused uses of a key that will be deleted.
pub(crate) fn refused_uses_text(judged: &JudgedKey) -> String {
    let Some(found) = judged.key.refused_uses() else {
        return "refused uses were not looked for".to_owned();
    };
    match (refused_text(found), &found.gap) {
        (Some(refused), _) => refused,
        (None, None) => "no refused use found".to_owned(),
        (None, Some(_)) => "refused uses are not known".to_owned(),
    }
}

/// What is known to depend on a key that will be deleted.
pub(crate) fn needed_by_text(judged: &JudgedKey) -> String {
    match judged.key.dependents() {
        None => "what depends on it was not looked for".to_owned(),
        Some(dependents) => {
            let needed = match dependents_text(dependents) {
                Some(dependents) => format!("still needed by {dependents}"),
                None if dependents.is_whole() => "nothing found that depends on it".to_owned(),
                None => "what depends on it is not known in full".to_owned(),
            };
            let parts = [Some(needed), deleted_grants_text(dependents)];
            parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
        }
    }
}

fn entry(judged: &JudgedKey, now: Timestamp) -> String {
    format!(
        "- {}: {}; {}{}; {}; {}",
        deletion_date_text(judged, now),
        key_text(judged),
        account_text(&judged.key.account),
        owner_text(judged.key.owner.as_deref()),
        needed_by_text(judged),
        refused_uses_text(judged),
    )
}
