//! The section of flagged secrets.

use super::{
    flagged::Section,
    wording::{
        NAME_CHARACTERS, PATH_CHARACTERS, by_hand_text, days, exemption_text, key_text,
        last_use_text, set_text, shortened,
    },
};
use crate::{judge::judged_key::JudgedKey, model::reading::KeyKind};

pub(super) const UNUSED_SECRETS: Section = Section {
    kind: KeyKind::Secret,
    heading: "UNUSED SECRETS",
    left_out: ("unused secret is", "unused secrets are"),
    entry,
};

fn entry(judged: &JudgedKey) -> Vec<String> {
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    let mut lines = vec![
        format!("- {idle}: {}", key_text(judged)),
        format!("  {}", last_use_text(judged)),
    ];
    if let Some(set) = set_text(judged) {
        lines.push(format!("  {}", shortened(&set, PATH_CHARACTERS)));
    }
    let deletion = || "schedule its deletion: it can be restored for 30 days".to_owned();
    let advice = by_hand_text(judged).unwrap_or_else(deletion);
    lines.push(format!("  {advice}"));
    lines.extend(exemption_text(judged));
    if let Some(owner) = &judged.key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}
