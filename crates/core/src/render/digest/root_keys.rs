//! The section of root access keys, whatever their verdict: there should be none.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, account_text, days, grouped, recorded_use_text, shortened},
};
use crate::{
    judge::judged_key::JudgedKey,
    model::{
        layout::ReportFile,
        reading::{KeyKind, Usage},
    },
};

const KEYS_LISTED: usize = 40;

/// Writes the section of those of `keys` that are root access keys.
pub(super) fn root_keys<'a>(
    page: &mut Page,
    keys: impl IntoIterator<Item = &'a JudgedKey>,
    limit: usize,
) {
    let is_root = |judged: &&JudgedKey| judged.key.kind == KeyKind::RootAccessKey;
    let mut keys: Vec<&JudgedKey> = keys.into_iter().filter(is_root).collect();
    if keys.is_empty() {
        return;
    }
    // Active ones first.
    keys.sort_by_key(|judged| judged.key.state.as_deref() == Some("Inactive"));
    page.heading(&format!("ROOT ACCESS KEYS: {}", grouped(keys.len() as u64)));
    let entries = keys.iter().map(|key| entry(key));
    page.list_or_count(entries, KEYS_LISTED, limit, ReportFile::KeysCsv);
    page.line("Remove them: a root access key gives access to everything in its account.");
}

fn entry(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let state = key.state.as_deref().unwrap_or("state not known");
    let age = match judged.age_days {
        Some(age) => format!("{} old", days(age)),
        None => "age not known".to_owned(),
    };
    let last_use = match &key.usage {
        Usage::Recorded(last_use) => recorded_use_text(last_use),
        Usage::NoneRecorded { .. } => "no use recorded".to_owned(),
        Usage::Unreadable(_) | Usage::NotRead => "last use not known".to_owned(),
    };
    format!(
        "- {}: {}, {}, {age}, {last_use}",
        account_text(&key.account),
        shortened(&key.key_id, NAME_CHARACTERS),
        shortened(state, NAME_CHARACTERS),
    )
}
