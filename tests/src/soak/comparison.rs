//! What must hold between the files of one run, and between two nights of an
//! organization in which nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Row, place};
use crate::Run;

type Place = (String, String, String, String);

/// What the last of several runs must not have forgotten.
pub(super) struct Known {
    /// Every key that is listed or remembered, and since when it has been flagged.
    keys: BTreeMap<Place, String>,
}

/// Each file says the same of what differs: they are of one run.
pub(super) fn files_agree(run: &Run, keys: &[Row], summary: &Value, broken: &mut Vec<String>) {
    let (changes, unseen) = (run.rows("changes.csv"), run.rows("unseen.csv"));
    let said = |rows: &[Row]| -> BTreeSet<(Place, String)> {
        rows.iter()
            .filter(|row| !["", "same", "gone"].contains(&&*row["change"]))
            .map(|row| (owned_place(row), row["change"].clone()))
            .collect()
    };
    let counted = |change: &str| changes.iter().filter(|row| row["change"] == change).count();
    let are_counted = [
        "new",
        "newly_flagged",
        "used_again",
        "state_changed",
        "gone",
    ]
    .iter()
    .all(|change| summary["changes"][change] == counted(change));
    let is_of_this_run = are_counted
        && summary["keys"]["total"] == keys.len()
        && summary["changes"]["unseen"] == unseen.len()
        && said(keys) == said(&changes);
    if !is_of_this_run {
        broken.push("the latest files are of different runs".to_owned());
    }
    let listed: BTreeSet<_> = keys.iter().map(place).collect();
    let told_twice = changes.iter().filter(|row| row["change"] == "gone");
    for row in told_twice.chain(&unseen) {
        if listed.contains(&place(row)) {
            broken.push(format!("{:?} is listed, and missing too", place(row)));
        }
    }
}

impl Known {
    /// What a run that succeeded knows.
    pub(super) fn of(run: &Run) -> Self {
        let (keys, unseen) = (run.rows("keys.csv"), run.rows("unseen.csv"));
        let rows = keys.iter().chain(&unseen);
        let keys = rows.map(|row| (owned_place(row), row["first_flagged_on"].clone()));
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
        let lost_users: BTreeSet<_> = coverage
            .iter()
            .filter(|row| row["detail"].contains("users deleted during the census"))
            .map(|row| (&*row["account_id"], "iam_access_key"))
            .collect();
        for (key, first_flagged_on) in &self.keys {
            match now.keys.get(key) {
                None if lost_users.contains(&(&*key.0, &*key.2)) => {}
                None => broken.push(format!("{key:?} is forgotten or gone")),
                Some(on) if !on.is_empty() && !first_flagged_on.is_empty() => {
                    if on != first_flagged_on {
                        broken.push(format!(
                            "{key:?} is flagged since {on}, not {first_flagged_on}"
                        ));
                    }
                }
                Some(_) => {}
            }
        }
        for row in later.rows("changes.csv") {
            let is_known = self.keys.contains_key(&owned_place(&row));
            let may_be_gone = lost_users.contains(&(&*row["account_id"], &*row["kind"]));
            if row["change"] == "new" && is_known || row["change"] == "gone" && !may_be_gone {
                broken.push(format!("{:?} is {}", place(&row), row["change"]));
            }
        }
    }
}

fn owned_place(row: &Row) -> Place {
    let (account, region, kind, key_id) = place(row);
    (
        account.to_owned(),
        region.to_owned(),
        kind.to_owned(),
        key_id.to_owned(),
    )
}
