//! What must hold between the files of one run, and between two nights of an
//! organization in which nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{OwnedKeyIdentity, Row, identity, owned_identity};
use crate::Run;

/// What the last of several runs must not have forgotten.
pub(super) struct Known {
    /// Every key that is listed or remembered, and since when it has been flagged.
    keys: BTreeMap<OwnedKeyIdentity, String>,
}

/// Each file has the same of what differs: they are of one run.
pub(super) fn files_agree(run: &Run, keys: &[Row], summary: &Value, broken: &mut Vec<String>) {
    let (changes, unseen) = (run.rows("changes.csv"), run.rows("unseen.csv"));
    let differing = |rows: &[Row]| -> BTreeSet<(OwnedKeyIdentity, String)> {
        let rows = rows.iter();
        let rows = rows.filter(|row| !["", "same", "gone"].contains(&&*row["change"]));
        rows.map(|row| (owned_identity(row), row["change"].clone()))
            .collect()
    };
    let counted = |change: &&str| {
        let of_kind = changes.iter().filter(|row| row["change"] == *change);
        summary["changes"][*change] == of_kind.count()
    };
    let is_of_this_run = [
        "new",
        "newly_flagged",
        "used_again",
        "state_changed",
        "gone",
    ]
    .iter()
    .all(counted)
        && summary["keys"]["total"] == keys.len()
        && summary["changes"]["unseen"] == unseen.len()
        && differing(keys) == differing(&changes);
    if !is_of_this_run {
        broken.push("the latest files are of different runs".to_owned());
    }
    let listed: BTreeSet<_> = keys.iter().map(identity).collect();
    let gone = changes.iter().filter(|row| row["change"] == "gone");
    for row in gone.chain(&unseen) {
        if listed.contains(&identity(row)) {
            broken.push(format!("{:?} is listed, and missing too", identity(row)));
        }
    }
}

impl Known {
    /// What a run that succeeded knows.
    pub(super) fn of(run: &Run) -> Self {
        let rows = [run.rows("keys.csv"), run.rows("unseen.csv")].concat();
        let keys = rows
            .iter()
            .map(|row| (owned_identity(row), row["first_flagged_on"].clone()));
        Self {
            keys: keys.collect(),
        }
    }

    /// A later run of the same organization forgets no key, calls none gone, and
    /// keeps the day of each that is still flagged.
    pub(super) fn is_kept_by(&self, later: &Run, broken: &mut Vec<String>) {
        // The latest files may be those of another run of the night.
        let summary: Value =
            serde_json::from_str(&later.latest("summary.json")).unwrap_or_default();
        if !summary["changes"]["first_census"].is_null() {
            return;
        }
        let now = Self::of(later);
        let coverage = later.rows("coverage.csv");
        // A fault deletes users while they are read: their keys are gone indeed.
        let may_be_gone = |account: &str, kind: &str| {
            let deleted = "users deleted during the census";
            let mut rows = coverage.iter();
            ["iam_access_key", "iam_password"].contains(&kind)
                && rows.any(|row| row["account_id"] == account && row["detail"].contains(deleted))
        };
        for (key, before) in &self.keys {
            match now.keys.get(key) {
                None if may_be_gone(&key[0], &key[2]) => {}
                None => broken.push(format!("{key:?} is forgotten or gone")),
                Some(on) if !on.is_empty() && !before.is_empty() && on != before => {
                    broken.push(format!("{key:?} is flagged since {on}, not {before}"));
                }
                Some(_) => {}
            }
        }
        for row in later.rows("changes.csv") {
            let is_known = self.keys.contains_key(&owned_identity(&row));
            let is_wrong = match &*row["change"] {
                "new" => is_known,
                "gone" => !may_be_gone(&row["account_id"], &row["kind"]),
                _ => false,
            };
            if is_wrong {
                broken.push(format!("{:?} is {}", identity(&row), row["change"]));
            }
        }
    }
}
