//! A plan for unused keys: the steps for each, in which order, and how to undo them. Keycensus
//! executes none of them.
//!
//! It is made from a stored `keys.csv`, whose text is untrusted: in a script it appears in comments
//! only, in the document between backticks only, and what becomes part of a command is checked
//! against the form that AWS gives it.

use std::{
    collections::{BTreeMap, HashSet},
    io::Read,
};

use sha2::{Digest, Sha256};

use crate::{
    files::{
        damage::Damage,
        keys_csv::{self, KeyRows, appears_twice},
        table::Table,
    },
    judge::judged_key::JudgedKey,
    model::{account::AccountId, layout::ReportFile},
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

/// For how many days a secret can be restored once its deletion is scheduled: the most that Secrets
/// Manager allows (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>).
const SECRET_WINDOW_DAYS: u32 = 30;

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

/// How many keys need no step, by the word for the reason.
type NotConcerned = BTreeMap<&'static str, u64>;

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

/// Makes a plan from a `keys.csv`. Columns are found by their names, and rows may be in any order.
///
/// # Errors
/// The file is not one night's report.
pub fn make(keys_csv: impl Read) -> Result<Plan, Damage> {
    let mut table = Table::open(ReportFile::KeysCsv, keys_csv, &keys_csv::COLUMNS, &NEEDED)?;
    let mut night = KeyRows::default();
    let mut read = HashSet::new();
    let mut not_concerned: NotConcerned = BTreeMap::new();
    let mut rows: Vec<JudgedKey> = Vec::new();
    // Most keys have nothing to do, and are too many to be kept.
    while let Some(concerned) = table.next_rows(|row| {
        let judged = night.read(row)?;
        if !read.insert(hash(&judged)) {
            return Err(appears_twice(&judged));
        }
        Ok(match decision::decide(&judged) {
            Decision::NothingToDo(word) => {
                *not_concerned.entry(word).or_default() += 1;
                None
            }
            Decision::Steps(_) | Decision::ByHand | Decision::LeftOut(_) => Some(judged),
        })
    })? {
        rows.extend(concerned.into_iter().flatten());
    }
    drop(read);
    rows.sort_by(|a, b| a.key.identity().cmp(&b.key.identity()));
    let decided: Vec<(&JudgedKey, Decision<'_>)> = rows
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
    let scan_date = night.scan_date;
    Ok(Plan {
        document: document::write(scan_date, &decided, &not_concerned, &by_account),
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

/// What a key is known by. Two keys have the same hash as good as never.
fn hash(judged: &JudgedKey) -> [u8; 16] {
    let (account, region, kind, key_id) = judged.key.identity();
    let mut hash = Sha256::new();
    for part in [account.as_str(), region, kind, key_id] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
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
