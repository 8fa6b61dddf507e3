//! What the last run did not get to. Rows that do not parse say nothing.

use std::{
    collections::{BTreeSet, HashSet},
    iter,
};

use csv::StringRecord;

use crate::{account::AccountId, csv_table::Table, reading::Gap};

/// The accounts of a `coverage.csv` that have a cell which was deferred or
/// partial.
#[must_use]
pub fn accounts_with_gaps(coverage_csv: &[u8]) -> BTreeSet<AccountId> {
    rows(coverage_csv, ["account_id", "status"])
        .filter(|[_, status]| matches!(status.as_str(), "deferred" | "partial"))
        .filter_map(|[account, _]| AccountId::parse(&account))
        .collect()
}

/// Whether a `coverage.csv` tells of keys that there was no time for.
#[must_use]
pub fn lacked_time(coverage_csv: &[u8]) -> bool {
    rows(coverage_csv, ["detail"]).any(|[detail]| detail.contains(&Gap::NoTimeLeft.to_string()))
}

/// The IDs of the keys of a `keys.csv` that there was no time for.
#[must_use]
pub fn keys_without_time(keys_csv: &[u8]) -> HashSet<String> {
    let no_time_left = Gap::NoTimeLeft.to_string();
    rows(keys_csv, ["key_id", "verdict", "detail"])
        .filter(|[_, verdict, detail]| verdict == "unreadable" && detail.contains(&no_time_left))
        .map(|[key_id, _, _]| key_id)
        .collect()
}

/// The cells of some columns, row by row.
fn rows<const N: usize>(csv: &[u8], columns: [&str; N]) -> impl Iterator<Item = [String; N]> {
    let mut table = Table::new(csv).ok();
    iter::from_fn(move || {
        let table = table.as_mut()?;
        let mut row = StringRecord::new();
        table.read(&mut row).map_or(Some(None), |is_row| {
            is_row.then(|| cells(table, &row, columns))
        })
    })
    .flatten()
}

/// The cells of some columns, where the row has them.
fn cells<const N: usize>(
    table: &Table<'_>,
    row: &StringRecord,
    columns: [&str; N],
) -> Option<[String; N]> {
    let cells = columns.map(|column| row.get(table.column(column)?).map(str::to_owned));
    let is_whole = cells.iter().all(Option::is_some);
    is_whole.then(|| cells.map(Option::unwrap_or_default))
}

#[cfg(test)]
mod tests {
    use super::{accounts_with_gaps, keys_without_time, lacked_time};

    #[test]
    fn what_was_left_undone_is_found_by_column_name() {
        let coverage = b"status,account_id,detail\nscanned,111111111111,\n\
            partial,222222222222,no time left (3 keys)\ndeferred,333333333333,no time left\n";
        let accounts: Vec<String> = accounts_with_gaps(coverage)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(accounts, ["222222222222", "333333333333"]);
        assert!(lacked_time(coverage));
        let keys = b"key_id,verdict,detail\na,unreadable,no time left\nb,in_use,\nc,unreadable,kms:DescribeKey X\n";
        assert_eq!(
            keys_without_time(keys).into_iter().collect::<Vec<_>>(),
            ["a"]
        );
    }

    #[test]
    fn what_was_left_undone_of_access_keys_is_found_too() {
        let coverage = b"account_id,region,kind,status,detail\n\
            111111111111,global,iam_access_key,scanned,\n\
            222222222222,global,iam_access_key,deferred,no time left\n";
        let accounts = accounts_with_gaps(coverage);
        assert_eq!(accounts.len(), 1);
        assert!(lacked_time(coverage));
        let keys = b"region,kind,key_id,verdict,detail\n\
            global,iam_access_key,AKIA2,unreadable,no time left\n\
            global,iam_access_key,AKIA3,in_use,credential report of 2026-11-21T01:00:00Z\n";
        assert_eq!(
            keys_without_time(keys).into_iter().collect::<Vec<_>>(),
            ["AKIA2"]
        );
    }

    #[test]
    fn files_that_are_no_report_say_nothing() {
        for file in [&b""[..], b"hello", b"\xff\xfe\n\x00", b"status\npartial\n"] {
            assert!(accounts_with_gaps(file).is_empty());
            assert!(!lacked_time(file));
            assert!(keys_without_time(file).is_empty());
        }
    }
}
