//! The section of flagged KMS keys.

use super::{
    flagged::Section,
    wording::{NAME_CHARACTERS, counted, days, last_use_told, shortened},
};
use crate::{key_row::JudgedKey, reading::KeyKind};

pub(super) const UNUSED_KMS_KEYS: Section = Section {
    heading: "UNUSED KMS KEYS, longest idle first",
    kind: KeyKind::KmsKey,
    left_out: ("unused key is", "unused keys are"),
    told,
};

fn told(judged: &JudgedKey) -> Vec<String> {
    let key = &judged.key;
    let name = match key.names.as_slice() {
        [] => "no alias".to_owned(),
        [name] => shortened(name, NAME_CHARACTERS),
        [name, more @ ..] => {
            format!(
                "{} and {}",
                shortened(name, NAME_CHARACTERS),
                counted(more.len() as u64, "more alias", "more aliases")
            )
        }
    };
    let mut why = last_use_told(judged);
    if let Some(state) = key.state.as_deref().filter(|state| *state != "Enabled") {
        why.push_str(&format!("; {}", shortened(state, NAME_CHARACTERS)));
    }
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    let mut lines = vec![
        format!("- {idle}: {name}, {}", judged.region()),
        format!("  {why}"),
        format!("  key {}", shortened(&key.key_id, NAME_CHARACTERS)),
    ];
    if let Some(owner) = &key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}
