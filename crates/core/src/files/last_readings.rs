//! The last run's `keys.csv` by cell and key, so that what it has of one key can be read without the
//! others: where the rows of each cell begin and end, and within a cell where that of each key is
//! whose last use, or whose description, may be taken over.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    ops::Range,
};

use crate::{
    files::{
        csv_text,
        damage::Damage,
        keys_csv::{COLUMNS, KeyRows},
        table::{Row, Table},
    },
    judge::{due::fnv_1a, judged_key::JudgedKey, verdict::Verdict},
    model::{account::AccountId, layout::ReportFile, reading::KeyKind},
};

/// Where a file has what, in bytes.
#[derive(Debug)]
pub struct LastReadings {
    cells: BTreeMap<AccountId, Vec<CellRange>>,
}

/// The Region of a cell, or `global`, and its rows.
type CellRange = (Box<str>, Range<u64>);

/// Where the rows are of those keys of a cell that may be taken over.
#[derive(Debug, Default)]
pub struct CellRows {
    /// The hash of what the key is known by, and its row; sorted.
    rows: Vec<(u64, KeyRow)>,
}

/// The bytes of a row, and whether AWS manages its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct KeyRow {
    offset: u64,
    bytes: u32,
    is_managed_by_aws: bool,
}

impl LastReadings {
    /// Goes through a `keys.csv`.
    ///
    /// # Errors
    /// It cannot be read, or lacks a column of this version.
    pub fn index(keys_csv: impl Read) -> Result<Self, Damage> {
        let mut table = open_of_this_version(keys_csv)?;
        let mut cells: BTreeMap<AccountId, Vec<CellRange>> = BTreeMap::new();
        let mut last: Option<(AccountId, Box<str>, u64)> = None;
        let mut end = |cell: Option<(AccountId, Box<str>, u64)>, at: u64| {
            if let Some((account, region, begins)) = cell {
                let regions = cells.entry(account).or_default();
                regions.push((region, begins..at));
            }
        };
        loop {
            let rows = table.next_rows(|row| {
                let (account, region) = (row.account_id()?, row.cell("region").text);
                let is_of =
                    |(id, of, _): &(AccountId, Box<str>, u64)| *id == account && **of == *region;
                if !last.as_ref().is_some_and(is_of) {
                    end(
                        last.replace((account, region.into(), row.offset())),
                        row.offset(),
                    );
                }
                Ok(())
            })?;
            if rows.is_none() {
                break;
            }
        }
        end(last, table.taken());
        Ok(Self { cells })
    }

    /// Where the rows of a cell are: those of an account in a Region, or `global`.
    #[must_use]
    pub fn cell(&self, account: AccountId, region: &str) -> Option<Range<u64>> {
        let mut regions = self.cells.get(&account)?.iter();
        let (_, rows) = regions.find(|(of, _)| **of == *region)?;
        Some(rows.clone())
    }
}

impl CellRows {
    /// Goes through the rows of a cell, the first of which begins at `offset` in its file.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn index(rows: impl Read, offset: u64) -> Result<Self, Damage> {
        let header = header();
        let before = header.len() as u64;
        let mut table = open(Cursor::new(header).chain(rows))?;
        let mut found = Vec::new();
        let pick = |row: Row<'_>| {
            let verdict = row.cell("verdict").text;
            let is_managed_by_aws = verdict == Verdict::AwsManaged.as_str();
            let is_wanted = is_managed_by_aws || verdict == Verdict::InUse.as_str();
            is_wanted.then(|| (hash_of(row), is_managed_by_aws))
        };
        pick_rows(&mut table, pick, |(hash, is_managed_by_aws), range| {
            let row = KeyRow {
                offset: range.start - before + offset,
                bytes: (range.end - range.start) as u32,
                is_managed_by_aws,
            };
            found.push((hash, row));
        })?;
        found.sort_unstable();
        found.shrink_to_fit();
        Ok(Self { rows: found })
    }

    /// Where there may be the row of a key in use.
    pub fn in_use(&self, kind: KeyKind, key_id: &str) -> impl Iterator<Item = Range<u64>> {
        self.rows_of(kind, key_id, false)
    }

    /// Where there may be the row of a key that AWS managed.
    pub fn managed_by_aws(&self, key_id: &str) -> impl Iterator<Item = Range<u64>> {
        self.rows_of(KeyKind::KmsKey, key_id, true)
    }

    fn rows_of(
        &self,
        kind: KeyKind,
        key_id: &str,
        is_managed_by_aws: bool,
    ) -> impl Iterator<Item = Range<u64>> {
        let wanted = hash(kind.as_str(), &csv_text::text(key_id));
        let first = self.rows.partition_point(|(hash, _)| *hash < wanted);
        let rows = self.rows.iter().skip(first);
        rows.take_while(move |(hash, _)| *hash == wanted)
            .filter(move |(_, row)| row.is_managed_by_aws == is_managed_by_aws)
            .map(|(_, row)| row.offset..row.offset + u64::from(row.bytes))
    }
}

/// Reads one row.
///
/// # Errors
/// It is not as this version writes it.
pub fn read_row(row: &[u8]) -> Result<Option<JudgedKey>, Damage> {
    let mut table = open(Cursor::new(header()).chain(row))?;
    let mut night = KeyRows::default();
    let rows = table.next_rows(|row| night.read(row))?;
    Ok(rows.and_then(|mut rows| rows.pop()))
}

/// Goes through the rows of a table, and gives each that is picked, with where it begins and ends.
pub(super) fn pick_rows<R: Read, T>(
    table: &mut Table<R>,
    pick: impl Fn(Row<'_>) -> Option<T>,
    mut give: impl FnMut(T, Range<u64>),
) -> Result<(), Damage> {
    let mut unended: Option<(T, u64)> = None;
    let mut end = |row: Option<(T, u64)>, at: u64| {
        if let Some((picked, begins)) = row {
            give(picked, begins..at);
        }
    };
    loop {
        let rows = table.next_rows(|row| {
            end(unended.take(), row.offset());
            unended = pick(row).map(|picked| (picked, row.offset()));
            Ok(())
        })?;
        if rows.is_none() {
            break;
        }
    }
    end(unended, table.taken());
    Ok(())
}

/// Opens a file whose rows can be read without its header, too.
pub(super) fn open_of_this_version<R: Read>(keys_csv: R) -> Result<Table<R>, Damage> {
    let table = open(keys_csv)?;
    if table.has_only_columns() {
        return Ok(table);
    }
    let problem = "its columns are not those of this version, in this order";
    Err(Damage::of(ReportFile::KeysCsv, problem.to_owned()))
}

fn open<R: Read>(keys_csv: R) -> Result<Table<R>, Damage> {
    Table::open(ReportFile::KeysCsv, keys_csv, &COLUMNS, &COLUMNS)
}

/// The header that this version writes, and the file has.
fn header() -> Vec<u8> {
    csv_text::lines([COLUMNS])
}

fn hash_of(row: Row<'_>) -> u64 {
    hash(row.cell("kind").text, row.cell("key_id").text)
}

/// The hash of a key in its cell, by its cells in the file.
fn hash(kind: &str, key_id: &str) -> u64 {
    fnv_1a(kind.bytes().chain([b' ']).chain(key_id.bytes()))
}

#[cfg(test)]
mod tests;
