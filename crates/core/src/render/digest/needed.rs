//! The section of keys that somebody was refused of late: it comes first.

use super::{
    page::Page,
    pending_deletion::deletion_date_text,
    wording::{PATH_CHARACTERS, days, grouped, key_line, shortened},
};
use crate::{
    judge::{
        findings::needed::NeededKeys, judged_key::JudgedKey, recommendation::Recommendation,
        report::Report,
    },
    model::{
        access_key::with_ids_shortened, layout::ReportFile, refused_uses::RefusedUses,
        time::to_seconds,
    },
};

pub(super) const KEYS_LISTED: usize = 40;

/// Writes the section of keys that are disabled or pending deletion, and that somebody asked for.
pub(super) fn needed(page: &mut Page, report: &Report, keys: &NeededKeys, limit: usize) {
    if keys.all() == 0 {
        return;
    }
    page.heading(&format!("SOMEBODY STILL NEEDS: {}", grouped(keys.all())));
    page.line(&format!(
        "Requests for these keys were refused in the last {}, because the keys are disabled or pending deletion.",
        days(report.summary.watch_days.into())
    ));
    let entries = keys.iter().map(|judged| entry(judged, report));
    page.list_or_count(entries, keys.all(), KEYS_LISTED, limit, ReportFile::KeysCsv);
}

fn entry(judged: &JudgedKey, report: &Report) -> String {
    let refused = judged.key.refused_uses().and_then(refused_text);
    format!(
        "- {}; {}; {}. {}",
        key_line(judged),
        refused.unwrap_or_default(),
        state_text(judged, report),
        what_to_run(judged)
    )
}

/// That the key is disabled, or when it is deleted.
pub(crate) fn state_text(judged: &JudgedKey, report: &Report) -> String {
    match judged.recommendation {
        Recommendation::CancelDeletion => {
            format!("deleted {}", deletion_date_text(judged, report.now))
        }
        _ => "disabled".to_owned(),
    }
}

/// What was found of refused uses: `refused 12 times, last at 2026-11-20T02:00:00Z by arn:aws:…`; `None`
/// where none was found.
pub(crate) fn refused_text(found: &RefusedUses) -> Option<String> {
    let last = found.last.as_ref()?;
    let by = match last.by.as_str() {
        "" => "a caller that the event does not name".to_owned(),
        by => shortened(&with_ids_shortened(by), PATH_CHARACTERS),
    };
    let times = match found.count {
        None | Some(0) => "refused".to_owned(),
        Some(n) if found.is_minimum() => format!("refused at least {} times", grouped(n)),
        Some(1) => "refused once".to_owned(),
        Some(n) => format!("refused {} times", grouped(n)),
    };
    Some(format!("{times}, last at {} by {by}", to_seconds(last.at)))
}

/// The commands that bring a key back. Nothing is shown as a command that is not a key's ID.
pub(crate) fn what_to_run(judged: &JudgedKey) -> String {
    let key_id = &judged.key.key_id;
    if !key_id
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-')
    {
        return "Look at it by hand: its ID is none of KMS's".to_owned();
    }
    let key = format!("--region {} --key-id {key_id}", judged.region());
    let enable = format!("aws kms enable-key {key}");
    match judged.recommendation {
        Recommendation::CancelDeletion => {
            format!("Run aws kms cancel-key-deletion {key}, and then {enable}")
        }
        _ => format!("Run {enable}"),
    }
}
