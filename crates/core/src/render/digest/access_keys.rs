//! The section of flagged access keys of IAM users.

use super::{
    flagged::Section,
    wording::{
        NAME_CHARACTERS, by_hand_text, days, exemption_text, key_text, last_use_text, shortened,
    },
};
use crate::{
    judge::{judged_key::JudgedKey, recommendation::Recommendation},
    model::reading::KeyKind,
};

pub(super) const UNUSED_ACCESS_KEYS: Section = Section {
    kind: KeyKind::IamAccessKey,
    heading: "UNUSED ACCESS KEYS",
    left_out: ("unused access key is", "unused access keys are"),
    entry,
};

fn entry(judged: &JudgedKey) -> Vec<String> {
    let key = &judged.key;
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    let state = match key.state.as_deref() {
        Some(state) => shortened(state, NAME_CHARACTERS),
        None => "state not known".to_owned(),
    };
    let advice = match (judged.recommendation, by_hand_text(judged)) {
        (_, Some(by_hand)) => by_hand,
        (Recommendation::Delete, None) => format!("{state} already: delete it"),
        (_, None) => format!("{state}: deactivate it"),
    };
    let mut lines = vec![
        format!("- {idle}: {}", key_text(judged)),
        format!("  {}", last_use_text(judged)),
        format!("  {advice}"),
    ];
    lines.extend(exemption_text(judged));
    if let Some(owner) = &key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}
