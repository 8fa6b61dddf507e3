//! A CSV file of a report, read by the names of its columns: as a run wrote it, or as an
//! editor or a spreadsheet saved it since (`\r\n` line ends, a byte order mark, `TRUE`).

use csv::{ErrorKind, Position, StringRecord};
use thiserror::Error;

/// Why a file is not a CSV file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{problem}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct NotCsv {
    /// The line, from 1; `None` where it is no line's fault.
    pub line: Option<u64>,
    /// What is wrong with it, without text of the file.
    pub problem: String,
}

/// A file that is being read.
pub(crate) struct Table<'a> {
    reader: csv::Reader<&'a [u8]>,
    header: StringRecord,
    lines: Lines<'a>,
}

/// The lines of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines<'a>(&'a [u8]);

impl<'a> Table<'a> {
    /// Begins to read a file, with its header.
    pub(crate) fn new(file: &'a [u8]) -> Result<Self, NotCsv> {
        let lines = Lines(file);
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers().map_err(|error| lines.problem(&error))?;
        let header = header.clone();
        if let Some(separator) = other_separator(&header) {
            return Err(NotCsv {
                line: None,
                problem: format!(
                    "this file is separated by {separator}: save it as CSV with commas, in UTF-8, or take the file \
                     that the census wrote"
                ),
            });
        }
        Ok(Self {
            reader,
            header,
            lines,
        })
    }

    /// The place of a column in every record.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// Reads the next record; `false` at the end of the file.
    pub(crate) fn read(&mut self, record: &mut StringRecord) -> Result<bool, NotCsv> {
        let lines = self.lines;
        let read = self.reader.read_record(record);
        read.map_err(|error| lines.problem(&error))
    }

    /// The lines of the file.
    pub(crate) fn lines(&self) -> Lines<'a> {
        self.lines
    }
}

impl Lines<'_> {
    /// The line on which a record begins, from 1, as an editor counts: `\r\n` is one line
    /// break. (The `csv` crate counts the line on which the record before it ends, when
    /// that ends with `\r\n`.)
    pub(crate) fn of(self, record: &StringRecord) -> u64 {
        record.position().map_or(1, |position| self.at(position))
    }

    fn at(self, position: &Position) -> u64 {
        let Self(file) = self;
        let byte = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let (before, rest) = file.split_at(byte.min(file.len()));
        let is_break = |b: &&u8| matches!(b, b'\r' | b'\n');
        let blank = rest.iter().take_while(is_break).count();
        let before = &file[..before.len() + blank];
        // Some spreadsheets end lines with `\r` alone.
        let line_break = if file.contains(&b'\n') { b'\n' } else { b'\r' };
        let breaks = before.iter().filter(|b| **b == line_break).count();
        breaks as u64 + 1
    }

    fn problem(self, error: &csv::Error) -> NotCsv {
        NotCsv {
            line: error.position().map(|position| self.at(position)),
            problem: match error.kind() {
                ErrorKind::UnequalLengths {
                    expected_len, len, ..
                } => format!(
                    "the line has {len} cells and the header {expected_len}: the file is cut or damaged"
                ),
                ErrorKind::Utf8 { .. } => {
                    "the line is no UTF-8: the file is damaged, or was saved in another encoding"
                        .to_owned()
                }
                _ => format!("the file is no CSV: {error}"),
            },
        }
    }
}

/// What separates the columns of a header in which no comma does.
fn other_separator(header: &StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")]
        .into_iter()
        .find(|(separator, _)| only.contains(*separator))
        .map(|(_, name)| name)
}

/// `true` or `false`, which spreadsheets write in capitals.
pub(crate) fn truth(cell: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(word, _)| cell.eq_ignore_ascii_case(word))
        .map(|(_, truth)| truth)
}

#[cfg(test)]
mod tests {
    use csv::StringRecord;

    use super::{NotCsv, Table, truth};

    /// The lines on which the records begin.
    fn lines(file: &[u8]) -> Result<Vec<u64>, NotCsv> {
        let mut table = Table::new(file)?;
        let mut record = StringRecord::new();
        let mut lines = Vec::new();
        while table.read(&mut record)? {
            lines.push(table.lines().of(&record));
        }
        Ok(lines)
    }

    /// What is said of a file that is not read.
    fn said(file: &[u8]) -> String {
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
    fn what_is_wrong_is_said_with_its_line() {
        let cut = "the line has 1 cells and the header 2: the file is cut or damaged";
        let encoding =
            "the line is no UTF-8: the file is damaged, or was saved in another encoding";
        for (file, told) in [
            (&b"a,b\n1,2\n3\n"[..], format!("line 3: {cut}")),
            (b"a,b\r\n1,2\r\n3\r\n", format!("line 3: {cut}")),
            (b"a,b\r\n1,2\r\n3,\xfc\r\n", format!("line 3: {encoding}")),
            (b"\xff\xfea\0", format!("line 1: {encoding}")),
        ] {
            assert_eq!(said(file), told, "{file:?}");
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
                said(file.as_bytes()),
                format!(
                    "this file is separated by {separator}: save it as CSV with commas, in UTF-8, or take the file \
                     that the census wrote"
                )
            );
        }
        assert!(lines(b"a;b,c\n1,2\n").is_ok());
        assert!(lines(b"").is_ok());
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_column() {
        let table = Table::new("\u{feff}a,b\n".as_bytes()).unwrap();
        assert_eq!((table.column("a"), table.column("c")), (Some(0), None));
    }

    #[test]
    fn booleans_are_read_in_capitals_too() {
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
