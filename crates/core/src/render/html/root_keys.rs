//! Root access keys, whatever their verdict: there should be none.

use super::words::{AccountName, counted_if_any};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::reading::Usage,
    render::digest::wording::{NAME_CHARACTERS, days, recorded_use_text, shortened},
};

pub(crate) const KEYS_SHOWN: usize = 200;

/// The root access keys, active ones first.
pub(super) struct RootKeys {
    pub(super) rows: Vec<RootKeyRow>,
    /// How many are not shown; empty where all are.
    pub(super) left_out: String,
}

/// One root access key.
pub(super) struct RootKeyRow {
    pub(super) account: AccountName,
    pub(super) key_id: String,
    pub(super) state: String,
    pub(super) age: String,
    pub(super) last_use: String,
}

impl RootKeys {
    pub(super) fn of(report: &Report) -> Self {
        let keys = &report.findings.root_keys;
        Self {
            rows: keys.iter().take(KEYS_SHOWN).map(root_key_row).collect(),
            left_out: counted_if_any(
                keys.all().saturating_sub(KEYS_SHOWN as u64),
                "more root access key is",
                "more root access keys are",
            ),
        }
    }
}

fn root_key_row(judged: &JudgedKey) -> RootKeyRow {
    let key = &judged.key;
    RootKeyRow {
        account: AccountName::of(&key.account),
        key_id: shortened(&key.key_id, NAME_CHARACTERS),
        state: shortened(key.state.as_deref().unwrap_or("not known"), NAME_CHARACTERS),
        age: judged.age_days.map_or("not known".to_owned(), days),
        last_use: match &key.usage {
            Usage::Recorded(last_use) => recorded_use_text(last_use),
            Usage::NoneRecorded { .. } => "no use recorded".to_owned(),
            Usage::Unreadable(_) | Usage::NotRead => "last use not known".to_owned(),
        },
    }
}
