//! The rows of a stored `keys.csv`, as far as a plan needs them.

use std::collections::HashSet;

use csv::StringRecord;
use jiff::{Timestamp, civil::Date};
use thiserror::Error;

use crate::{
    files::{
        csv_table::{self, NotCsv, Table},
        csv_text::free,
    },
    judge::{price, recommendation::Recommendation, verdict::Verdict},
    model::{account::AccountId, cause::Cause, gap::Gap, reading::KeyKind},
};

/// Why a file is not one night's `keys.csv`.
#[derive(Debug, Error)]
pub enum NotAReport {
    /// It is not a CSV file of a report.
    #[error("{0}")]
    Csv(#[from] NotCsv),
    /// A column is missing that every report has.
    #[error("it has no column {0}")]
    NoColumn(&'static str),
    /// A cell has what no census writes there.
    #[error(
        "line {line}: {column} is {text:?}, which no census writes; a spreadsheet may have changed it"
    )]
    Cell {
        /// The line on which the row begins.
        line: u64,
        /// The column.
        column: &'static str,
        /// What is there.
        text: String,
    },
    /// Rows are of several nights.
    #[error("line {line}: it has keys of {first} and of {other}: take the file of one night")]
    SeveralNights {
        /// The line.
        line: u64,
        /// The date of the rows above.
        first: Date,
        /// The date of this row.
        other: Date,
    },
    /// A key has two rows.
    #[error("line {line}: {key_id} is there twice")]
    Twice {
        /// The line of the second row.
        line: u64,
        /// The key.
        key_id: String,
    },
}

/// The columns that every report has, of those that are needed.
const COLUMNS: [&str; 21] = [
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

/// One key. Texts are free text, without the defence against formulas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) scan_date: Date,
    pub(super) account_id: AccountId,
    pub(super) account_name: String,
    pub(super) region: String,
    pub(super) kind: KeyKind,
    pub(super) key_id: String,
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) state: String,
    pub(super) tracked_since: Option<Timestamp>,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) last_operation: String,
    pub(super) last_service: String,
    pub(super) idle_days: Option<u64>,
    pub(super) verdict: Verdict,
    pub(super) is_flagged: bool,
    pub(super) is_exempt: bool,
    pub(super) recommendation: Recommendation,
    pub(super) cost_cents: Option<u64>,
    pub(super) detail: String,
    /// `None` in reports from before sets were judged.
    pub(super) multi_region_set: Option<String>,
    /// Empty in reports from before dependents were looked for.
    pub(super) dependents: String,
    /// Empty in reports from before dependents were looked for.
    pub(super) dependents_checked: String,
    /// Empty where it was not read.
    pub(super) guard_days: String,
    /// Since when a census has seen the key disabled.
    pub(super) disabled_since: Option<Date>,
    /// Why it could not be read, where it could not; of a report that records no
    /// causes, as far as its detail tells.
    pub(super) gap_cause: Option<Cause>,
}

impl Row {
    /// What sorts a plan: keys of an owner together, those without one last.
    pub(super) fn place_in_plan(&self) -> impl Ord + use<'_> {
        (
            self.owner.is_empty(),
            &self.owner,
            self.account_id,
            &self.region,
            self.kind,
            &self.key_id,
        )
    }
}

/// The rows of a `keys.csv`.
pub(super) fn read(keys_csv: &[u8]) -> Result<Vec<Row>, NotAReport> {
    let mut table = Table::new(keys_csv)?;
    if let Some(missing) = COLUMNS
        .into_iter()
        .find(|name| table.column(name).is_none())
    {
        return Err(NotAReport::NoColumn(missing));
    }
    let mut rows: Vec<Row> = Vec::new();
    let mut known = HashSet::new();
    let mut record = StringRecord::new();
    while table.read(&mut record)? {
        let cells = Cells {
            table: &table,
            record: &record,
        };
        let row = row(&cells)?;
        let line = || table.lines().of(&record);
        if let Some(first) = rows.first()
            && first.scan_date != row.scan_date
        {
            return Err(NotAReport::SeveralNights {
                line: line(),
                first: first.scan_date,
                other: row.scan_date,
            });
        }
        if !known.insert((
            row.account_id,
            row.region.clone(),
            row.kind,
            row.key_id.clone(),
        )) {
            return Err(NotAReport::Twice {
                line: line(),
                key_id: row.key_id,
            });
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(cells: &Cells<'_>) -> Result<Row, NotAReport> {
    let text = |column| cells.get(column).map(|cell| free(cell).to_owned());
    let newer = |column| cells.find(column).map(|cell| free(cell).to_owned());
    Ok(Row {
        scan_date: cells.read("scan_date", |cell| cell.parse().ok())?,
        account_id: cells.read("account_id", AccountId::parse)?,
        account_name: text("account_name")?,
        region: text("region")?,
        kind: cells.read("kind", KeyKind::parse)?,
        key_id: text("key_id")?,
        arn: text("arn")?,
        name: text("name")?,
        owner: text("owner")?,
        state: text("state")?,
        tracked_since: cells.read("tracked_since", optional)?,
        last_used_at: cells.read("last_used_at", optional)?,
        last_operation: text("last_operation")?,
        last_service: text("last_service")?,
        idle_days: cells.read("idle_days", optional)?,
        verdict: cells.read("verdict", Verdict::parse)?,
        is_flagged: cells.read("flagged", csv_table::truth)?,
        is_exempt: cells.read("exempt", csv_table::truth)?,
        recommendation: cells.read("recommendation", Recommendation::parse)?,
        cost_cents: cells.read("monthly_cost_usd", cents)?,
        detail: text("detail")?,
        multi_region_set: newer("multi_region_set"),
        dependents: newer("dependents").unwrap_or_default(),
        dependents_checked: newer("dependents_checked").unwrap_or_default(),
        guard_days: newer("guard_days").unwrap_or_default(),
        disabled_since: match cells.find("disabled_since") {
            Some(_) => cells.read("disabled_since", optional)?,
            None => None,
        },
        gap_cause: match cells.find("gap_cause") {
            Some(_) => cells.read("gap_cause", cause)?,
            None => Gap::at_start(&text("detail")?, None).map(|(gap, _)| gap.cause()),
        },
    })
}

struct Cells<'a> {
    table: &'a Table<'a>,
    record: &'a StringRecord,
}

impl<'a> Cells<'a> {
    fn find(&self, column: &str) -> Option<&'a str> {
        self.record.get(self.table.column(column)?)
    }

    fn get(&self, column: &'static str) -> Result<&'a str, NotAReport> {
        self.find(column).ok_or(NotAReport::NoColumn(column))
    }

    fn read<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, NotAReport> {
        let cell = self.get(column)?;
        read(cell).ok_or_else(|| NotAReport::Cell {
            line: self.table.lines().of(self.record),
            column,
            text: cell.to_owned(),
        })
    }
}

/// A cell that is empty where there is nothing to say.
fn optional<T: std::str::FromStr>(cell: &str) -> Option<Option<T>> {
    match cell {
        "" => Some(None),
        cell => cell.parse().ok().map(Some),
    }
}

/// `refused`; nothing where nothing is missing.
fn cause(cell: &str) -> Option<Option<Cause>> {
    match cell {
        "" => Some(None),
        cell => Cause::parse(cell).map(Some),
    }
}

/// `14.00`; nothing where the cost is not known.
fn cents(cell: &str) -> Option<Option<u64>> {
    match cell {
        "" => Some(None),
        cell => price::cents(cell).map(Some),
    }
}
