use super::{CellRows, LastReadings, read_row};
use crate::{
    examples::{access_key, account, first_report, kms_key, with_keys},
    judge::judged_key::JudgedKey,
    model::{
        layout::ReportFile,
        reading::{KeyKind, KeyReading, Manager, Usage},
        region::Region,
    },
};

const USED: &str = "2026-11-01T00:00:00Z";

/// Keys of three accounts and two Regions, with texts that need quotes, and some that are not in use.
fn keys() -> Vec<KeyReading> {
    let accounts = [2, 3, 4].map(|n| account(n, "a \"quoted\", name\n"));
    let mut keys = Vec::new();
    for (n, account) in accounts.iter().enumerate() {
        for number in 0..40 {
            let mut key = kms_key(account, 100 * n + number, USED);
            key.names = vec![format!("alias/{}", "x,\"\n".repeat(number % 5))];
            key.owner = (number % 3 == 0).then(|| "=ops".to_owned());
            match number % 8 {
                5 => key.region = Region::parse("us-east-1"),
                6 => key.usage = Usage::NotRead,
                7 => key.manager = Some(Manager::Aws),
                _ => {}
            }
            keys.push(key);
        }
        keys.push(access_key(account, "-anna", n, USED));
    }
    keys
}

fn row_at(file: &[u8], range: std::ops::Range<u64>) -> JudgedKey {
    let row = &file[range.start as usize..range.end as usize];
    read_row(row).unwrap().unwrap()
}

#[test]
fn the_row_of_each_key_in_use_and_of_each_that_aws_manages_is_found_and_no_other() {
    let report = first_report(with_keys(keys()));
    let file = report.file(ReportFile::KeysCsv);
    let last = LastReadings::index(&*file).unwrap();
    let mut found = (0, 0, 0);
    for judged in report.keys() {
        let key = &judged.key;
        let cell = last.cell(key.account.id, key.region_or_global()).unwrap();
        let bytes = &file[cell.start as usize..cell.end as usize];
        let rows = CellRows::index(bytes, cell.start).unwrap();
        let in_use: Vec<_> = rows.in_use(key.kind, &key.key_id).collect();
        let managed: Vec<_> = rows.managed_by_aws(&key.key_id).collect();
        match judged.judgement.verdict.as_str() {
            "in_use" => {
                assert_eq!(managed, []);
                let [range] = in_use.try_into().unwrap();
                let row = row_at(&file, range);
                assert_eq!(row.key.key_id, key.key_id);
                assert_eq!(row.key.usage, key.usage);
                assert_eq!(row.key.owner, key.owner);
                found.0 += 1;
            }
            "aws_managed" => {
                assert_eq!(in_use, []);
                let [range] = managed.try_into().unwrap();
                assert_eq!(row_at(&file, range).key.key_id, key.key_id);
                found.1 += 1;
            }
            _ => {
                assert_eq!((in_use, managed), (vec![], vec![]));
                found.2 += 1;
            }
        }
    }
    assert_eq!(found, (93, 15, 15));
}

#[test]
fn a_key_of_another_kind_account_or_region_is_another() {
    let report = first_report(with_keys(keys()));
    let file = report.file(ReportFile::KeysCsv);
    let last = LastReadings::index(&*file).unwrap();
    let id = account(2, "").id;
    assert_eq!(last.cell(id, "eu-west-2"), None);
    assert_eq!(last.cell(account(5, "").id, "eu-west-1"), None);
    let cell = last.cell(id, "eu-west-1").unwrap();
    let bytes = &file[cell.start as usize..cell.end as usize];
    let rows = CellRows::index(bytes, cell.start).unwrap();
    assert_eq!(rows.in_use(KeyKind::KmsKey, "key-000000").count(), 1);
    assert_eq!(rows.in_use(KeyKind::IamAccessKey, "key-000000").count(), 0);
    assert_eq!(rows.in_use(KeyKind::KmsKey, "key-000005").count(), 0);
}

#[test]
fn a_file_whose_columns_are_others_or_in_another_order_has_no_rows_to_take_over() {
    let report = first_report(with_keys(keys()));
    let file = String::from_utf8(report.file(ReportFile::KeysCsv)).unwrap();
    for (from, to) in [
        ("scan_date,account_id", "account_id,scan_date"),
        ("rest_of_set_regions", "rest_of_set_regions,later"),
        (",usage_read_at", ",usage_read_on"),
    ] {
        let other = file.replacen(from, to, 1);
        assert!(LastReadings::index(other.as_bytes()).is_err(), "{to}");
    }
    assert!(LastReadings::index(&b""[..]).is_err());
}
