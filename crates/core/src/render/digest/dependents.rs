//! How what depends on a key is worded, and what was not looked at.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, PATH_CHARACTERS, counted, shortened},
};
use crate::{
    judge::{
        findings::flagged::Flagged, judged_key::JudgedKey, recommendation::Recommendation,
        report::Report,
    },
    model::{
        coverage::describe_counted_gaps,
        dependents::{Dependents, LOOKED_FOR, NOT_LOOKED_FOR},
        reading::KeyKind,
    },
    settings::Switch,
};

/// `3 EBS volumes, 12 EBS snapshots, 2 grants (rds.amazonaws.com)`; nothing where none is known.
pub(crate) fn dependents_text(dependents: &Dependents) -> Option<String> {
    let mut parts = Vec::new();
    for (n, one, many) in [
        (dependents.ebs_volumes, "EBS volume", "EBS volumes"),
        (dependents.ebs_snapshots, "EBS snapshot", "EBS snapshots"),
    ] {
        if n > 0 {
            parts.push(counted(n, one, many));
        }
    }
    let grants: Vec<(&str, u64)> = dependents.usable_grants().collect();
    if !grants.is_empty() {
        let grantees: Vec<&str> = grants.iter().map(|(grantee, _)| *grantee).collect();
        let grants = counted(grants.iter().map(|(_, n)| n).sum(), "grant", "grants");
        let grantees = shortened(&grantees.join(", "), NAME_CHARACTERS);
        parts.push(format!("{grants} ({grantees})"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `1 grant to a deleted principal, which no one can use`; nothing where there is none.
pub(crate) fn deleted_grants_text(dependents: &Dependents) -> Option<String> {
    let n = dependents.grants_to_deleted();
    let grants = counted(n, "grant", "grants");
    let principals = match n {
        0 => return None,
        1 => "a deleted principal",
        _ => "deleted principals",
    };
    Some(format!("{grants} to {principals}, which no one can use"))
}

/// What a key's dependents mean for its deletion; `None` where there are none.
pub(crate) fn before_deletion_text(judged: &JudgedKey) -> Option<String> {
    let dependents = judged.key.dependents()?;
    if let Some(needed_by) = dependents_text(dependents) {
        return Some(format!("still needed by {needed_by}"));
    }
    if !dependents.is_whole() {
        return Some("what depends on it is not known in full".to_owned());
    }
    let since = judged.history.disabled_since?;
    let is_to_go = judged.recommendation == Recommendation::ScheduleDeletion;
    is_to_go.then(|| {
        format!("disabled since {since}, nothing found that depends on it: schedule its deletion")
    })
}

/// Writes what was and what was not looked for, where one of the `flagged` keys is a KMS key.
pub(super) fn looked_for(page: &mut Page, report: &Report, flagged: &Flagged) {
    if flagged.of_kind(KeyKind::KmsKey) == 0 {
        return;
    }
    page.line("");
    if !flagged.dependents_gaps.is_empty() {
        let gaps = describe_counted_gaps(&flagged.dependents_gaps);
        let gaps = shortened(&gaps, 2 * PATH_CHARACTERS);
        page.line(&format!(
            "What depends on some of them is not known in full: {gaps}."
        ));
    }
    page.line(&match report.summary.dependents {
        Switch::On => format!(
            "Looked for what depends on them: {}. Not looked for: {}.",
            LOOKED_FOR.join(", "),
            NOT_LOOKED_FOR.join(", ")
        ),
        Switch::Off => {
            "What depends on them was not looked for: KEYCENSUS_DEPENDENTS is off.".to_owned()
        }
    });
}
