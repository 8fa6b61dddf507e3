//! Which users have access keys.

use std::collections::BTreeMap;

use super::{
    cells::is_not_applicable,
    record::{Cell, Record, Table, USER},
    root::is_root,
    slot::{SLOTS, Slot},
};

/// The column that tells of a third key and more. Only some reports have it.
const ADDITIONAL: &str = "additional_credentials_info";

/// Whether a user has access keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserKeys {
    /// None.
    None,
    /// The report does not tell.
    Unknown,
    /// At least one, active or inactive.
    Some,
}

pub(super) fn keys(table: &Table) -> BTreeMap<String, UserKeys> {
    let mut users = BTreeMap::new();
    for record in &table.intact {
        let Cell::Text(user) = table.cell(record, USER) else {
            continue;
        };
        if is_root(table, record) {
            continue;
        }
        let said = keys_of(table, record);
        // Where two records have one name, that there are keys counts more.
        users
            .entry(user.to_owned())
            .and_modify(|before: &mut UserKeys| *before = said.max(*before))
            .or_insert(said);
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
