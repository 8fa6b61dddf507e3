//! `coverage.csv`: one row a cell, and one for every account that was not entered.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    files::{
        csv_text::{self, text},
        damage::Damage,
        gap_cell,
        table::Row,
    },
    model::{
        account::Account,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        reading::KeyKind,
        region::{GLOBAL, Region},
    },
};

/// The columns of `coverage.csv`.
pub const COLUMNS: [&str; 14] = [
    "scan_date",
    "account_id",
    "account_name",
    "region",
    "kind",
    "status",
    "keys",
    "unreadable",
    "error_code",
    "detail",
    "listed_whole",
    "gap_cause",
    "gap",
    "lacked_time",
];

/// A line for each row of an account, sorted by Region and kind.
pub(crate) fn rows(of_account: &[CoverageRow], scan_date: &str) -> Vec<u8> {
    let mut sorted: Vec<&CoverageRow> = of_account.iter().collect();
    // The rows of the organization by their details.
    sorted.sort_by_key(|row| {
        let (region, kind) = (row.scope.region(), row.scope.kind());
        (region, kind, row.detail.as_str())
    });
    csv_text::lines(sorted.iter().map(|row| record(row, scan_date)))
}

fn record(row: &CoverageRow, scan_date: &str) -> [String; COLUMNS.len()] {
    let count = |of: fn(&CellKeys) -> u64| row.keys.as_ref().map(of);
    let account = row.account.as_deref();
    [
        scan_date.to_owned(),
        csv_text::optional(account.map(|account| account.id)),
        text(account.map_or("", |account| &account.name)),
        row.scope.region().to_owned(),
        row.scope.kind().to_owned(),
        row.status.as_str().to_owned(),
        csv_text::optional(count(|keys| keys.listed)),
        csv_text::optional(count(|keys| keys.unreadable)),
        text(row.gap.as_ref().map_or("", Gap::code)),
        text(&row.detail),
        csv_text::optional(row.keys.map(|keys| keys.is_whole)),
        row.gap
            .as_ref()
            .map_or("", |gap| gap.cause().as_str())
            .to_owned(),
        text(&gap_cell::of_gap(row.gap.as_ref())),
        row.lacked_time.to_string(),
    ]
}

/// Reads a row of a report of `day`.
///
/// # Errors
/// The row is not as this version writes it.
pub(crate) fn read(row: Row<'_>, day: Date) -> Result<CoverageRow, Damage> {
    row.is_of(day)?;
    Ok(CoverageRow {
        account: account(row)?,
        scope: scope(row)?,
        status: row
            .cell("status")
            .word(&CoverageStatus::ALL, CoverageStatus::as_str)?,
        keys: keys(row)?,
        gap: gap(row)?,
        lacked_time: row.cell("lacked_time").truth()?,
        detail: row.cell("detail").free().to_owned(),
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

/// The gap, parts of which are in two more columns.
fn gap(row: Row<'_>) -> Result<Option<Gap>, Damage> {
    let cell = row.cell("gap");
    let gap = gap_cell::read_gap(cell.free())
        .ok_or_else(|| cell.damage("empty or a gap, as a census writes it"))?;
    let code = gap.as_ref().map_or("", Gap::code);
    let cause = gap.as_ref().map_or("", |gap| gap.cause().as_str());
    for (column, right) in [("error_code", code), ("gap_cause", cause)] {
        if row.cell(column).text != text(right) {
            return Err(row.cell(column).damage("as the column gap has it"));
        }
    }
    Ok(gap)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::examples::{first_report, with_coverage};
    use crate::expected::matches_file;
    use crate::model::{
        account::{Account, AccountId},
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope, UNIT_NOT_FOUND},
        gap::Gap,
        layout::ReportFile,
        reading::KeyKind,
        region::Region,
    };

    fn account(id: &str) -> Arc<Account> {
        Arc::new(Account {
            id: AccountId::parse(id).unwrap(),
            name: "=payments".to_owned(),
        })
    }

    fn cell(region: &str) -> Scope {
        Scope::Cell {
            region: Some(Region::parse(region).unwrap()),
            kind: KeyKind::KmsKey,
        }
    }

    fn unlisted(scope: Scope, status: CoverageStatus, gap: Option<Gap>) -> CoverageRow {
        CoverageRow::unlisted(&account("222222222222"), scope, status, gap, "")
    }

    #[test]
    fn rows_are_sorted_and_unknown_numbers_are_empty() {
        let global = Scope::Cell {
            region: None,
            kind: KeyKind::IamAccessKey,
        };
        let regions = Scope::EveryRegion {
            kind: KeyKind::KmsKey,
        };
        let listed = CellKeys {
            listed: 3,
            unreadable: 0,
            is_whole: true,
        };
        let denied = Gap::unanswered("sts:AssumeRole", "AccessDenied", Cause::REFUSED);
        let no_unit = Gap::unanswered("organizations:X", UNIT_NOT_FOUND, Cause::Gone);
        let rows = [
            unlisted(global, CoverageStatus::Deferred, Some(Gap::NoTimeLeft)),
            CoverageRow::of_cell(
                &account("222222222222"),
                cell("eu-west-1"),
                CoverageStatus::Scanned,
                listed,
                &[],
                "",
            ),
            unlisted(cell("ap-south-1"), CoverageStatus::Denied, None),
            CoverageRow::unlisted(
                &account("111111111111"),
                Scope::WholeAccount,
                CoverageStatus::Unreachable,
                Some(denied),
                "role R",
            ),
            unlisted(regions, CoverageStatus::Failed, None),
            CoverageRow::of_organization(CoverageStatus::Unreachable, no_unit, ""),
        ];
        let report = first_report(with_coverage(Vec::new(), rows.into()));
        let csv = report.file(ReportFile::CoverageCsv);

        matches_file(
            "files/expected/coverage.csv",
            &String::from_utf8(csv).unwrap(),
        );
    }
}
