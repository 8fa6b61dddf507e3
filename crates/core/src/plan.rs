//! A plan for unused keys: the steps for each, in which order, and how to undo them. Keycensus
//! executes none of them.
//!
//! It is made from a stored `keys.csv`, whose text is untrusted: in a script it appears in comments
//! only, in the document between backticks only, and what becomes part of a command is checked
//! against the form that AWS gives it.

use std::collections::BTreeMap;

use crate::{
    files::{
        damage::Damage,
        keys_csv::{self, StoredKeys},
    },
    judge::judged_key::JudgedKey,
    model::account::AccountId,
};

mod command;
mod decision;
mod document;
mod markdown;
mod script;
mod shell;
mod steps;
mod target;
mod words;

use decision::Decision;
use steps::Task;

/// For how long to watch at least before a key is deleted.
pub(crate) const WATCH_DAYS: u32 = 30;
/// The longest time that KMS waits before it deletes a key
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>).
pub(crate) const DELETION_WINDOW_DAYS: u32 = 30;

/// What to do, for people and for their shells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plan itself, in Markdown.
    pub document: String,
    /// One script for each account that has something to do, in the order of their
    /// IDs. All that a script does as it stands is to see whose credentials it has.
    pub scripts: Vec<Script>,
}

/// The commands of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// `111111111111.sh`.
    pub file_name: String,
    /// For `sh`.
    pub text: String,
}

/// The columns that a plan needs. What other columns hold is not known of an older file, and what
/// is not known is no reason to delete a key.
const NEEDED: [&str; 21] = [
    "scan_date",
    "account_id",
    "account_name",
    "region",
    "kind",
    "key_id",
    "arn",
    "name",
    "owner",
    "state",
    "tracked_since",
    "last_used_at",
    "last_operation",
    "last_service",
    "idle_days",
    "verdict",
    "flagged",
    "exempt",
    "recommendation",
    "monthly_cost_usd",
    "detail",
];

/// Makes a plan from a `keys.csv`. Columns are found by their names.
///
/// # Errors
/// The file is not one night's report.
pub fn make(keys_csv: &[u8]) -> Result<Plan, Damage> {
    let StoredKeys { scan_date, keys } = keys_csv::read_with(keys_csv, &NEEDED)?;
    let decided: Vec<(&JudgedKey, Decision<'_>)> = keys
        .iter()
        .map(|row| (row, decision::decide(row)))
        .collect();
    let mut by_account: BTreeMap<AccountId, Vec<&Task<'_>>> = BTreeMap::new();
    for (row, decision) in &decided {
        if let Decision::Steps(task) = decision {
            by_account.entry(row.key.account.id).or_default().push(task);
        }
    }
    for tasks in by_account.values_mut() {
        tasks.sort_by_key(|task| place_in_plan(task.row));
    }
    Ok(Plan {
        document: document::write(scan_date, &decided, &by_account),
        scripts: scan_date
            .map(|date| {
                by_account
                    .values()
                    .map(|tasks| script::write(date, tasks))
                    .collect()
            })
            .unwrap_or_default(),
    })
}

/// What sorts a plan: keys of an owner together, those without one last.
fn place_in_plan(row: &JudgedKey) -> impl Ord + use<'_> {
    let owner = words::owner(row);
    (
        owner.is_empty(),
        owner,
        row.key.account.id,
        row.region(),
        row.key.kind,
        &row.key.key_id,
    )
}

#[cfg(test)]
mod tests;
