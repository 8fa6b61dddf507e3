//! The section of root access keys, whatever their verdict: there should be none.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, account_text, days, grouped, recorded_use_text, shortened},
};
use crate::{
    judge::{findings::top::Top, judged_key::JudgedKey},
    model::{layout::ReportFile, reading::Usage},
};

pub(super) const KEYS_LISTED: usize = 40;

/// Writes the section of root access keys, active ones first.
pub(super) fn root_keys(page: &mut Page, keys: &Top<bool, JudgedKey>, limit: usize) {
    if keys.all() == 0 {
        return;
    }
    page.heading(&format!("ROOT ACCESS KEYS: {}", grouped(keys.all())));
    let entries = keys.iter().map(entry);
    page.list_or_count(entries, keys.all(), KEYS_LISTED, limit, ReportFile::KeysCsv);
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
