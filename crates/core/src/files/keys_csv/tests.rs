use std::sync::Arc;

use super::{COLUMNS, rows};
use crate::{
    arbitrary::run,
    examples::{
        access_key, account, first_report, judged, kms_key, root_key, service_credential, with_keys,
    },
    files::csv_file::CsvFile,
    judge::judged_key::JudgedKey,
    model::{
        account::Account,
        before_deletion::BeforeDeletion,
        cause::Cause,
        gap::Gap,
        layout::ReportFile,
        reading::{KeyReading, LastUse, Usage},
        refused_uses::{RefusedUse, RefusedUses},
    },
};

const USED: &str = "2026-11-01T00:00:00Z";

fn payments() -> Arc<Account> {
    account(222_222_222_222, "payments")
}

fn judged_at(key: KeyReading) -> JudgedKey {
    JudgedKey {
        ou_path: "Root/Prod".into(),
        ..judged(key)
    }
}

/// `keys.csv` of one key.
fn csv_of(key: KeyReading) -> String {
    let file = [CsvFile::Keys.header(), rows(&[judged_at(key)], run().now)];
    String::from_utf8(file.concat()).unwrap()
}

#[test]
fn an_access_key_is_global_and_free_and_has_iams_words() {
    let key = access_key(&payments(), "deploy-bot", 7, "2026-05-01T00:00:00Z");
    assert_eq!(
        csv_of(key).lines().nth(1).unwrap(),
        "2026-11-21,222222222222,payments,Root/Prod,global,iam_access_key,AKIA2222333344000007,\
         arn:aws:iam::222222222222:user/deploy-bot,deploy-bot,ci,customer,Active,2025-11-21T02:00:07Z,\
         2025-11-21T02:00:07Z,2026-05-01T00:00:00Z,,s3,eu-west-1,,204,stale,true,false,deactivate,\
         0.00,,,,,,,,,,,,2026-11-21T02:00:07Z,,,,,,,,,"
    );
}

#[test]
fn where_iam_reports_no_service_and_region_the_cells_are_empty() {
    let mut key = access_key(&payments(), "deploy-bot", 1, USED);
    if let Usage::Recorded(LastUse {
        service, region, ..
    }) = &mut key.usage
    {
        (*service, *region) = (None, None);
    }
    let csv = csv_of(key);
    assert!(
        csv.contains(",2026-11-01T00:00:00Z,,,,,20,in_use,"),
        "{csv}"
    );
}

#[test]
fn keys_of_many_accounts_are_one_file_with_one_header() {
    for accounts in [0, 1, 5] {
        let keys = (0..accounts).map(|n| kms_key(&account(n, "one"), 1, USED));
        let report = first_report(with_keys(keys.collect()));
        let written = report.file(ReportFile::KeysCsv);
        let mut file = csv::Reader::from_reader(&*written);
        assert_eq!(file.headers().unwrap(), &COLUMNS[..]);
        assert_eq!(file.records().map(Result::unwrap).count() as u64, accounts);
    }
}

/// The cells of a key's row, from the first that was added after `disabled_since`.
fn last_cells(key: KeyReading) -> Vec<String> {
    let csv = csv_of(key);
    let row = csv::Reader::from_reader(csv.as_bytes()).records().next();
    let row = row.unwrap().unwrap();
    row.iter().skip(34).map(str::to_owned).collect()
}

#[test]
fn the_last_columns_have_what_detail_words() {
    let mut used = kms_key(&payments(), 1, USED);
    if let Usage::Recorded(last_use) = &mut used.usage {
        last_use.kms_request_id = Some("7d0f5b62-93c4".to_owned());
    }
    used.exemption = Some("=legal".to_owned());
    assert_eq!(
        last_cells(used),
        [
            "7d0f5b62-93c4",
            "",
            "2026-11-21T02:00:07Z",
            "",
            "'=legal",
            "",
            "",
            "",
            "",
            "",
            "",
            ""
        ]
    );
    let mut unread = kms_key(&payments(), 1, USED);
    unread.usage = Usage::Unreadable(Gap::unanswered(
        "kms:GetKeyLastUsage",
        "SomethingNew",
        Cause::Throttled,
    ));
    unread.tags_gap = Some(Gap::NoTimeLeft);
    assert_eq!(
        last_cells(unread),
        [
            "",
            "throttled",
            "",
            r#"[{"of":"usage","call":"kms:GetKeyLastUsage","code":"SomethingNew","cause":"throttled"},{"of":"tags","cause":"out_of_time"}]"#,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            ""
        ]
    );
    let mut refused = kms_key(&payments(), 1, USED);
    refused.before_deletion = Some(Box::new(BeforeDeletion {
        refused_uses: Some(RefusedUses {
            count: Some(7),
            last: Some(RefusedUse {
                at: USED.parse().unwrap(),
                by: "=HYPERLINK(1)\nnext".to_owned(),
            }),
            gap: None,
        }),
        ..BeforeDeletion::default()
    }));
    let [.., count, at, by, _] = &last_cells(refused)[..] else {
        panic!()
    };
    assert_eq!([count, at, by], ["7", USED, "'=HYPERLINK(1) next"]);
    let mut credential = service_credential(&payments(), "anna", "bedrock.amazonaws.com");
    credential.expires_at = Some("2027-02-01T00:00:00Z".parse().unwrap());
    assert_eq!(
        last_cells(credential).pop().unwrap(),
        "2027-02-01T00:00:00Z"
    );
}

#[test]
fn when_the_use_of_a_root_key_was_read_is_when_its_credential_report_was_generated() {
    let mut root = root_key(&payments(), 1, USED);
    root.usage_read_at = Some("2026-11-21T00:30:00Z".parse().unwrap());
    assert_eq!(last_cells(root)[2], "2026-11-21T00:30:00Z");
}
