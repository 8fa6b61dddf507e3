//! Errors about files that are not as a run wrote them.

use serde::Deserialize;

use super::{Files, read, stored};
use crate::{
    examples::{account, cell, first_report, kms_key, name_files, with_keys},
    model::{
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        layout::ReportFile,
        organization_reading::Reading,
    },
};

fn files() -> Files {
    let one = account(1, "one");
    let reading = Reading {
        keys: vec![
            kms_key(&one, 1, "2026-05-01T00:00:00Z"),
            kms_key(&one, 2, "2026-11-20T00:00:00Z"),
        ],
        coverage: vec![
            CoverageRow::of_cell(
                &one,
                cell(Some("eu-west-1")),
                CoverageStatus::Scanned,
                CellKeys {
                    listed: 2,
                    unreadable: 0,
                    is_whole: true,
                },
                &[],
                "",
            ),
            CoverageRow::unlisted(
                &account(2, "two"),
                Scope::WholeAccount,
                CoverageStatus::Unreachable,
                Some(Gap::unanswered(
                    "sts:AssumeRole",
                    "AccessDenied",
                    Cause::REFUSED,
                )),
                "",
            ),
        ],
        ..Reading::default()
    };
    stored(&first_report(reading))
}

fn file(files: &mut Files, file: ReportFile) -> &mut Vec<u8> {
    match file {
        ReportFile::KeysCsv => &mut files.keys_csv,
        ReportFile::CoverageCsv => &mut files.coverage_csv,
        ReportFile::ChangesCsv => &mut files.changes_csv,
        ReportFile::UnseenCsv => &mut files.unseen_csv,
        ReportFile::TrendCsv => files.trend_csv.get_or_insert_default(),
        ReportFile::SummaryJson => &mut files.summary_json,
        ReportFile::ReportHtml => panic!("the page is not read"),
    }
}

/// The error where `to` stands in a file instead of `from`.
fn message(damaged: ReportFile, from: &str, to: &str) -> String {
    let mut files = files();
    let bytes = file(&mut files, damaged);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{from} in\n{text}");
    *bytes = text.replacen(from, to, 1).into_bytes();
    match read(&files) {
        Ok(_) => format!("nothing of {to:?} for {from:?}"),
        Err(damage) => damage.to_string(),
    }
}

/// `to` in a file instead of `from`, and the error.
#[derive(Deserialize)]
struct Case {
    file: String,
    from: String,
    to: String,
    error: String,
}

#[test]
fn an_error_has_the_file_the_line_and_what_would_be_right() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("damaged.json")).unwrap();
    for case in cases {
        let mut files = ReportFile::ALL.into_iter();
        let file = files.find(|file| file.name() == case.file).unwrap();
        assert_eq!(message(file, &case.from, &case.to), case.error);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_not_pass_for_a_report() {
    for damaged in [
        ReportFile::KeysCsv,
        ReportFile::CoverageCsv,
        ReportFile::SummaryJson,
    ] {
        let whole = file(&mut files(), damaged).clone();
        // Without its last line break a file has all that it had.
        for end in 0..whole.len() - 1 {
            let mut files = files();
            file(&mut files, damaged).truncate(end);
            let expected = read(&files).map(|_| ()).unwrap_err();
            assert!(
                [damaged, ReportFile::SummaryJson].contains(&expected.file),
                "{end}: {expected}"
            );
        }
    }
}

#[test]
fn what_is_no_text_at_all_is_refused_by_name() {
    for (damaged, expected) in [
        (
            ReportFile::KeysCsv,
            "keys.csv, line 1: the line is not UTF-8",
        ),
        (
            ReportFile::SummaryJson,
            "summary.json: the file is not JSON",
        ),
    ] {
        let mut files = files();
        *file(&mut files, damaged) = b"\xff\xfe\n\x00".to_vec();
        let message = read(&files).map(|_| ()).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn files_that_a_spreadsheet_saved_are_the_same_report_and_have_the_lines_that_an_editor_shows() {
    let as_saved = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let text = text.replace('\n', "\r\n");
        let text = text.replace(",true", ",TRUE").replace(",false", ",FALSE");
        format!("\u{feff}{text}").into_bytes()
    };
    let mut saved = files();
    for csv in [
        ReportFile::KeysCsv,
        ReportFile::CoverageCsv,
        ReportFile::ChangesCsv,
        ReportFile::UnseenCsv,
    ] {
        let bytes = file(&mut saved, csv);
        *bytes = as_saved(bytes);
    }
    assert_eq!(stored(&read(&saved).unwrap()), files());
    let keys = String::from_utf8(saved.keys_csv.clone()).unwrap();
    saved.keys_csv = keys.replace(",in_use,", ",bored,").into_bytes();
    let message = read(&saved).map(|_| ()).unwrap_err().to_string();
    assert!(
        message.starts_with("keys.csv, line 3: verdict is \"bored\""),
        "{message}"
    );
}

#[test]
fn files_of_different_runs_do_not_pass_for_a_report() {
    let mut mixed = files();
    let empty = stored(&first_report(Reading::default()));
    mixed.keys_csv = empty.keys_csv;
    let message = read(&mixed).map(|_| ()).unwrap_err().to_string();
    assert!(
        message
            .starts_with("summary.json: keys.by_kind.kms_key is 2, but the other files come to 0"),
        "{message}"
    );
}

#[test]
fn a_file_of_another_run_is_refused_and_the_summary_is_not() {
    let named = |n| {
        let reading = with_keys(vec![kms_key(&account(1, "one"), n, "2026-05-01T00:00:00Z")]);
        let mut report = first_report(reading);
        name_files(&mut report);
        stored(&report)
    };
    let (ours, other) = (named(1), named(2));
    assert!(read(&ours).is_ok());
    let mixed = Files {
        keys_csv: other.keys_csv,
        ..ours
    };
    let damage = read(&mixed).unwrap_err();
    assert_eq!(damage.file, ReportFile::KeysCsv);
    let problem = damage.problem;
    assert!(
        problem.starts_with("it is not the file that summary.json names by its SHA-256"),
        "{problem}"
    );
}

#[test]
fn files_that_are_not_sorted_by_account_are_refused() {
    let keys = [2, 1].map(|n| kms_key(&account(n as u64, "one"), n, "2026-05-01T00:00:00Z"));
    let mut files = stored(&first_report(with_keys(keys.into())));
    let text = String::from_utf8(files.keys_csv).unwrap();
    let [header, first, second] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text}");
    };
    files.keys_csv = format!("{header}\n{second}\n{first}\n").into_bytes();
    assert_eq!(
        read(&files).map(|_| ()).unwrap_err().to_string(),
        "keys.csv: its rows are not sorted by account, as a census sorts them"
    );
    files.keys_csv = format!("{header}\n{first}\n{first}\n{second}\n").into_bytes();
    let message = read(&files).map(|_| ()).unwrap_err().to_string();
    assert!(
        message.ends_with(" of account 000000000001 appears twice"),
        "{message}"
    );
}
