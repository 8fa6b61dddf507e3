//! What the last run had no time for. A damaged file counts as empty.

use std::{
    collections::{BTreeSet, HashSet},
    io::Read,
};

use crate::{
    files::{
        damage::Damage,
        table::{Columns, Row, Table},
    },
    judge::verdict::Verdict,
    model::{account::AccountId, cause::Cause, layout::ReportFile},
};

/// The accounts of a `coverage.csv` that have a cell which lacked time.
#[must_use]
pub fn accounts_without_time(coverage_csv: impl Read) -> BTreeSet<AccountId> {
    const COLUMNS: [&str; 2] = ["account_id", "lacked_time"];
    found(ReportFile::CoverageCsv, coverage_csv, &COLUMNS, |row| {
        Ok(match row.cell("lacked_time").truth()? {
            // A row of the organization has no account.
            true => AccountId::parse(row.cell("account_id").text),
            false => None,
        })
    })
}

/// The IDs of the keys of a `keys.csv` that there was no time for.
#[must_use]
pub fn keys_without_time(keys_csv: impl Read) -> HashSet<String> {
    const COLUMNS: [&str; 3] = ["key_id", "verdict", "gap_cause"];
    found(ReportFile::KeysCsv, keys_csv, &COLUMNS, |row| {
        let is_unreadable = row.cell("verdict").text == Verdict::Unreadable.as_str();
        let cause = row
            .cell("gap_cause")
            .optional_word(&Cause::ALL, Cause::as_str)?;
        let lacked_time = is_unreadable && cause.is_some_and(Cause::is_lack_of_time);
        Ok(lacked_time.then(|| row.cell("key_id").free().to_owned()))
    })
}

/// What is found in rows of a file; nothing if one is damaged.
fn found<T, All: Default + Extend<T>>(
    file: ReportFile,
    csv: impl Read,
    columns: Columns,
    mut find: impl FnMut(Row<'_>) -> Result<Option<T>, Damage>,
) -> All {
    let read = || {
        let mut table = Table::open(file, csv, columns, columns)?;
        let mut all = All::default();
        while let Some(rows) = table.next_rows(&mut find)? {
            all.extend(rows.into_iter().flatten());
        }
        Ok::<_, Damage>(all)
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{accounts_without_time, keys_without_time};

    #[test]
    fn the_accounts_of_cells_that_lacked_time_come_first() {
        let coverage = b"status,account_id,detail,lacked_time\n\
            scanned,111111111111,,false\n\
            partial,222222222222,no time left (3 keys),true\n\
            denied,777777777777,kms:ListKeys A; more,false\n\
            failed,888888888888,kms:ListKeys A,TRUE\n\
            deferred,,not all accounts,true\n";
        let accounts = accounts_without_time(&coverage[..]);
        let accounts: Vec<String> = accounts.iter().map(ToString::to_string).collect();
        assert_eq!(accounts, ["222222222222", "888888888888"]);
    }

    #[test]
    fn the_keys_that_lacked_time_come_first_by_the_cause_of_their_gap() {
        let listed = b"key_id,verdict,detail,gap_cause\n\
            a,unreadable,no time left,out_of_time\n\
            b,in_use,,\n\
            c,unreadable,kms:DescribeKey X,fault\n\
            d,unreadable,kms:GetKeyLastUsage SomethingNew,throttled\n\
            e,unreadable,kms:GetKeyLastUsage AccessDeniedException,refused\n";
        let mut keys: Vec<String> = keys_without_time(&listed[..]).into_iter().collect();
        keys.sort();
        assert_eq!(keys, ["a", "d"]);
    }

    #[test]
    fn files_that_are_not_a_report_count_as_empty() {
        for file in [&b""[..], b"hello", b"\xff\xfe\n\x00", b"status\npartial\n"] {
            assert!(accounts_without_time(file).is_empty());
            assert!(keys_without_time(file).is_empty());
        }
    }
}
