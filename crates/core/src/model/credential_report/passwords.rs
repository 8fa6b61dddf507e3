//! Passwords of users and of the root user.

use jiff::Timestamp;

use super::{
    cells::{TimeCell, boolean, is_no_information, is_not_supported, time_cell},
    record::{Cell, Record, Table},
    slot::{UnclearColumn, UnclearReason, unclear},
};

const ENABLED: &str = "password_enabled";
const LAST_USED: &str = "password_last_used";
const LAST_CHANGED: &str = "password_last_changed";

/// A password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// When it was last changed. `None`: the report has no readable value, as for the root user.
    pub changed_at: Option<Timestamp>,
    /// Its last use.
    pub last_used: PasswordUse,
}

/// The last use of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordUse {
    /// A use is recorded: the first one in a span of 5 minutes.
    At(Timestamp),
    /// `no_information`: no use is recorded.
    NoneRecorded,
    /// The report has no readable value for it, or lacks the column.
    Unknown,
}

/// Whether a user has a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserPassword {
    /// It has none.
    None,
    /// It has one.
    Some(Password),
    /// The report does not show it.
    Unknown,
}

/// The password of a user's record.
pub(super) fn of_user(table: &Table, record: &Record) -> UserPassword {
    match enabled(table, record) {
        Ok(true) => UserPassword::Some(password(table, record)),
        Ok(false) => UserPassword::None,
        Err(_) => UserPassword::Unknown,
    }
}

/// The password of the root user's record. Older reports have `not_supported` instead of whether
/// there is one: then a recorded use shows it, and without one nothing does.
pub(super) fn of_root(table: &Table, record: &Record) -> Result<Option<Password>, UnclearColumn> {
    if matches!(table.cell(record, ENABLED), Cell::Text(text) if is_not_supported(text)) {
        let password = password(table, record);
        let was_used = matches!(password.last_used, PasswordUse::At(_));
        return Ok(was_used.then_some(password));
    }
    Ok(enabled(table, record)?.then(|| password(table, record)))
}

fn enabled(table: &Table, record: &Record) -> Result<bool, UnclearColumn> {
    let why = match table.cell(record, ENABLED) {
        Cell::Text(text) => match boolean(text) {
            Some(is_enabled) => return Ok(is_enabled),
            None => UnclearReason::Meaningless,
        },
        Cell::NoColumn => UnclearReason::NoColumn,
        Cell::Cut => UnclearReason::Cut,
    };
    Err(unclear(ENABLED, why))
}

fn password(table: &Table, record: &Record) -> Password {
    let moment = |column| match table.cell(record, column) {
        Cell::Text(text) => match time_cell(text) {
            TimeCell::At(at) => Some(at),
            TimeCell::NotApplicable | TimeCell::NotReported | TimeCell::Unreadable => None,
        },
        Cell::NoColumn | Cell::Cut => None,
    };
    let last_used = match (moment(LAST_USED), table.cell(record, LAST_USED)) {
        (Some(at), _) => PasswordUse::At(at),
        (None, Cell::Text(text)) if is_no_information(text) => PasswordUse::NoneRecorded,
        (None, Cell::Text(_) | Cell::NoColumn | Cell::Cut) => PasswordUse::Unknown,
    };
    Password {
        changed_at: moment(LAST_CHANGED),
        last_used,
    }
}
