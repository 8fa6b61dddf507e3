//! What the last run did not get to. Rows that do not parse say nothing.

use std::{
    collections::{BTreeSet, HashSet},
    iter,
};

use csv::StringRecord;

use crate::{
    files::csv_table::Table,
    model::{account::AccountId, cause::Cause, gap::Gap},
};

/// The accounts of a `coverage.csv` that have a cell which time was lacking for.
#[must_use]
pub fn accounts_with_gaps(coverage_csv: &[u8]) -> BTreeSet<AccountId> {
    gaps(coverage_csv)
        .filter(Undone::may_lack_time)
        .filter_map(|row| AccountId::parse(&row.account_id))
        .collect()
}

/// Whether a `coverage.csv` tells of keys that there may have been no time for.
#[must_use]
pub fn lacked_time(coverage_csv: &[u8]) -> bool {
    gaps(coverage_csv).any(|row| row.may_lack_time())
}

/// The IDs of the keys of a `keys.csv` that there was no time for.
#[must_use]
pub fn keys_without_time(keys_csv: &[u8]) -> HashSet<String> {
    rows(keys_csv, ["key_id", "verdict", "detail"], ["gap_cause"])
        .filter(|(row, added)| {
            let [_, verdict, detail] = row;
            let [recorded] = added;
            verdict == "unreadable"
                && cause(recorded.as_deref(), detail).is_some_and(Cause::is_lack_of_time)
        })
        .map(|([key_id, _, _], _)| key_id)
        .collect()
}

/// A row of a `coverage.csv`, as far as it says what was left undone.
struct Undone {
    account_id: String,
    status: String,
    detail: String,
    recorded: Option<String>,
}

impl Undone {
    /// Whether time was lacking for the cell, or may have been for some of its keys:
    /// the row of a partial cell has the cause of one of several gaps.
    fn may_lack_time(&self) -> bool {
        let has_several_gaps = self.status == "partial" && self.detail.contains("; ");
        let cause = cause(self.recorded.as_deref(), &self.detail);
        has_several_gaps || cause.is_some_and(Cause::is_lack_of_time)
    }
}

fn gaps(coverage_csv: &[u8]) -> impl Iterator<Item = Undone> {
    let rows = rows(
        coverage_csv,
        ["account_id", "status", "detail"],
        ["gap_cause"],
    );
    rows.map(|([account_id, status, detail], [recorded])| Undone {
        account_id,
        status,
        detail,
        recorded,
    })
}

/// Why a row has a gap: the recorded cause or, in a report that records none, what
/// its detail begins with tells.
fn cause(recorded: Option<&str>, detail: &str) -> Option<Cause> {
    match recorded {
        Some(word) => Cause::parse(word),
        None => Gap::at_start(detail, None).map(|(gap, _)| gap.cause()),
    }
}

/// The cells of some columns, row by row, and of columns that an older file may lack.
fn rows<const N: usize, const M: usize>(
    csv: &[u8],
    columns: [&str; N],
    added: [&str; M],
) -> impl Iterator<Item = ([String; N], [Option<String>; M])> {
    let mut table = Table::new(csv).ok();
    iter::from_fn(move || {
        let table = table.as_mut()?;
        let mut row = StringRecord::new();
        table.read(&mut row).map_or(Some(None), |is_row| {
            is_row.then(|| {
                let cells = cells(table, &row, columns);
                let all = cells.iter().all(Option::is_some);
                let added = self::cells(table, &row, added);
                all.then(|| (cells.map(Option::unwrap_or_default), added))
            })
        })
    })
    .flatten()
}

/// The cells of some columns, each where the row has it.
fn cells<const N: usize>(
    table: &Table<'_>,
    row: &StringRecord,
    columns: [&str; N],
) -> [Option<String>; N] {
    columns.map(|column| row.get(table.column(column)?).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::{accounts_with_gaps, keys_without_time, lacked_time};

    fn accounts(coverage_csv: &[u8]) -> Vec<String> {
        let accounts = accounts_with_gaps(coverage_csv);
        accounts.iter().map(ToString::to_string).collect()
    }

    fn keys(keys_csv: &[u8]) -> Vec<String> {
        let mut keys: Vec<String> = keys_without_time(keys_csv).into_iter().collect();
        keys.sort();
        keys
    }

    #[test]
    fn what_time_was_lacking_for_is_found_by_its_cause() {
        let coverage = b"status,account_id,detail,gap_cause\n\
            scanned,111111111111,,\n\
            partial,222222222222,no time left (3 keys),out_of_time\n\
            deferred,333333333333,no time left,out_of_time\n\
            partial,444444444444,kms:GetKeyLastUsage SomethingNew (3 keys),throttled\n\
            partial,555555555555,kms:GetKeyLastUsage ThrottlingLog (3 keys),fault\n\
            partial,666666666666,kms:GetKeyLastUsage A (3 keys); no time left (2 keys),refused\n\
            denied,777777777777,kms:ListKeys A; more,refused\n\
            failed,888888888888,kms:ListKeys A,throttled\n";
        assert_eq!(
            accounts(coverage),
            [
                "222222222222",
                "333333333333",
                "444444444444",
                "666666666666",
                "888888888888"
            ]
        );
        assert!(lacked_time(coverage));
        let refused = b"status,account_id,detail,gap_cause\n\
            partial,222222222222,kms:GetKeyLastUsage A (3 keys),refused\n";
        assert!(!lacked_time(refused));
        let listed = b"key_id,verdict,detail,gap_cause\n\
            a,unreadable,no time left,out_of_time\n\
            b,in_use,,\n\
            c,unreadable,kms:DescribeKey X,fault\n\
            d,unreadable,kms:GetKeyLastUsage SomethingNew,throttled\n\
            e,unreadable,kms:GetKeyLastUsage AccessDeniedException; kms:ListResourceTags: no time left,refused\n";
        assert_eq!(keys(listed), ["a", "d"]);
    }

    #[test]
    fn of_an_older_report_the_detail_has_to_tell_the_cause() {
        let coverage = b"account_id,region,kind,status,detail\n\
            111111111111,global,iam_access_key,scanned,\n\
            222222222222,global,iam_access_key,deferred,no time left\n\
            333333333333,eu-west-1,kms_key,partial,kms:GetKeyLastUsage ThrottlingException (2 keys)\n\
            444444444444,eu-west-1,kms_key,denied,kms:ListKeys AccessDeniedException\n";
        assert_eq!(accounts(coverage), ["222222222222", "333333333333"]);
        assert!(lacked_time(coverage));
        let listed = b"region,kind,key_id,verdict,detail\n\
            global,iam_access_key,AKIA2,unreadable,no time left\n\
            global,iam_access_key,AKIA3,in_use,credential report of 2026-11-21T01:00:00Z\n\
            global,iam_access_key,AKIA4,unreadable,iam:GetAccessKeyLastUsed AccessDenied\n";
        assert_eq!(keys(listed), ["AKIA2"]);
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
