use super::{csv, csv_of_columns};
use crate::{files::keys_csv::COLUMNS, plan::make};

#[test]
fn what_is_not_one_nights_report_makes_no_plan() {
    let usual: &[(&str, &str)] = &[];
    for (file, expected) in [
        (b"".to_vec(), "there is no column scan_date"),
        (
            b"scan_date\n2026-11-21\n".to_vec(),
            "there is no column account_id",
        ),
        (
            [csv(&[]), b"1,2,3\n".to_vec()].concat(),
            "line 2: the line has 3 cells and the header",
        ),
        (
            csv(&[&[("owner", "x")]])
                .into_iter()
                .map(|b| if b == b'x' { 0xff } else { b })
                .collect(),
            "line 1: the line is not UTF-8",
        ),
        (
            csv(&[&[("verdict", "bored")]]),
            "line 2: verdict is \"bored\"",
        ),
        (
            csv(&[usual, &[("kind", "ssh_key")]]),
            "line 3: kind is \"ssh_key\"",
        ),
        (csv(&[&[("flagged", "yes")]]), "flagged is \"yes\""),
        (
            csv(&[&[("account_id", "1")]]),
            "line 2: account_id is \"1\": it should be an account ID of 12 digits",
        ),
        (
            csv(&[&[("recommendation", "panic")]]),
            "recommendation is \"panic\"",
        ),
        (
            csv(&[&[("monthly_cost_usd", "1.5.")]]),
            "monthly_cost_usd is \"1.5.\"",
        ),
        (
            csv(&[&[("last_used_at", "lately")]]),
            "last_used_at is \"lately\"",
        ),
        (csv(&[&[("idle_days", "-1")]]), "idle_days is \"-1\""),
        (
            csv(&[&[("dependents", "tapes=3")]]),
            "dependents is \"tapes=3\"",
        ),
        (
            csv(&[usual, &[("scan_date", "2026-11-20"), ("key_id", "other")]]),
            "line 3: the row is of 2026-11-20, but the report of 2026-11-21",
        ),
        (
            csv(&[usual, usual]),
            "1234abcd-12ab-34cd-56ef-1234567890ab of account 222222222222 appears twice",
        ),
    ] {
        let error = make(&*file).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn columns_are_found_by_their_names_wherever_they_are() {
    let usual: &[(&str, &str)] = &[];
    let mut columns = COLUMNS.to_vec();
    columns.reverse();
    columns.push("a_newer_one");
    assert_eq!(
        make(&*csv_of_columns(&columns, &[usual])).unwrap(),
        make(&*csv(&[usual])).unwrap()
    );
}

#[test]
fn a_report_without_keys_is_a_plan_without_steps() {
    let plan = make(&*csv(&[])).unwrap();
    assert!(plan.scripts.is_empty());
    assert_eq!(
        plan.document,
        "# Plan for unused keys\n\nThe report has no keys.\n"
    );
}

#[test]
fn a_file_that_a_spreadsheet_saved_makes_the_same_plan() {
    let usual: &[(&str, &str)] = &[];
    let other: &[(&str, &str)] = &[("key_id", "other"), ("name", "alias/=1, \"two\"")];
    let written = String::from_utf8(csv(&[usual, other])).unwrap();
    let saved = written
        .replace('\n', "\r\n")
        .replace(",true,", ",TRUE,")
        .replace(",false,", ",FALSE,")
        .replace(",1.00,", ",1,");
    assert!(
        saved.contains(",TRUE,FALSE,") && saved.contains(",1,"),
        "{saved}"
    );
    let saved = format!("\u{feff}{saved}");
    assert_eq!(
        make(saved.as_bytes()).unwrap(),
        make(written.as_bytes()).unwrap()
    );
}

#[test]
fn a_damaged_cell_is_on_the_line_that_an_editor_shows() {
    let usual: &[(&str, &str)] = &[];
    let written = String::from_utf8(csv(&[usual, &[("account_id", "12345678910")]])).unwrap();
    for saved in [written.clone(), written.replace('\n', "\r\n")] {
        let error = make(saved.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("keys.csv, line 3: account_id is "),
            "{error}"
        );
    }
}

#[test]
fn a_file_with_semicolons_is_named_as_such() {
    let usual: &[(&str, &str)] = &[];
    let written = String::from_utf8(csv(&[usual])).unwrap().replace(',', ";");
    let error = make(format!("\u{feff}{written}").as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "keys.csv: this file is separated by semicolons: save it as CSV with commas, in UTF-8, or take the file that the \
         census wrote"
    );
}
