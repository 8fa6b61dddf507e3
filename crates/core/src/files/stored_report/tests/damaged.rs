//! Errors about files that are not as a run wrote them.

use super::{StoredFiles, read, stored};
use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, account, cell, kms_key},
    judge::report::Report,
    model::{
        cause::Cause,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        layout::ReportFile,
        organization_reading::Reading,
    },
};

fn files() -> StoredFiles {
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
    stored(&Report::new(&run(), reading, &FIRST_CENSUS))
}

fn file(files: &mut StoredFiles, file: ReportFile) -> &mut Vec<u8> {
    match file {
        ReportFile::KeysCsv => &mut files.keys_csv,
        ReportFile::CoverageCsv => &mut files.coverage_csv,
        ReportFile::ChangesCsv => &mut files.changes_csv,
        ReportFile::UnseenCsv => &mut files.unseen_csv,
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

#[test]
fn an_error_has_the_file_the_line_and_what_would_be_right() {
    use ReportFile::{ChangesCsv, CoverageCsv, KeysCsv, SummaryJson, UnseenCsv};
    let earlier = "an earlier version of Keycensus wrote the file, or something else did";
    let numbers = "a file is cut, or they are of different runs; read them again when no census is writing them";
    for (file, from, to, expected) in [
        (
            KeysCsv,
            ",stale,",
            ",bored,",
            "keys.csv, line 2: verdict is \"bored\": it should be one of aws_managed, pending_deletion, \
             unreadable, in_use, stale, never_used, unused_since_tracking, undecided"
                .to_owned(),
        ),
        (
            KeysCsv,
            "000000000001,",
            "1,",
            "keys.csv, line 2: account_id is \"1\": it should be an account ID of 12 digits".to_owned(),
        ),
        (
            KeysCsv,
            "2026-05-01T00:00:00Z",
            "in May",
            "keys.csv, line 2: last_used_at is \"in May\": it should be a time such as 2026-11-21T02:00:07Z"
                .to_owned(),
        ),
        (
            KeysCsv,
            ",204,",
            ",many,",
            "keys.csv, line 2: idle_days is \"many\": it should be a whole number".to_owned(),
        ),
        (
            KeysCsv,
            ",true,false,",
            ",yes,false,",
            "keys.csv, line 2: flagged is \"yes\": it should be true or false".to_owned(),
        ),
        (
            KeysCsv,
            ",true,false,",
            ",false,false,",
            "keys.csv, line 2: flagged is \"false\": it should be true, by verdict and exempt".to_owned(),
        ),
        (
            KeysCsv,
            ",1.00,",
            ",one,",
            "keys.csv, line 2: monthly_cost_usd is \"one\": it should be dollars such as 1.00".to_owned(),
        ),
        (
            KeysCsv,
            "Z,,,,,\n",
            "Z,\u{1b}[2Jgone,,,,\n",
            "keys.csv, line 2: gaps is \"\u{FFFD}[2Jgone\": it should be empty or a list of gaps, as a census writes it"
                .to_owned(),
        ),
        (
            KeysCsv,
            "2026-11-21,",
            "2026-11-20,",
            "keys.csv, line 3: the row is of 2026-11-21, but the report of 2026-11-20: the files are of different runs, \
             or of several nights; read them again when no census is writing them"
                .to_owned(),
        ),
        (
            KeysCsv,
            ",first_flagged_on,change,",
            ",a,b,",
            format!("keys.csv: there is no column first_flagged_on: {earlier}"),
        ),
        (
            KeysCsv,
            ",eu-west-1,",
            ",Dublin,",
            "keys.csv, line 2: region is \"Dublin\": it should be a Region or global".to_owned(),
        ),
        (
            CoverageCsv,
            ",unreachable,",
            ",closed,",
            "coverage.csv, line 3: status is \"closed\": it should be one of scanned, partial, denied, failed, \
             deferred, skipped, unreachable"
                .to_owned(),
        ),
        (
            CoverageCsv,
            ",2,0,",
            ",2,,",
            "coverage.csv, line 2: keys, unreadable and listed_whole should all be given or all be empty"
                .to_owned(),
        ),
        (
            CoverageCsv,
            ",refused,",
            ",,",
            "coverage.csv, line 3: gap_cause is empty: it should be as the column gap has it".to_owned(),
        ),
        (
            CoverageCsv,
            "\"\"refused\"\"",
            "\"\"bored\"\"",
            "coverage.csv, line 3: gap is \"{\\\"call\\\":\\\"sts:AssumeRole\\\",\\\"code\\\":\\\"AccessDenied\\\",\\\"cause\\\":\\\"bored\\\"}\": \
             it should be empty or a gap, as a census writes it"
                .to_owned(),
        ),
        (
            ChangesCsv,
            ",previous_state,",
            ",before,",
            format!("changes.csv: there is no column previous_state: {earlier}"),
        ),
        (
            UnseenCsv,
            "account_id,",
            "a,",
            format!("unseen.csv: there is no column account_id: {earlier}"),
        ),
        (
            SummaryJson,
            "\"rotate_after_days\"",
            "\"rotate\"",
            "summary.json: missing field `rotate_after_days`: an earlier version of Keycensus wrote the file, or it \
             is damaged"
                .to_owned(),
        ),
        (
            SummaryJson,
            "\"schema\": 1",
            "\"schema\": 2",
            "summary.json: schema is 2: this version of Keycensus reads 1".to_owned(),
        ),
        (
            SummaryJson,
            "\"flagged\": 1",
            "\"flagged\": 7",
            format!("summary.json: keys.flagged is 7, but the other files come to 1: {numbers}"),
        ),
        (
            SummaryJson,
            "\"first_census_cause\": \"missing\"",
            "\"first_census_cause\": \"yes\"",
            "summary.json: changes.first_census_cause is \"yes\": it should be null or one of: missing, unreadable, \
             older_columns, mixed, no_time"
                .to_owned(),
        ),
    ] {
        assert_eq!(message(file, from, to), expected);
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
    let empty = stored(&Report::new(&run(), Reading::default(), &FIRST_CENSUS));
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
        let reading = Reading {
            keys: vec![kms_key(&account(1, "one"), n, "2026-05-01T00:00:00Z")],
            ..Reading::default()
        };
        let mut report = Report::new(&run(), reading, &FIRST_CENSUS);
        report.name_files();
        stored(&report)
    };
    let (ours, other) = (named(1), named(2));
    assert!(read(&ours).is_ok());
    let mixed = StoredFiles {
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
