//! `keycensus plan`: from a stored report to files, and what it refuses.

use std::fs;

use crate::{
    command_output::CommandOutput,
    desk::{Desk, STALE_KEY},
    folder::Folder,
};

const HEADER: &str = "scan_date,account_id,account_name,region,kind,key_id,arn,name,owner,state,tracked_since,\
last_used_at,last_operation,last_service,idle_days,verdict,flagged,exempt,recommendation,monthly_cost_usd,detail,\
multi_region_set,dependents,dependents_checked\n";
const KEY: &str = "2026-11-21,222222222222,payments-prod,eu-west-1,kms_key,1234abcd,\
arn:aws:kms:eu-west-1:222222222222:key/1234abcd,alias/old,payments,Enabled,2026-04-23T00:00:00Z,2026-05-23T11:30:00Z,\
Decrypt,,182,stale,true,false,disable_and_watch,1.00,,,,yes\n";

/// A folder with a `keys.csv` of these rows.
fn with(rows: &str) -> Folder {
    let folder = Folder::new();
    folder.write("keys.csv", &format!("{HEADER}{rows}"));
    folder
}

/// Runs `keycensus plan keys.csv` in the folder.
fn plan(folder: &Folder, arguments: &str) -> CommandOutput {
    CommandOutput::of(&mut folder.keycensus(&format!("plan keys.csv {arguments}")))
}

#[test]
fn a_plan_and_a_script_for_each_account_are_written() {
    let folder = with(KEY);
    let output = plan(&folder, "--out a/plan");
    output.ended_quietly(0);
    assert_eq!(output.stdout, "a/plan/plan.md\na/plan/222222222222.sh\n");
    let written = folder.read("a/plan/plan.md");
    assert!(written.contains("## Owner `payments`"), "{written}");
    let script = folder.read("a/plan/222222222222.sh");
    let step = "\n#1# aws kms disable-key --region 'eu-west-1' --key-id '1234abcd'\n";
    assert!(script.contains(step), "{script}");
}

#[test]
fn without_a_folder_the_plan_is_printed() {
    let folder = with(KEY);
    let output = plan(&folder, "");
    output.ended(0);
    let title = "# Plan for unused keys\n";
    assert!(output.stdout.starts_with(title), "{output:?}");
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 1);
}

#[test]
fn a_keys_csv_that_the_summary_beside_it_does_not_name_is_refused() {
    let folder = with(KEY);
    let of_another_run = format!(
        "{{\"run_id\": \"run-1\", \"scanned_at\": \"2026-11-21T02:00:07Z\", \"files\": {{\"keys.csv\": {{\"sha256\": \"{}\", \"bytes\": 5}}}}}}",
        "0".repeat(64)
    );
    folder.write("summary.json", &of_another_run);
    let message = "error: keys.csv: it is not the keys.csv that summary.json names by its SHA-256, that of run \"run-1\"";
    plan(&folder, "").failed(message);
    // Those of a day are in folders of their own.
    for path in ["keys/date=2026-11-21", "summary/date=2026-11-21"] {
        fs::create_dir_all(folder.path(path)).unwrap();
    }
    let dated = "keys/date=2026-11-21/keys.csv";
    folder.write(dated, &folder.read("keys.csv"));
    let run = || CommandOutput::of(&mut folder.keycensus(&format!("plan {dated}")));
    run().ended(0);
    folder.write("summary/date=2026-11-21/summary.json", &of_another_run);
    run().ended(2);
}

#[test]
fn a_plan_that_somebody_has_worked_on_is_not_overwritten() {
    let folder = with(KEY);
    plan(&folder, "--out plan");
    folder.write("plan/222222222222.sh", "mine");
    for _ in 0..2 {
        let again = plan(&folder, "--out plan");
        again.failed("error: ").reported("is there already");
        assert_eq!(folder.read("plan/222222222222.sh"), "mine");
        let _ = fs::remove_file(folder.path("plan/plan.md"));
    }
    assert!(!folder.path("plan/plan.md").exists());
}

#[test]
fn what_is_no_report_is_refused_in_one_line() {
    let folder = with("2026-11-21,\u{1b}[2J\n");
    let output = plan(&folder, "--out plan");
    output.failed("error: keys.csv, line 2: the line has 2 cells and the header 24");
    assert_eq!(output.stderr.lines().count(), 1);
    folder.write("keys.csv", KEY);
    let output = plan(&folder, "");
    output.failed("error: keys.csv: there is no column scan_date: an earlier version");
    assert_eq!(output.stderr.lines().count(), 1);
    fs::remove_file(folder.path("keys.csv")).unwrap();
    plan(&folder, "").reported("cannot read keys.csv");
}

#[test]
fn a_report_that_a_spreadsheet_saved_is_read_and_one_with_semicolons_named() {
    let folder = with(&KEY.replace("true,false", "TRUE,FALSE"));
    let saved = folder.read("keys.csv").replace('\n', "\r\n");
    folder.write("keys.csv", &format!("\u{feff}{saved}"));
    let counted = "Keys with steps: 1 in 1 account";
    plan(&folder, "").ended(0).printed(counted);
    folder.write("keys.csv", &saved.replace(',', ";"));
    let message =
        "error: keys.csv: this file is separated by semicolons: save it as CSV with commas";
    plan(&folder, "").failed(message);
}

#[test]
fn a_report_is_named_as_for_report_and_diff_or_by_its_keys_csv_or_the_folder_of_that() {
    let desk = Desk::with(&[STALE_KEY]);
    desk.run("scan --out census --report-bucket keycensus-reports");
    let day = desk.day_of("census");
    let plan = desk.run("plan census");
    plan.ended(0).printed("Keys with steps: 1 in 1 account");
    let before = desk.aws.log().len();
    for place in [
        &format!("census@{day}"),
        "census/latest/keys.csv",
        "census/latest",
        &format!("census/keys/date={day}"),
        "s3://keycensus-reports/keycensus",
        &format!("s3://keycensus-reports/keycensus@{day}"),
    ] {
        let output = desk.run(&format!("plan {place}"));
        assert_eq!(output.stdout, plan.stdout, "{place}: {}", output.stderr);
    }
    let log = desk.aws.log();
    let asked = log[before..].iter().map(|call| call.operation.as_str());
    assert_eq!(asked.collect::<Vec<_>>(), ["s3:GetObject"; 4]);
}

#[test]
fn a_place_without_a_report_is_refused_with_what_would_be_right() {
    let desk = Desk::with(&[STALE_KEY]);
    desk.run("scan --out census");
    fs::create_dir(desk.folder.path("empty")).unwrap();
    let keys = desk.folder.read("census/latest/keys.csv");
    let cut = keys.replace("stale", "in_use");
    desk.folder.write("census/latest/keys.csv", &cut);
    desk.refuses(
        r#"
        plan empty
            error: there is no empty/latest/keys.csv: name a folder that keycensus scan --out has written to
        plan census@1999-12-31
            error: there is no census/keys/date=1999-12-31/keys.csv: name a folder
        plan census
            error: census/latest/keys.csv: it is not the keys.csv that census/latest/summary.json names by its SHA-256
        plan census/latest
            error: census/latest/keys.csv: it is not the keys.csv that census/latest/summary.json names by its SHA-256
        plan s3://keycensus-reports/keycensus
            error: there is no s3://keycensus-reports/keycensus/latest/keys.csv: name a bucket and prefix
        plan s3://keycensus-reports
            error: invalid value 's3://keycensus-reports' for '<REPORT>': name the bucket and the prefix
        "#,
    );
}
