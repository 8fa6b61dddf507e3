//! Where the last run's `keys.csv` has the rows of KMS keys that were disabled or pending deletion.

use std::{io::Read, ops::Range};

use crate::{
    files::{
        csv_text,
        damage::Damage,
        last_readings::{open_of_this_version, pick_rows},
        table::Row,
    },
    judge::{due::fnv_1a, refused_uses::is_stopped},
    model::reading::{KeyKind, KeyReading},
};

/// Rows by key, a few bytes each.
#[derive(Debug, Default)]
pub struct StoppedRows {
    /// The hash of what the key is known by, and where its row begins and ends; sorted.
    rows: Vec<(u64, u64, u64)>,
}

impl StoppedRows {
    /// Goes through a `keys.csv`.
    ///
    /// # Errors
    /// It cannot be read, or lacks a column of this version.
    pub fn index(keys_csv: impl Read) -> Result<Self, Damage> {
        let mut table = open_of_this_version(keys_csv)?;
        let mut rows = Vec::new();
        let pick = |row: Row<'_>| is_of_stopped_key(row).then(|| hash_of_row(row));
        pick_rows(&mut table, pick, |hash, range| {
            rows.push((hash, range.start, range.end));
        })?;
        rows.sort_unstable();
        rows.shrink_to_fit();
        Ok(Self { rows })
    }

    /// Where there may be the row of `key`.
    pub fn of(&self, key: &KeyReading) -> impl Iterator<Item = Range<u64>> {
        let wanted = hash(
            key.account.id.as_str(),
            key.region_or_global(),
            &csv_text::text(&key.key_id),
        );
        let first = self.rows.partition_point(|(hash, ..)| *hash < wanted);
        let rows = self.rows.iter().skip(first);
        rows.take_while(move |(hash, ..)| *hash == wanted)
            .map(|(_, begins, ends)| *begins..*ends)
    }
}

fn is_of_stopped_key(row: Row<'_>) -> bool {
    row.cell("kind").text == KeyKind::KmsKey.as_str() && is_stopped(row.cell("state").text)
}

fn hash_of_row(row: Row<'_>) -> u64 {
    let text = |column| row.cell(column).text;
    hash(text("account_id"), text("region"), text("key_id"))
}

/// The hash of a KMS key, by its cells in the file.
fn hash(account: &str, region: &str, key_id: &str) -> u64 {
    let cells = [account, " ", region, " ", key_id];
    fnv_1a(cells.into_iter().flat_map(str::bytes))
}

#[cfg(test)]
mod tests {
    use super::StoppedRows;
    use crate::{
        examples::{account, first_report, kms_key, with_keys},
        files::last_readings::read_row,
        model::{layout::ReportFile, reading::KeyReading},
    };

    fn key(n: usize, state: &str) -> KeyReading {
        KeyReading {
            state: Some(state.to_owned()),
            owner: Some("two\nlines, and a comma".to_owned()),
            ..kms_key(&account(1, "=one"), n, "2026-05-01T00:00:00Z")
        }
    }

    #[test]
    fn the_row_of_each_stopped_key_is_found_and_no_other() {
        let keys = [
            key(1, "Disabled"),
            key(2, "Enabled"),
            key(3, "PendingDeletion"),
            key(4, "PendingImport"),
            key(5, "PendingReplicaDeletion"),
        ];
        let csv = first_report(with_keys(keys.to_vec())).file(ReportFile::KeysCsv);
        let rows = StoppedRows::index(&csv[..]).unwrap();
        let found = keys.iter().map(|key| {
            let mut ranges = rows.of(key);
            let range = ranges.next()?;
            let row = &csv[range.start as usize..range.end as usize];
            let id = read_row(row).unwrap().unwrap().key.key_id;
            Some((id == key.key_id, ranges.next().is_none()))
        });
        let (yes, no) = (Some((true, true)), None);
        assert_eq!(found.collect::<Vec<_>>(), [yes, no, yes, no, yes]);
        let elsewhere = KeyReading {
            account: account(2, "two"),
            ..key(1, "Disabled")
        };
        assert!(rows.of(&elsewhere).next().is_none());
    }

    #[test]
    fn a_file_with_other_columns_is_refused() {
        let csv = first_report(with_keys(vec![key(1, "Disabled")])).file(ReportFile::KeysCsv);
        let text = String::from_utf8(csv).unwrap();
        let older = text
            .replace(",refused_last_by\n", "\n")
            .replace(",,,\n", ",,\n");
        assert!(StoppedRows::index(older.as_bytes()).is_err());
    }
}
