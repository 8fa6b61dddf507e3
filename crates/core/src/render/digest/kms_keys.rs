//! The section of flagged KMS keys.

use super::{
    dependents::{before_deletion_text, deleted_grants_text},
    flagged::Section,
    wording::{
        NAME_CHARACTERS, PATH_CHARACTERS, by_hand_text, counted, days, exemption_text, key_text,
        last_use_text, set_text, shortened,
    },
};
use crate::{
    judge::{judged_key::JudgedKey, multi_region::MultiRegionCounts},
    model::reading::KeyKind,
};

pub(super) const UNUSED_KMS_KEYS: Section = Section {
    kind: KeyKind::KmsKey,
    heading: "UNUSED KMS KEYS",
    left_out: ("unused KMS key is", "unused KMS keys are"),
    entry,
};

fn entry(judged: &JudgedKey) -> Vec<String> {
    let key = &judged.key;
    let mut why = last_use_text(judged);
    if let Some(state) = key.state.as_deref().filter(|state| *state != "Enabled") {
        why.push_str(&format!("; {}", shortened(state, NAME_CHARACTERS)));
    }
    let idle = days(judged.judgement.idle_days.unwrap_or(0));
    let mut lines = vec![
        format!("- {idle}: {}", key_text(judged)),
        format!("  {why}"),
        format!("  key {}", shortened(&key.key_id, NAME_CHARACTERS)),
    ];
    if let Some(set) = set_text(judged) {
        lines.push(format!("  {}", shortened(&set, PATH_CHARACTERS)));
    }
    let by_hand = by_hand_text(judged);
    let deleted = key.dependents().and_then(deleted_grants_text);
    for text in [before_deletion_text(judged), deleted]
        .into_iter()
        .flatten()
    {
        lines.push(format!("  {}", shortened(&text, PATH_CHARACTERS)));
    }
    lines.extend(by_hand.map(|text| format!("  {text}")));
    let idle_days = judged.judgement.idle_days.map(i64::unsigned_abs);
    if let Some(text) = key.guard().and_then(|guard| guard.describe(idle_days)) {
        lines.push(format!("  {text}"));
    }
    lines.extend(exemption_text(judged));
    if let Some(owner) = &key.owner {
        lines.push(format!("  owner {}", shortened(owner, NAME_CHARACTERS)));
    }
    lines
}

/// How many of the flagged keys belong to sets that are idle as a whole, and how
/// many do not; nothing where none is of a set.
pub(super) fn sets_text(counts: MultiRegionCounts) -> Option<String> {
    let MultiRegionCounts {
        idle_sets,
        idle_replicas,
    } = counts;
    let mut parts = Vec::new();
    if idle_sets > 0 {
        let sets = counted(idle_sets, "multi-Region set is", "multi-Region sets are");
        parts.push(format!("{sets} idle as a whole"));
    }
    if idle_replicas > 0 {
        let keys = counted(
            idle_replicas,
            "key is idle while its",
            "keys are idle while their",
        );
        parts.push(format!(
            "{keys} multi-Region set is in use, or may be, in another Region"
        ));
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}
