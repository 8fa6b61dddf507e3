//! Security Hub has the findings of flagged keys, and no others.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Row, Run};

/// Looks at the findings after a run that made the report with these `keys`, and returned `outcome`. Where all runs
/// before have imported all of theirs (`are_whole`), nothing is active that is not flagged. Tells whether that goes on.
pub(super) fn are_of_flagged_keys(
    run: &Run,
    keys: &[Row],
    outcome: &Value,
    are_whole: bool,
    broken: &mut Vec<String>,
) -> bool {
    let hub = &outcome["security_hub"];
    let count = |name: &str| hub[name].as_u64().unwrap_or_default();
    if count("active") + count("archived") != count("imported") {
        return false;
    }
    let id = |row: &Row| {
        let [account, region, kind, key_id] =
            row.values(["account_id", "region", "kind", "key_id"]);
        format!("keycensus/unused/{account}/{region}/{kind}/{key_id}")
    };
    let is = |row: &&Row, column: &str, word: &str| row.values([column]) == [word];
    let listed = keys
        .iter()
        .filter(|row| !is(row, "kind", "root_access_key"));
    let (flagged, others): (Vec<&Row>, Vec<&Row>) =
        listed.partition(|row| is(row, "flagged", "true"));
    let findings = run.aws.findings();
    let active = findings
        .iter()
        .filter(|finding| finding.asff["RecordState"] == "ACTIVE");
    let active: BTreeSet<&str> = active.map(|finding| &*finding.id).collect();
    for row in flagged {
        if !active.contains(&*id(row)) {
            broken.push(format!(
                "no finding is active for the flagged key {}",
                id(row)
            ));
        }
    }
    let is_compared = outcome["changes"]["first_census"].is_null();
    let others = others
        .into_iter()
        .filter(|row| !is(row, "verdict", "unreadable"));
    for row in others.filter(|_| are_whole && is_compared) {
        if active.contains(&*id(row)) {
            broken.push(format!(
                "a finding is active for {}, which is not flagged",
                id(row)
            ));
        }
    }
    is_compared || are_whole
}
