//! A stored CSV file, read by the names of its columns.

use std::fmt::Display;

use csv::StringRecord;
use jiff::{Timestamp, civil::Date};

use super::Damage;
use crate::{
    files::{
        csv_table::{self, Lines, NotCsv, Table},
        csv_text,
    },
    model::{account::AccountId, cause::Cause, gap::Gap, layout::ReportFile},
    render::digest::wording::{NAME_CHARACTERS, shortened},
};

/// The columns that a file must have; it may have others, in any order.
pub(super) type Columns = &'static [&'static str];

/// Columns that earlier versions did not write: a file may lack them.
const ADDED_LATER: [&str; 2] = ["kms_request_id", "gap_cause"];

/// One row of a file.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    file: ReportFile,
    lines: Lines<'a>,
    columns: Columns,
    places: &'a [Option<usize>],
    record: &'a StringRecord,
}

/// One cell of a row.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    row: Row<'a>,
    column: &'static str,
    /// What stands in the file.
    pub(super) text: &'a str,
}

/// Reads every row of a file.
pub(super) fn rows<T>(
    file: ReportFile,
    csv: &[u8],
    columns: Columns,
    mut read: impl FnMut(Row<'_>) -> Result<T, Damage>,
) -> Result<Vec<T>, Damage> {
    let broken = |NotCsv { line, problem }| Damage {
        file,
        line,
        problem,
    };
    let mut table = Table::new(csv).map_err(broken)?;
    let places = columns
        .iter()
        .map(|column| {
            let place = table.column(column);
            if place.is_none() && !ADDED_LATER.contains(column) {
                return Err(Damage {
                    file,
                    line: None,
                    problem: format!(
                        "there is no column {column}: an earlier version of Keycensus wrote the file, or something else did"
                    ),
                });
            }
            Ok(place)
        })
        .collect::<Result<Vec<Option<usize>>, Damage>>()?;
    let mut record = StringRecord::new();
    let mut all = Vec::new();
    while table.read(&mut record).map_err(broken)? {
        all.push(read(Row {
            file,
            lines: table.lines(),
            columns,
            places: &places,
            record: &record,
        })?);
    }
    Ok(all)
}

impl<'a> Row<'a> {
    /// The cell of one of the columns that were asked for.
    pub(super) fn cell(self, column: &'static str) -> Cell<'a> {
        let text = self.place(column).and_then(|place| self.record.get(place));
        Cell {
            row: self,
            column,
            text: text.unwrap_or_default(),
        }
    }

    fn place(self, column: &str) -> Option<usize> {
        let at = self.columns.iter().position(|known| *known == column)?;
        self.places.get(at).copied().flatten()
    }

    /// Why the row has a gap, where the file records causes and the row has one.
    pub(super) fn gap_cause(self) -> Result<Option<Cause>, Damage> {
        self.cell("gap_cause")
            .optional_word(&Cause::ALL, Cause::as_str)
    }

    /// Refuses a gap of another cause than the file records, where it records causes.
    pub(super) fn agrees_with(self, gap: Option<&Gap>) -> Result<(), Damage> {
        let right = gap.map_or("", |gap| gap.cause().as_str());
        let cell = self.cell("gap_cause");
        match self.place("gap_cause").is_none() || cell.text == right {
            true => Ok(()),
            false => {
                Err(cell.damage("the cause of what detail says, and empty where it says nothing"))
            }
        }
    }

    /// The row's account.
    pub(super) fn account_id(self) -> Result<AccountId, Damage> {
        self.cell("account_id")
            .parsed(AccountId::parse, "an account ID of 12 digits")
    }

    /// Refuses a row of another day than that of the report.
    pub(super) fn is_of(self, day: Date) -> Result<(), Damage> {
        match self.cell("scan_date").date()? {
            Some(date) if date == day => Ok(()),
            _ => Err(self.damage(format!(
                "the row is of {}, but summary.json is of {day}: the files are of different runs; read them again \
                 when no census is writing them",
                self.cell("scan_date").told()
            ))),
        }
    }

    /// What is wrong with this row.
    pub(super) fn damage(self, problem: String) -> Damage {
        Damage {
            file: self.file,
            line: Some(self.lines.of(self.record)),
            problem,
        }
    }
}

impl<'a> Cell<'a> {
    /// Free text.
    pub(super) fn free(self) -> &'a str {
        csv_text::free(self.text)
    }

    /// Free text; nothing where the cell is empty.
    pub(super) fn optional_free(self) -> Option<String> {
        (!self.text.is_empty()).then(|| self.free().to_owned())
    }

    /// One of the `words` that we have for values of a kind.
    pub(super) fn word<T: Copy>(self, all: &[T], word: fn(T) -> &'static str) -> Result<T, Damage> {
        let found = all.iter().copied().find(|one| word(*one) == self.text);
        found.ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
            self.damage(format!("one of {}", words.join(", ")))
        })
    }

    /// As [`Cell::word`]; nothing where the cell is empty.
    pub(super) fn optional_word<T: Copy>(
        self,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Result<Option<T>, Damage> {
        self.unless_empty(|cell| cell.word(all, word))
    }

    /// A value of which `right` says what the cell may hold.
    pub(super) fn parsed<T>(
        self,
        parse: impl Fn(&str) -> Option<T>,
        right: &str,
    ) -> Result<T, Damage> {
        parse(self.text).ok_or_else(|| self.damage(right))
    }

    /// A number; nothing where the cell is empty.
    pub(super) fn number<T: std::str::FromStr>(self) -> Result<Option<T>, Damage> {
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), "a whole number"))
    }

    /// A moment; nothing where the cell is empty.
    pub(super) fn moment(self) -> Result<Option<Timestamp>, Damage> {
        let right = "a time such as 2026-11-21T02:00:07Z";
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), right))
    }

    /// A date; nothing where the cell is empty.
    pub(super) fn date(self) -> Result<Option<Date>, Damage> {
        let right = "a date such as 2026-11-21";
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), right))
    }

    /// `true` or `false`.
    pub(super) fn truth(self) -> Result<bool, Damage> {
        self.parsed(csv_table::truth, "true or false")
    }

    /// As [`Cell::truth`]; nothing where the cell is empty.
    pub(super) fn optional_truth(self) -> Result<Option<bool>, Damage> {
        self.unless_empty(Self::truth)
    }

    fn unless_empty<T>(
        self,
        read: impl FnOnce(Self) -> Result<T, Damage>,
    ) -> Result<Option<T>, Damage> {
        match self.text {
            "" => Ok(None),
            _ => read(self).map(Some),
        }
    }

    /// What is wrong with this cell, where `right` says what would be right.
    pub(super) fn damage(self, right: impl Display) -> Damage {
        let Self { row, column, .. } = self;
        row.damage(format!("{column} is {}: it should be {right}", self.told()))
    }

    fn told(self) -> String {
        match self.text {
            "" => "empty".to_owned(),
            text => format!("{:?}", shortened(text, NAME_CHARACTERS)),
        }
    }
}
