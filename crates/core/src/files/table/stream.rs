//! A CSV file read some lines at a time.

use std::io::Read;

use csv::StringRecord;

use super::{Columns, Lines, Row, breaks};
use crate::{files::damage::Damage, model::layout::ReportFile};

/// How many bytes of a file are in memory at least, if it has so many.
const BLOCK_BYTES: usize = 1 << 18;

/// A CSV file of a report, of which some lines are in memory.
#[derive(Debug)]
pub(crate) struct Table<R> {
    file: ReportFile,
    columns: Columns,
    from: R,
    is_at_end: bool,
    /// What was read of it and not yet taken.
    block: Vec<u8>,
    /// How many lines were taken.
    lines: u64,
    /// How many bytes were taken.
    taken: u64,
    header: StringRecord,
    /// Where each column is in every record; `None` where the file lacks it.
    slots: Vec<Option<usize>>,
}

impl<R: Read> Table<R> {
    /// Reads the header of a file that need only have those of the `columns` that are `needed`.
    ///
    /// # Errors
    /// The file is no CSV file or lacks a column.
    pub(crate) fn open(
        file: ReportFile,
        from: R,
        columns: Columns,
        needed: Columns,
    ) -> Result<Self, Damage> {
        let mut table = Self {
            file,
            columns,
            from,
            is_at_end: false,
            block: Vec::new(),
            lines: 0,
            taken: 0,
            header: StringRecord::new(),
            slots: Vec::new(),
        };
        table.fill()?;
        table.header = header(file, &table.block)?;
        let slot = |name: &&str| table.header.iter().position(|column| column == *name);
        if let Some(missing) = needed.iter().find(|name| slot(name).is_none()) {
            let problem = match other_separator(&table.header) {
                Some(separator) => format!(
                    "this file is separated by {separator}: save it as CSV with commas, in UTF-8, or take the file that \
                     the census wrote"
                ),
                None => format!(
                    "there is no column {missing}: an earlier version of Keycensus wrote the file, or something else did"
                ),
            };
            return Err(Damage::of(file, problem));
        }
        table.slots = columns.iter().map(slot).collect();
        Ok(table)
    }

    /// Reads the next rows; `None` where there are no more.
    ///
    /// # Errors
    /// The file cannot be read on or is no CSV file, or `read` refuses a row.
    pub(crate) fn next_rows<T>(
        &mut self,
        mut read: impl FnMut(Row<'_>) -> Result<T, Damage>,
    ) -> Result<Option<Vec<T>>, Damage> {
        self.fill()?;
        let end = match self.is_at_end {
            true => self.block.len(),
            false => whole_records(&self.block),
        };
        if end == 0 {
            return Ok(None);
        }
        let bytes = &self.block[..end];
        let lines = Lines {
            file: self.file,
            bytes,
            before: self.lines,
            offset: self.taken,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(self.lines == 0)
            .flexible(true)
            .from_reader(bytes);
        let mut record = StringRecord::new();
        let mut rows = Vec::new();
        while reader
            .read_record(&mut record)
            .map_err(|error| lines.damage(&error))?
        {
            let row = Row {
                lines,
                columns: self.columns,
                slots: &self.slots,
                record: &record,
            };
            let (cells, expected) = (record.len(), self.header.len());
            if cells != expected {
                return Err(row.damage(format!(
                    "the line has {cells} cells and the header {expected}: the file is cut or damaged"
                )));
            }
            rows.push(read(row)?);
        }
        self.lines += breaks(bytes, bytes);
        self.taken += end as u64;
        self.block.drain(..end);
        Ok(Some(rows))
    }

    /// What is wrong with a file whose rows are not sorted by account.
    pub(crate) fn not_sorted(&self) -> Damage {
        let problem = "its rows are not sorted by account, as a census sorts them";
        Damage::of(self.file, problem.to_owned())
    }

    /// How many bytes of the file were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether the file has all the columns that it was opened with.
    pub(crate) fn has_all_columns(&self) -> bool {
        self.slots.iter().all(Option::is_some)
    }

    /// Whether the file has these columns in this order, and no others.
    pub(crate) fn has_only_columns(&self) -> bool {
        self.header.iter().eq(self.columns.iter().copied())
    }

    /// Reads on until a block is in memory, with one whole record at least.
    fn fill(&mut self) -> Result<(), Damage> {
        while !self.is_at_end && (self.block.len() < BLOCK_BYTES || whole_records(&self.block) == 0)
        {
            let more = BLOCK_BYTES.max(self.block.len());
            let mut part = (&mut self.from).take(more as u64);
            let read = part.read_to_end(&mut self.block);
            let read = read.map_err(|error| {
                Damage::of(self.file, format!("the file cannot be read: {error}"))
            })?;
            self.is_at_end = read == 0;
        }
        Ok(())
    }
}

/// The header of a file that begins so.
fn header(file: ReportFile, bytes: &[u8]) -> Result<StringRecord, Damage> {
    let lines = Lines {
        file,
        bytes,
        before: 0,
        offset: 0,
    };
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| lines.damage(&error))?;
    Ok(header.clone())
}

/// How many bytes the whole records take, of which each ends with a line break that is in no
/// quotes.
fn whole_records(bytes: &[u8]) -> usize {
    let (mut is_quoted, mut end) = (false, 0);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => end = at + 1,
            _ => {}
        }
    }
    end
}

/// What separates the columns of a header in which no comma does.
fn other_separator(header: &StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")]
        .into_iter()
        .find(|(separator, _)| only.contains(*separator))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use proptest::{collection::vec, prelude::*};

    use super::{BLOCK_BYTES, Table};
    use crate::{
        arbitrary::free_text,
        files::{csv_text, damage::Damage, table::Columns},
        model::layout::ReportFile,
    };

    const COLUMNS: Columns = &["a", "b"];
    /// Of one of so many rows the line is looked at: that takes time.
    const LINES_COUNTED: usize = 997;

    /// Gives so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    /// The cells of each row, and of some the line they begin on.
    fn read(from: impl Read) -> Result<Vec<(String, String, Option<u64>)>, Damage> {
        let mut table = Table::open(ReportFile::KeysCsv, from, COLUMNS, COLUMNS)?;
        let mut all = Vec::new();
        let mut row_number = 0;
        while let Some(rows) = table.next_rows(|row| {
            row_number += 1;
            let is_counted = row_number % LINES_COUNTED == 1;
            let line = is_counted.then(|| row.damage(String::new()).line).flatten();
            let cell = |column| row.cell(column).text.to_owned();
            Ok((cell("a"), cell("b"), line))
        })? {
            all.extend(rows);
        }
        Ok(all)
    }

    fn file(rows: &[[String; 2]]) -> Vec<u8> {
        [
            csv_text::lines([["a", "b"]]),
            csv_text::lines(rows.iter().cloned()),
        ]
        .concat()
    }

    /// A file of several blocks.
    fn large() -> Vec<[String; 2]> {
        let row = |n: usize| [format!("row {n}"), "x\n\"y".repeat(n % 7)];
        (0..3 * BLOCK_BYTES / 20).map(row).collect()
    }

    #[test]
    fn rows_of_a_large_file_are_those_of_its_lines() {
        let rows = large();
        let mut line = 2;
        let read = read(Slow(&file(&rows), 4_096)).unwrap();
        assert_eq!(read.len(), rows.len());
        for ((n, read), [a, b]) in read.into_iter().enumerate().zip(rows) {
            let breaks = b.matches('\n').count() as u64;
            assert_eq!(read, (a, b, (n % LINES_COUNTED == 0).then_some(line)));
            line += 1 + breaks;
        }
    }

    #[test]
    fn an_error_far_down_has_its_line() {
        let mut written = file(&large());
        let lines = written.iter().filter(|byte| **byte == b'\n').count();
        written.extend_from_slice(b"cut\n");
        let error = read(&*written).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "keys.csv, line {}: the line has 1 cells and the header 2: the file is cut or damaged",
                lines + 1
            )
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_on_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let begins = b"a,b\n1,2\n";
        assert_eq!(
            read(begins.chain(Broken)).unwrap_err().to_string(),
            "keys.csv: the file cannot be read: gone"
        );
    }

    proptest! {
        #[test]
        fn rows_are_the_same_however_few_bytes_come_at_a_time(
            rows in vec([free_text(), free_text()], 0..6), bytes in 1_usize..9
        ) {
            let written = file(&rows);
            prop_assert_eq!(read(Slow(&written, bytes)), read(&*written));
            let cells = read(&*written).unwrap().into_iter().map(|(a, b, _)| [a, b]);
            prop_assert_eq!(cells.collect::<Vec<_>>(), rows);
        }
    }
}
