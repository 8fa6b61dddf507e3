//! Which users have access keys, and which have passwords.

use std::collections::BTreeMap;

use super::{
    cells::is_not_applicable,
    passwords::{self, UserPassword},
    record::{ARN, Cell, Record, Table, USER},
    root::is_root,
    slot::{SLOTS, Slot},
};

/// The column for a third key and more. Only some reports have it.
const ADDITIONAL: &str = "additional_credentials_info";

/// Whether a user has access keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserKeys {
    /// None.
    None,
    /// The report does not show it.
    Unknown,
    /// At least one, active or inactive.
    Some,
}

/// A user of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportedUser {
    pub(super) keys: UserKeys,
    pub(super) password: UserPassword,
    /// The user's ARN; `None` where the report does not have it.
    pub(super) arn: Option<String>,
}

pub(super) fn read(table: &Table) -> BTreeMap<String, ReportedUser> {
    let mut users: BTreeMap<String, ReportedUser> = BTreeMap::new();
    for record in &table.intact {
        let Cell::Text(user) = table.cell(record, USER) else {
            continue;
        };
        if is_root(table, record) {
            continue;
        }
        let keys = keys_of(table, record);
        let arn = match table.cell(record, ARN) {
            Cell::Text(arn) if arn.starts_with("arn:") => Some(arn.to_owned()),
            _ => None,
        };
        let password = passwords::of_user(table, record);
        // Where two records have one name, that there are keys counts more.
        users
            .entry(user.to_owned())
            .and_modify(|before| {
                before.keys = keys.max(before.keys);
                if before.password != password {
                    before.password = UserPassword::Unknown;
                }
            })
            .or_insert_with(|| ReportedUser {
                keys,
                password: password.clone(),
                arn,
            });
    }
    users
}

fn keys_of(table: &Table, record: &Record) -> UserKeys {
    let slots = SLOTS
        .iter()
        .map(|columns| Slot::read(table, record, columns))
        .map(|slot| match () {
            () if slot.has_key() => UserKeys::Some,
            () if slot.is_empty() => UserKeys::None,
            () => UserKeys::Unknown,
        });
    slots.fold(additional_keys(table, record), UserKeys::max)
}

fn additional_keys(table: &Table, record: &Record) -> UserKeys {
    match table.cell(record, ADDITIONAL) {
        Cell::NoColumn => UserKeys::None,
        Cell::Cut => UserKeys::Unknown,
        Cell::Text(text) if is_not_applicable(text) => UserKeys::None,
        Cell::Text("" | "none" | "0") => UserKeys::None,
        Cell::Text(_) => UserKeys::Some,
    }
}
