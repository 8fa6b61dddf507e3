//! The section of flagged passwords of IAM users.

use super::{
    flagged::Section,
    wording::{NAME_CHARACTERS, days, exemption_text, key_text, last_use_text, shortened},
};
use crate::{
    judge::judged_key::JudgedKey,
    model::{
        reading::{KeyKind, Usage},
        time::utc_date,
    },
};

pub(super) const UNUSED_PASSWORDS: Section = Section {
    kind: KeyKind::IamPassword,
    heading: "UNUSED PASSWORDS",
    left_out: ("unused password is", "unused passwords are"),
    entry,
};

fn entry(judged: &JudgedKey) -> Vec<String> {
    let key = &judged.key;
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    let changed = match (&key.usage, key.created_at) {
        (Usage::Recorded(last_use), Some(changed_at)) if changed_at > last_use.at => {
            format!(", changed on {}", utc_date(changed_at))
        }
        _ => String::new(),
    };
    let mut lines = vec![
        format!("- {idle}: {}", key_text(judged)),
        format!("  {}{changed}", last_use_text(judged)),
        "  remove it: the user cannot sign in to the console then; access keys still work"
            .to_owned(),
    ];
    lines.extend(exemption_text(judged));
    if let Some(owner) = &key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}
