//! A CSV file of a report, read by the names of its columns: as a run wrote it, or as an
//! editor or a spreadsheet saved it since (`\r\n` line ends, a byte order mark, `TRUE`).

use std::fmt::Display;

use csv::{ErrorKind, Position, StringRecord};
use jiff::{Timestamp, civil::Date};

use crate::{
    files::{csv_text, damage::Damage},
    model::{account::AccountId, layout::ReportFile, plain_text::shortened},
};

mod stream;

pub(crate) use stream::Table;

/// The columns that a file must have; it may have others, in any order.
pub(crate) type Columns = &'static [&'static str];

/// How many characters of a cell an error quotes.
const CELL_CHARACTERS: usize = 64;

const A_DATE: &str = "a date such as 2026-11-21";

/// One row of a file.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    lines: Lines<'a>,
    columns: Columns,
    /// Where each column is in every record; `None` where the file lacks it.
    slots: &'a [Option<usize>],
    record: &'a StringRecord,
}

/// One cell of a row.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    row: Row<'a>,
    column: &'static str,
    /// As it is in the file.
    pub(crate) text: &'a str,
}

/// Some lines of a file.
#[derive(Debug, Clone, Copy)]
struct Lines<'a> {
    file: ReportFile,
    bytes: &'a [u8],
    /// How many lines of the file come before them.
    before: u64,
    /// How many bytes of the file come before them.
    offset: u64,
}

impl<'a> Row<'a> {
    /// The cell of one of the columns that were asked for.
    pub(crate) fn cell(self, column: &'static str) -> Cell<'a> {
        let text = self.slot(column).and_then(|slot| self.record.get(slot));
        Cell {
            row: self,
            column,
            text: text.unwrap_or_default(),
        }
    }

    fn slot(self, column: &str) -> Option<usize> {
        let at = self.columns.iter().position(|known| *known == column)?;
        self.slots.get(at).copied().flatten()
    }

    /// Where it begins in the file, in bytes.
    pub(crate) fn offset(self) -> u64 {
        let position = self.record.position();
        self.lines.offset + position.map_or(0, Position::byte)
    }

    /// Whether the file has a column.
    pub(crate) fn has(self, column: &str) -> bool {
        self.slot(column).is_some()
    }

    /// The row's account.
    pub(crate) fn account_id(self) -> Result<AccountId, Damage> {
        self.cell("account_id")
            .parsed(AccountId::parse, "an account ID of 12 digits")
    }

    /// Refuses a row of another day than `day`.
    pub(crate) fn is_of(self, day: Date) -> Result<(), Damage> {
        match self.scan_date()? {
            date if date == day => Ok(()),
            date => Err(self.damage(format!(
                "the row is of {date}, but the report of {day}: the files are of different runs, or of several nights; \
                 read them again when no census is writing them"
            ))),
        }
    }

    /// The date of the report that the row is of.
    pub(crate) fn scan_date(self) -> Result<Date, Damage> {
        let cell = self.cell("scan_date");
        cell.date()?.ok_or_else(|| cell.damage(A_DATE))
    }

    /// The damage of this row.
    pub(crate) fn damage(self, problem: String) -> Damage {
        Damage {
            file: self.lines.file,
            line: Some(self.lines.of(self.record)),
            problem,
        }
    }
}

impl<'a> Cell<'a> {
    /// Free text.
    pub(crate) fn free(self) -> &'a str {
        csv_text::free(self.text)
    }

    /// Free text; nothing where the cell is empty.
    pub(crate) fn optional_free(self) -> Option<String> {
        (!self.text.is_empty()).then(|| self.free().to_owned())
    }

    /// The value that `word` has this cell for.
    pub(crate) fn word<T: Copy>(self, all: &[T], word: fn(T) -> &'static str) -> Result<T, Damage> {
        let found = all.iter().copied().find(|one| word(*one) == self.text);
        found.ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
            self.damage(format!("one of {}", words.join(", ")))
        })
    }

    /// As [`Cell::word`]; nothing where the cell is empty.
    pub(crate) fn optional_word<T: Copy>(
        self,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Result<Option<T>, Damage> {
        self.unless_empty(|cell| cell.word(all, word))
    }

    /// A parsed value; `right` describes what the cell may hold.
    pub(crate) fn parsed<T>(
        self,
        parse: impl Fn(&str) -> Option<T>,
        right: &str,
    ) -> Result<T, Damage> {
        parse(self.text).ok_or_else(|| self.damage(right))
    }

    /// A number; nothing where the cell is empty.
    pub(crate) fn number<T: std::str::FromStr>(self) -> Result<Option<T>, Damage> {
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), "a whole number"))
    }

    /// A moment; nothing where the cell is empty.
    pub(crate) fn timestamp(self) -> Result<Option<Timestamp>, Damage> {
        let right = "a time such as 2026-11-21T02:00:07Z";
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), right))
    }

    /// A date; nothing where the cell is empty.
    pub(crate) fn date(self) -> Result<Option<Date>, Damage> {
        self.unless_empty(|cell| cell.parsed(|text| text.parse().ok(), A_DATE))
    }

    /// `true` or `false`, which spreadsheets write in capitals.
    pub(crate) fn truth(self) -> Result<bool, Damage> {
        let words = [("true", true), ("false", false)];
        let parse = |text: &str| {
            let found = words
                .iter()
                .find(|(word, _)| text.eq_ignore_ascii_case(word));
            found.map(|(_, truth)| *truth)
        };
        self.parsed(parse, "true or false")
    }

    /// As [`Cell::truth`]; nothing where the cell is empty.
    pub(crate) fn optional_truth(self) -> Result<Option<bool>, Damage> {
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

    /// The damage of this cell; `right` describes what it should hold.
    pub(crate) fn damage(self, right: impl Display) -> Damage {
        let Self { row, column, .. } = self;
        row.damage(format!(
            "{column} is {}: it should be {right}",
            self.quoted()
        ))
    }

    fn quoted(self) -> String {
        match self.text {
            "" => "empty".to_owned(),
            text => format!("{:?}", shortened(text, CELL_CHARACTERS)),
        }
    }
}

impl Lines<'_> {
    /// The line on which a record begins, from 1, as an editor counts: `\r\n` is one line
    /// break. (The `csv` crate counts the line on which the record before it ends, when
    /// that ends with `\r\n`.)
    fn of(self, record: &StringRecord) -> u64 {
        record.position().map_or(1, |position| self.at(position))
    }

    fn at(self, position: &Position) -> u64 {
        let lines = self.bytes;
        let byte = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let (before, rest) = lines.split_at(byte.min(lines.len()));
        let is_break = |b: &&u8| matches!(b, b'\r' | b'\n');
        let blank = rest.iter().take_while(is_break).count();
        self.before + breaks(&lines[..before.len() + blank], lines) + 1
    }

    fn damage(self, error: &csv::Error) -> Damage {
        Damage {
            file: self.file,
            line: error.position().map(|position| self.at(position)),
            problem: match error.kind() {
                ErrorKind::Utf8 { .. } => {
                    "the line is not UTF-8: the file is damaged, or was saved in another encoding"
                        .to_owned()
                }
                _ => format!("the file is not CSV: {error}"),
            },
        }
    }
}

/// How many line breaks there are in a part of some lines.
fn breaks(part: &[u8], lines: &[u8]) -> u64 {
    // Some spreadsheets end lines with `\r` alone.
    let line_break = if lines.contains(&b'\n') { b'\n' } else { b'\r' };
    part.iter().filter(|b| **b == line_break).count() as u64
}

#[cfg(test)]
mod tests {
    use super::{Columns, Damage, Row, Table};
    use crate::model::layout::ReportFile;

    const COLUMNS: Columns = &["a", "b"];

    fn rows<T>(
        file: ReportFile,
        bytes: &[u8],
        columns: Columns,
        read: impl FnMut(Row<'_>) -> Result<T, Damage>,
    ) -> Result<Vec<T>, Damage> {
        let mut table = Table::open(file, bytes, columns, columns)?;
        Ok(table.next_rows(read)?.unwrap_or_default())
    }

    /// The lines on which the records begin.
    fn lines(file: &[u8]) -> Result<Vec<u64>, Damage> {
        rows(ReportFile::KeysCsv, file, &COLUMNS[..1], |row| {
            Ok(row.damage(String::new()).line.unwrap_or_default())
        })
    }

    /// The message about a file that is not read.
    fn message(file: &[u8]) -> String {
        lines(file).unwrap_err().to_string()
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for (file, counted) in [
            ("a,b\n1,2\n3,4\n", &[2, 3][..]),
            ("a,b\r\n1,2\r\n3,4\r\n", &[2, 3]),
            ("a,b\r1,2\r3,4\r", &[2, 3]),
            ("a,b\n1,2\n3,4", &[2, 3]),
            ("\u{feff}a,b\r\n1,2\r\n", &[2]),
            // Empty lines are no records.
            ("a,b\n\n1,2\n\n\n3,4\n", &[3, 6]),
            ("a,b\r\n\r\n1,2\r\n", &[3]),
            // A record begins on the line of its first cell.
            ("a,b\n\"1\n1\",2\n3,4\n", &[2, 4]),
            ("a,b\r\n\"1\r\n1\",2\r\n3,4\r\n", &[2, 4]),
            ("a,b\n\"1\r1\",2\n3,4\n", &[2, 3]),
            ("a,b\n", &[]),
        ] {
            assert_eq!(lines(file.as_bytes()).unwrap(), counted, "{file:?}");
        }
    }

    #[test]
    fn an_error_has_its_line() {
        let cut = "the line has 1 cells and the header 2: the file is cut or damaged";
        let encoding =
            "the line is not UTF-8: the file is damaged, or was saved in another encoding";
        for (file, expected) in [
            (&b"a,b\n1,2\n3\n"[..], format!("keys.csv, line 3: {cut}")),
            (b"a,b\r\n1,2\r\n3\r\n", format!("keys.csv, line 3: {cut}")),
            (
                b"a,b\r\n1,2\r\n3,\xfc\r\n",
                format!("keys.csv, line 3: {encoding}"),
            ),
            (b"\xff\xfea\0", format!("keys.csv, line 1: {encoding}")),
        ] {
            assert_eq!(message(file), expected, "{file:?}");
        }
    }

    #[test]
    fn another_separator_than_a_comma_is_named() {
        for (file, separator) in [
            ("a;b\n1;2\n", "semicolons"),
            ("\u{feff}a;b\r\n1;2\r\n", "semicolons"),
            ("a\tb\n1\t2\n", "tabs"),
            ("a|b\n1|2\n", "vertical bars"),
        ] {
            assert_eq!(
                message(file.as_bytes()),
                format!(
                    "keys.csv: this file is separated by {separator}: save it as CSV with commas, in UTF-8, or take the file \
                     that the census wrote"
                )
            );
        }
        assert_eq!(lines(b"a,b;c\n1,2\n"), Ok(vec![2]));
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_column() {
        assert_eq!(lines("\u{feff}a,b\n1,2\n".as_bytes()), Ok(vec![2]));
    }

    #[test]
    fn a_column_that_is_missing_is_named() {
        let read = rows(ReportFile::UnseenCsv, b"a,c\n1,2\n", COLUMNS, |_| Ok(()));
        assert_eq!(
            read.unwrap_err().to_string(),
            "unseen.csv: there is no column b: an earlier version of Keycensus wrote the file, or something else did"
        );
    }

    #[test]
    fn booleans_are_read_in_capitals_too() {
        let truth = |cell: &str| {
            let file = format!("a,b\n{cell},\n");
            let read = rows(ReportFile::KeysCsv, file.as_bytes(), COLUMNS, |row| {
                row.cell("a").truth()
            });
            read.map(|cells| cells[0]).ok()
        };
        for (cell, read) in [
            ("true", Some(true)),
            ("TRUE", Some(true)),
            ("False", Some(false)),
            ("FALSE", Some(false)),
            ("yes", None),
            ("", None),
        ] {
            assert_eq!(truth(cell), read, "{cell}");
        }
    }
}
