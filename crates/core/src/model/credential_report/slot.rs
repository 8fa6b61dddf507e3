//! A slot for an access key in a record: the report has two for each user.

use super::{
    cells::{TimeCell, boolean, time_cell},
    record::{Cell, Record, Table},
};

/// The columns of one slot.
pub(super) struct SlotColumns {
    pub(super) active: &'static str,
    pub(super) last_rotated: &'static str,
    pub(super) last_used_date: &'static str,
    pub(super) last_used_region: &'static str,
    pub(super) last_used_service: &'static str,
}

/// The columns of the two slots.
pub(super) static SLOTS: [SlotColumns; 2] = [
    SlotColumns {
        active: "access_key_1_active",
        last_rotated: "access_key_1_last_rotated",
        last_used_date: "access_key_1_last_used_date",
        last_used_region: "access_key_1_last_used_region",
        last_used_service: "access_key_1_last_used_service",
    },
    SlotColumns {
        active: "access_key_2_active",
        last_rotated: "access_key_2_last_rotated",
        last_used_date: "access_key_2_last_used_date",
        last_used_region: "access_key_2_last_used_region",
        last_used_service: "access_key_2_last_used_service",
    },
];

/// The access key in one slot of a record.
pub(super) struct Slot {
    /// Whether a key is active. It is not where there is none.
    pub(super) active: Result<bool, UnclearColumn>,
    /// When the key was created or last changed.
    pub(super) last_rotated: Result<TimeCell, UnclearColumn>,
    /// When it was last used.
    pub(super) last_used: Result<TimeCell, UnclearColumn>,
}

/// A column without a usable value, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnclearColumn {
    pub(super) column: &'static str,
    pub(super) why: UnclearReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnclearReason {
    NoColumn,
    Cut,
    Meaningless,
}

impl Slot {
    pub(super) fn read(table: &Table, record: &Record, columns: &'static SlotColumns) -> Self {
        let text = |column| match table.cell(record, column) {
            Cell::Text(text) => Ok(text),
            Cell::NoColumn => Err(unclear(column, UnclearReason::NoColumn)),
            Cell::Cut => Err(unclear(column, UnclearReason::Cut)),
        };
        Self {
            active: text(columns.active).and_then(|text| {
                boolean(text).ok_or_else(|| unclear(columns.active, UnclearReason::Meaningless))
            }),
            last_rotated: text(columns.last_rotated).map(time_cell),
            last_used: text(columns.last_used_date).map(time_cell),
        }
    }

    /// Whether any column shows that there is a key: it is active, or has been created or used. AWS
    /// does not document what the record of an inactive key has: the guide has `N/A` for a user
    /// without an active key
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>),
    /// published reports keep `last_rotated`. Both are read.
    pub(super) fn has_key(&self) -> bool {
        self.active == Ok(true)
            || matches!(
                self.last_rotated,
                Ok(TimeCell::At(_) | TimeCell::Unreadable)
            )
            || matches!(self.last_used, Ok(TimeCell::At(_)))
    }

    /// Whether every column shows that there is no key.
    pub(super) fn is_empty(&self) -> bool {
        self.active == Ok(false)
            && self.last_rotated == Ok(TimeCell::NotApplicable)
            && self.last_used == Ok(TimeCell::NotApplicable)
    }
}

pub(super) fn unclear(column: &'static str, why: UnclearReason) -> UnclearColumn {
    UnclearColumn { column, why }
}
