use proptest::prelude::*;

use crate::{
    arbitrary::reading,
    examples::{access_key, account, first_report, kms_key, root_key, with_keys},
    files::{coverage_csv, csv_text::text, keys_csv},
    model::{layout::ReportFile, organization_reading::Reading, reading::LastUse, region::Region},
};

fn rows(csv: &[u8]) -> Vec<csv::StringRecord> {
    csv::ReaderBuilder::new()
        .from_reader(csv)
        .records()
        .map(Result::unwrap)
        .collect()
}

proptest! {
    #[test]
    fn keys_csv_parses_back_to_the_same_rows_whatever_the_text(reading in reading(12)) {
        let report = first_report(reading);
        let rows = rows(&report.file(ReportFile::KeysCsv));
        prop_assert_eq!(rows.len(), report.keys().count());
        for (row, judged) in rows.iter().zip(report.keys()) {
            let key = &judged.key;
            let cell = |column: &str| {
                let at = keys_csv::COLUMNS.iter().position(|c| *c == column).unwrap();
                row[at].to_owned()
            };
            prop_assert_eq!(row.len(), keys_csv::COLUMNS.len());
            prop_assert_eq!(cell("account_name"), text(&key.account.name));
            let names = key.names.join(";");
            prop_assert_eq!(cell("name"), text(&names));
            prop_assert_eq!(cell("owner"), text(key.owner.as_deref().unwrap_or("")));
            prop_assert_eq!(cell("state"), text(key.state.as_deref().unwrap_or("")));
            prop_assert_eq!(cell("key_id"), key.key_id.as_str());
            prop_assert_eq!(cell("kind"), key.kind.as_str());
            let of_last_use = |of: fn(&LastUse) -> &Option<String>| {
                let word = judged.last_use().and_then(|used| of(used).as_deref());
                text(word.unwrap_or(""))
            };
            prop_assert_eq!(cell("last_service"), of_last_use(|used| &used.service));
            prop_assert_eq!(cell("last_used_region"), of_last_use(|used| &used.region));
            prop_assert_eq!(cell("verdict"), judged.judgement.verdict.as_str());
            prop_assert_eq!(cell("flagged"), judged.is_flagged().to_string());
        }
    }

    #[test]
    fn no_cell_of_any_file_can_start_a_formula(reading in reading(12)) {
        let report = first_report(reading);
        let is_csv = |file: &ReportFile| file.content_type().starts_with("text/csv");
        let csv_files = ReportFile::ALL.into_iter().filter(is_csv);
        for file in csv_files {
            for row in rows(&report.file(file)) {
                for cell in &row {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", cell);
                }
            }
        }
    }

    #[test]
    fn a_row_of_any_file_is_one_line(reading in reading(12)) {
        let report = first_report(reading);
        let is_csv = |file: &ReportFile| file.content_type().starts_with("text/csv");
        for file in ReportFile::ALL.into_iter().filter(is_csv) {
            let written = String::from_utf8(report.file(file)).unwrap();
            let breaks = written.matches(['\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}']).count();
            prop_assert_eq!(breaks, 1 + rows(written.as_bytes()).len(), "{:?}", file);
        }
    }

    #[test]
    fn the_order_of_answers_does_not_change_a_byte(reading in reading(12)) {
        let mut reversed = reading.clone();
        reversed.keys.reverse();
        reversed.keys.iter_mut().for_each(|key| key.names.reverse());
        let forwards = first_report(reading);
        let backwards = first_report(reversed);
        prop_assert_eq!(
            forwards.file(ReportFile::KeysCsv),
            backwards.file(ReportFile::KeysCsv)
        );
    }

    #[test]
    fn every_key_has_exactly_one_row_and_one_verdict(reading in reading(12)) {
        let listed = reading.keys.len();
        let report = first_report(reading);
        let by_verdict: u64 = report.summary.keys.by_verdict.values().sum();
        let by_kind: u64 = report.summary.keys.by_kind.values().sum();
        prop_assert_eq!(report.keys().count(), listed);
        prop_assert_eq!(by_verdict, listed as u64);
        prop_assert_eq!(by_kind, listed as u64);
    }
}

#[test]
fn every_kind_is_counted_where_there_is_no_key_of_it() {
    let report = first_report(Reading::default());
    let by_kind = &report.summary.keys.by_kind;
    assert_eq!(
        by_kind
            .iter()
            .map(|(kind, n)| (*kind, *n))
            .collect::<Vec<_>>(),
        [
            ("iam_access_key", 0),
            ("iam_password", 0),
            ("kms_key", 0),
            ("root_access_key", 0),
            ("root_password", 0),
            ("secret", 0),
            ("service_credential", 0)
        ]
    );
}

#[test]
fn the_columns_are_those_that_dashboards_rely_on() {
    assert_eq!(
        keys_csv::COLUMNS.join(","),
        "scan_date,account_id,account_name,ou_path,region,kind,key_id,arn,name,owner,manager,state,\
         created_at,tracked_since,last_used_at,last_operation,last_service,last_used_region,\
         cloudtrail_event_id,idle_days,verdict,flagged,exempt,recommendation,monthly_cost_usd,detail,\
         first_flagged_on,change,multi_region_set,\
         dependents,dependents_checked,guard_days,deletion_date,disabled_since,\
         kms_request_id,gap_cause,usage_read_at,gaps,exempt_reason,multi_region_role,rest_of_set,\
         rest_of_set_regions,refused_uses,refused_last_at,refused_last_by,expires_at"
    );
    assert_eq!(
        coverage_csv::COLUMNS.join(","),
        "scan_date,account_id,account_name,region,kind,status,keys,unreadable,error_code,detail,listed_whole,\
         gap_cause,gap,lacked_time"
    );
}

#[test]
fn keys_are_sorted_by_account_region_kind_and_id() {
    let payments = account(222_222_222_222, "payments");
    let mut elsewhere = kms_key(&payments, 4, "2026-11-01T00:00:00Z");
    elsewhere.region = Region::parse("us-east-1");
    let keys = [
        root_key(&payments, 1, "2026-11-01T00:00:00Z"),
        access_key(&payments, "b", 2, "2026-11-01T00:00:00Z"),
        elsewhere,
        access_key(&payments, "a", 3, "2026-11-01T00:00:00Z"),
        kms_key(&payments, 5, "2026-11-01T00:00:00Z"),
        access_key(&account(1, "one"), "anna", 9, "2026-11-01T00:00:00Z"),
    ];
    let reading = with_keys(keys.into());
    let report = first_report(reading);
    let order: Vec<String> = report
        .keys()
        .map(|key| format!("{} {}", key.region(), key.key.key_id))
        .collect();
    assert_eq!(
        order,
        [
            "global AKIA2222333344000009",
            "eu-west-1 key-000005",
            "global AKIA2222333344000002",
            "global AKIA2222333344000003",
            "global root_access_key_1",
            "us-east-1 key-000004",
        ]
    );
}
