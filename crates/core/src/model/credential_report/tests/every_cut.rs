//! A report that was cut at any byte, with any of its columns the last.

use crate::model::credential_report::{CredentialReport, LastUsed, UserKeys};

const COLUMNS: [&str; 7] = [
    "user",
    "arn",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_service",
    "additional_credentials_info",
];

/// Cells of each form that a cut can change.
const ROWS: &str = r#"<root_account>,arn:aws:iam::222222222222:root,true,2014-02-03T04:05:06+05:30,2026-11-01T10:15:00+05:30,s3,
N/A,a,false,N/A,N/A,N/A,N/A
N/Abc,b,TRUE,2020-02-03T04:05:06Z,N/A,N/A,N/A
"x
y""",c,false,2020-02-03T04:05:06Z,N/A,N/A,N/A
many,d,false,N/A,N/A,N/A,Additional access keys: 1
used,e,false,N/A,2020-02-03T04:05:06Z,ec2,N/A
"#;

/// The report with `last` as its last column.
fn report(last: usize) -> Vec<u8> {
    // The second slot is empty for all users.
    let second = COLUMNS.map(|column| column.replace("_1_", "_2_"));
    let second = &second[2..5];
    let rotated = |mut row: Vec<String>| {
        row.rotate_left(last + 1);
        row
    };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let mut header: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    header.extend_from_slice(second);
    writer.write_record(rotated(header)).unwrap();
    let mut rows = csv::ReaderBuilder::new();
    for row in rows
        .has_headers(false)
        .from_reader(ROWS.as_bytes())
        .deserialize()
    {
        let mut row: Vec<String> = row.unwrap();
        row.extend(["false", "N/A", "N/A"].map(str::to_owned));
        writer.write_record(rotated(row)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The root user's keys without the service of their last use, which may be cut off without harm.
fn root_keys(report: &CredentialReport) -> Option<String> {
    let mut keys = report.root.clone().ok()?;
    for key in &mut keys {
        if let LastUsed::At { service, .. } = &mut key.last_used {
            *service = None;
        }
    }
    Some(format!("{keys:?}"))
}

#[test]
fn a_cut_at_any_byte_hides_no_keys() {
    for last in 0..COLUMNS.len() {
        let text = report(last);
        let whole = CredentialReport::parse(&text);
        assert!(whole.is_whole && whole.root.is_ok(), "{whole:?}");
        for cut in 0..text.len() {
            let report = CredentialReport::parse(&text[..cut]);
            let shown = String::from_utf8_lossy(&text[..cut]);
            if let Some(root) = root_keys(&report) {
                assert_eq!(Some(root), root_keys(&whole), "{shown}");
            }
            for user in report.users() {
                let (parsed, actual) = (report.keys_of(user), whole.keys_of(user));
                assert_ne!(actual, UserKeys::Unknown, "{user} in {shown}");
                assert!(
                    parsed == actual || parsed == UserKeys::Unknown,
                    "{user} in {shown}"
                );
            }
        }
    }
}
