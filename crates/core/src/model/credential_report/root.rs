//! The root user's access keys and password, for which the credential report is the only source.

use jiff::Timestamp;
use thiserror::Error;

use super::{
    cells::{TimeCell, word},
    passwords::{self, Password},
    record::{ARN, Cell, Record, Table, USER},
    slot::{SLOTS, Slot, SlotColumns, UnclearColumn, UnclearReason, unclear},
};
use crate::model::access_key::ROOT_USER;

/// An access key of the root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootKey {
    /// The report's number for it, 1 or 2.
    pub number: u8,
    /// Its state.
    pub state: RootKeyState,
    /// When it was created or last changed, which is the closest that is known to its creation.
    /// `None`: the report has no readable value.
    pub created_at: Option<Timestamp>,
    /// Its last use.
    pub last_used: LastUsed,
}

/// The state of a root access key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKeyState {
    /// It can be used.
    Active,
    /// It cannot be used until it is activated again.
    Inactive,
}

impl RootKeyState {
    /// The state as IAM names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// The last use of a root access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastUsed {
    /// A use is recorded.
    At {
        /// When, to 15 minutes.
        at: Timestamp,
        /// IAM's word for the service that was called; `None` where it has none.
        service: Option<String>,
        /// IAM's word for the Region that was called; `None` where it has none.
        region: Option<String>,
    },
    /// No use is recorded.
    NoneRecorded,
    /// The report has no value for it. The text names the column and its cell.
    Unknown(String),
}

/// Why it is not known which access keys the root user has, or whether it has a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RootGap {
    /// There is no record of it.
    #[error("the credential report has no row for <root_account>")]
    NoRow,
    /// There are several.
    #[error("the credential report has more than one row for <root_account>")]
    SeveralRows,
    /// Its record is not intact.
    #[error("the credential report's row for <root_account> is cut off or damaged")]
    Broken,
    /// A column is missing.
    #[error("the credential report lacks the column {0}")]
    NoColumn(&'static str),
    /// A column of access keys has no value, or one that cannot be parsed.
    #[error("the credential report does not show in {0} whether <root_account> has a key")]
    Unclear(&'static str),
    /// The column of the password has no value, or one that cannot be parsed.
    #[error("the credential report does not show in {0} whether <root_account> has a password")]
    UnclearPassword(&'static str),
}

impl From<UnclearColumn> for RootGap {
    fn from(unclear: UnclearColumn) -> Self {
        match unclear.why {
            UnclearReason::NoColumn => Self::NoColumn(unclear.column),
            UnclearReason::Cut => Self::Broken,
            UnclearReason::Meaningless => Self::Unclear(unclear.column),
        }
    }
}

pub(super) fn keys(table: &Table) -> Result<Vec<RootKey>, RootGap> {
    let root = record(table)?;
    let mut keys = Vec::new();
    for (number, columns) in (1..).zip(&SLOTS) {
        keys.extend(key(table, root, number, columns)?);
    }
    Ok(keys)
}

pub(super) fn password(table: &Table) -> Result<Option<Password>, RootGap> {
    let password = passwords::of_root(table, record(table)?);
    password.map_err(|unclear| match unclear.why {
        UnclearReason::Meaningless => RootGap::UnclearPassword(unclear.column),
        UnclearReason::NoColumn | UnclearReason::Cut => unclear.into(),
    })
}

/// The root user's one record.
fn record(table: &Table) -> Result<&Record, RootGap> {
    let mut rows = table.intact.iter().filter(|row| is_root(table, row));
    let is_broken = table.broken.iter().any(|row| is_root(table, row));
    let root = match (rows.next(), is_broken) {
        (None, false) if !table.has_column(USER) => return Err(RootGap::NoColumn(USER)),
        (None, false) => return Err(RootGap::NoRow),
        (None, true) => return Err(RootGap::Broken),
        (Some(_), true) => return Err(RootGap::SeveralRows),
        (Some(root), false) => root,
    };
    match rows.next() {
        None => Ok(root),
        Some(_) => Err(RootGap::SeveralRows),
    }
}

/// Whether a record is the root user's. IAM allows no user that name, and a user
/// who has it all the same has another ARN.
pub(super) fn is_root(table: &Table, record: &Record) -> bool {
    let has_its_arn = match table.cell(record, ARN) {
        Cell::Text(arn) => arn.ends_with(":root"),
        Cell::NoColumn | Cell::Cut => true,
    };
    table.cell(record, USER) == Cell::Text(ROOT_USER) && has_its_arn
}

fn key(
    table: &Table,
    root: &Record,
    number: u8,
    columns: &'static SlotColumns,
) -> Result<Option<RootKey>, UnclearColumn> {
    let slot = Slot::read(table, root, columns);
    if slot.is_empty() {
        return Ok(None);
    }
    let has_key = slot.has_key();
    let is_active = slot.active?;
    let last_rotated = slot.last_rotated?;
    let last_used = slot.last_used?;
    if !has_key {
        let column = match last_rotated {
            TimeCell::NotApplicable => columns.last_used_date,
            _ => columns.last_rotated,
        };
        return Err(unclear(column, UnclearReason::Meaningless));
    }
    let words = |column| match table.cell(root, column) {
        Cell::Text(text) => text,
        Cell::NoColumn | Cell::Cut => "",
    };
    Ok(Some(RootKey {
        number,
        state: if is_active {
            RootKeyState::Active
        } else {
            RootKeyState::Inactive
        },
        created_at: match last_rotated {
            TimeCell::At(at) => Some(at),
            TimeCell::NotApplicable | TimeCell::NotReported | TimeCell::Unreadable => None,
        },
        last_used: match last_used {
            TimeCell::At(at) => LastUsed::At {
                at,
                service: word(words(columns.last_used_service)),
                region: word(words(columns.last_used_region)),
            },
            TimeCell::NotApplicable => LastUsed::NoneRecorded,
            TimeCell::NotReported | TimeCell::Unreadable => {
                let column = columns.last_used_date;
                LastUsed::Unknown(format!("{column} is {:?}", words(column)))
            }
        },
    }))
}
