//! `coverage.csv` read back.

use std::{borrow::Cow, sync::Arc};

use jiff::civil::Date;

use super::{
    Damage,
    table::{Row, rows},
};
use crate::{
    account::Account,
    coverage::{COLUMNS, CellKeys, CoverageRow, CoverageStatus, Scope},
    layout::ReportFile,
    reading::{Gap, KeyKind},
    region::{GLOBAL, Region},
};

pub(super) fn read(csv: &[u8], day: Date) -> Result<Vec<CoverageRow>, Damage> {
    rows(ReportFile::CoverageCsv, csv, &COLUMNS, |row| {
        row.is_of(day)?;
        let status = row
            .cell("status")
            .word(&CoverageStatus::ALL, CoverageStatus::as_str)?;
        let (gap, detail) = why(row, status)?;
        Ok(CoverageRow {
            account: Arc::new(Account {
                id: row.account_id()?,
                name: row.cell("account_name").free().to_owned(),
            }),
            scope: scope(row)?,
            status,
            keys: keys(row)?,
            gap,
            detail,
        })
    })
}

fn scope(row: Row<'_>) -> Result<Scope, Damage> {
    let (region, kind) = (row.cell("region"), row.cell("kind"));
    if (region.text, kind.text) == ("*", "*") {
        return Ok(Scope::WholeAccount);
    }
    Ok(Scope::Cell {
        region: match region.text {
            GLOBAL => None,
            _ => Some(region.parsed(Region::parse, "a Region, global, or * as the kind is")?),
        },
        kind: kind.word(&KeyKind::ALL, KeyKind::as_str)?,
    })
}

fn keys(row: Row<'_>) -> Result<Option<CellKeys>, Damage> {
    let listed = row.cell("keys").number()?;
    let unreadable = row.cell("unreadable").number()?;
    let is_whole = row.cell("listed_whole").optional_truth()?;
    match (listed, unreadable, is_whole) {
        (None, None, None) => Ok(None),
        (Some(listed), Some(unreadable), Some(is_whole)) => Ok(Some(CellKeys {
            listed,
            unreadable,
            is_whole,
        })),
        _ => Err(row.damage(
            "keys, unreadable and listed_whole should all be given or all be empty".to_owned(),
        )),
    }
}

/// The gap and the detail that [`explanation`](crate::coverage::explanation) told
/// of together.
fn why(row: Row<'_>, status: CoverageStatus) -> Result<(Option<Gap>, String), Damage> {
    let told = row.cell("detail").free();
    let code = row.cell("error_code").free();
    match (status, code) {
        (CoverageStatus::Partial, "") => Ok((Some(Gap::NoTimeLeft), told.to_owned())),
        (CoverageStatus::Partial, _) => {
            // The detail tells in words which calls failed.
            let operation = Cow::Borrowed("");
            let code = code.into();
            Ok((Some(Gap::Unanswered { operation, code }), told.to_owned()))
        }
        (_, "") => {
            let gap = Gap::NoTimeLeft.to_string();
            Ok(match after(told, &gap) {
                Some(detail) => (Some(Gap::NoTimeLeft), detail.to_owned()),
                None => (None, told.to_owned()),
            })
        }
        _ => {
            let operation = told.split(' ').next().unwrap_or_default();
            let gap = format!("{operation} {code}");
            match (Gap::parse(&gap), after(told, &gap)) {
                (Some(gap), Some(detail)) => Ok((Some(gap), detail.to_owned())),
                _ => Err(row.cell("detail").damage(format_args!(
                    "a call, such as kms:ListKeys, and its error code {code:?}, and then more"
                ))),
            }
        }
    }
}

/// What `told` says after `gap`; nothing where it begins otherwise.
fn after<'a>(told: &'a str, gap: &str) -> Option<&'a str> {
    match told.strip_prefix(gap)? {
        "" => Some(""),
        rest => rest.strip_prefix("; "),
    }
}
