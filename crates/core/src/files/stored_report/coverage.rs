//! `coverage.csv` read back.

use std::{borrow::Cow, sync::Arc};

use jiff::civil::Date;

use super::{
    Damage,
    table::{Row, rows},
};
use crate::{
    files::coverage_csv::COLUMNS,
    model::{
        account::Account,
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        layout::ReportFile,
        reading::KeyKind,
        region::{GLOBAL, Region},
    },
};

pub(super) fn read(csv: &[u8], day: Date) -> Result<Vec<CoverageRow>, Damage> {
    rows(ReportFile::CoverageCsv, csv, &COLUMNS, |row| {
        row.is_of(day)?;
        let status = row
            .cell("status")
            .word(&CoverageStatus::ALL, CoverageStatus::as_str)?;
        let (gap, detail) = why(row, status)?;
        Ok(CoverageRow {
            account: account(row)?,
            scope: scope(row)?,
            status,
            keys: keys(row)?,
            gap,
            detail,
        })
    })
}

/// The row's account; `None` for a row of the organization.
fn account(row: Row<'_>) -> Result<Option<Arc<Account>>, Damage> {
    let is_of_organization = row.cell("account_id").text.is_empty() && row.cell("kind").text == "*";
    if is_of_organization {
        return Ok(None);
    }
    Ok(Some(Arc::new(Account {
        id: row.account_id()?,
        name: row.cell("account_name").free().to_owned(),
    })))
}

fn scope(row: Row<'_>) -> Result<Scope, Damage> {
    let (region, kind) = (row.cell("region"), row.cell("kind"));
    if (region.text, kind.text) == ("*", "*") {
        return Ok(Scope::WholeAccount);
    }
    let kind = kind.word(&KeyKind::ALL, KeyKind::as_str)?;
    Ok(match region.text {
        "*" => Scope::EveryRegion { kind },
        GLOBAL => Scope::Cell { region: None, kind },
        _ => Scope::Cell {
            region: Some(region.parsed(Region::parse, "a Region, global, or *")?),
            kind,
        },
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

/// The gap and the detail that [`explanation`](crate::model::coverage::explanation) told
/// of together.
fn why(row: Row<'_>, status: CoverageStatus) -> Result<(Option<Gap>, String), Damage> {
    let told = row.cell("detail").free();
    let code = row.cell("error_code").free();
    let cause = row.gap_cause()?;
    let (gap, detail) = match (status, code) {
        (CoverageStatus::Partial, "") => (Some(Gap::NoTimeLeft), told),
        (CoverageStatus::Partial, _) => (Some(gap_of_partial(told, code, cause)), told),
        (_, "") => {
            let gap = Gap::NoTimeLeft.to_string();
            match after(told, &gap) {
                Some(detail) => (Some(Gap::NoTimeLeft), detail),
                None => (None, told),
            }
        }
        _ => {
            let gap = Gap::at_start(told, cause).filter(|(gap, _)| gap.code() == code);
            match gap.and_then(|(gap, rest)| Some((gap, more(rest)?))) {
                Some((gap, detail)) => (Some(gap), detail),
                None => {
                    return Err(row.cell("detail").damage(format_args!(
                        "a call, such as kms:ListKeys, and its error code {code:?}, and then more"
                    )));
                }
            }
        }
    };
    row.agrees_with(gap.as_ref())?;
    Ok((gap, detail.to_owned()))
}

/// The gap of a partial cell, whose detail tells which calls failed: of its keys,
/// each with how many they are, the first in order, and else the first that is told.
fn gap_of_partial(told: &str, code: &str, cause: Option<Cause>) -> Gap {
    let gaps = || {
        let parts = told.split("; ");
        let gaps = parts.filter_map(|part| Gap::at_start(part, cause));
        gaps.filter(|(gap, _)| gap.code() == code)
    };
    let of_keys = gaps().filter(|(_, rest)| rest.starts_with(" ("));
    let of_keys = of_keys.map(|(gap, _)| gap).min();
    let told = of_keys.or_else(|| gaps().map(|(gap, _)| gap).next());
    told.unwrap_or_else(|| Gap::Unanswered {
        operation: Cow::Borrowed(""),
        code: code.into(),
        cause: cause.unwrap_or_else(|| Cause::of_older_report(code)),
    })
}

/// What `told` says after `gap`; nothing where it begins otherwise.
fn after<'a>(told: &'a str, gap: &str) -> Option<&'a str> {
    more(told.strip_prefix(gap)?)
}

/// What is told after a gap; nothing where something else follows it.
fn more(rest: &str) -> Option<&str> {
    match rest {
        "" => Some(""),
        rest => rest.strip_prefix("; "),
    }
}
