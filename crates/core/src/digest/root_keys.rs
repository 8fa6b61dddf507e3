//! The section of root access keys, whatever is said of them: there should be
//! none.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, account_told, days, recorded_use_told, shortened},
};
use crate::{
    key_row::JudgedKey,
    reading::{KeyKind, Usage},
    report::Report,
};

const KEYS_LISTED: usize = 40;

pub(super) fn root_keys(page: &mut Page, report: &Report, limit: usize) {
    let mut keys: Vec<&JudgedKey> = report
        .keys
        .iter()
        .filter(|judged| judged.key.kind == KeyKind::RootAccessKey)
        .collect();
    if keys.is_empty() {
        return;
    }
    // Those that anybody can use now are the worst.
    keys.sort_by_key(|judged| judged.key.state.as_deref() == Some("Inactive"));
    page.heading(&format!("ROOT ACCESS KEYS: {}", keys.len()));
    let listed = page.list(keys.iter().map(|key| told(key)), KEYS_LISTED, limit);
    if listed < keys.len() {
        let more = keys.len() - listed;
        page.line(&format!("- and {more} more; keys.csv has every one"));
    }
    page.line("Remove them: a root access key opens everything in its account.");
}

fn told(judged: &JudgedKey) -> String {
    let key = &judged.key;
    let state = key.state.as_deref().unwrap_or("state not known");
    let age = match judged.age_days {
        Some(age) => format!("{} old", days(age)),
        None => "age not known".to_owned(),
    };
    let last_use = match &key.usage {
        Usage::Recorded(last_use) => recorded_use_told(last_use),
        Usage::NoneRecorded { .. } => "no use recorded".to_owned(),
        Usage::Unreadable(_) | Usage::NotAsked => "last use not known".to_owned(),
    };
    format!(
        "- {}: {}, {}, {age}, {last_use}",
        account_told(&key.account),
        shortened(&key.key_id, NAME_CHARACTERS),
        shortened(state, NAME_CHARACTERS),
    )
}
