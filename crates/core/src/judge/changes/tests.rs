use std::{collections::BTreeMap, sync::Arc};

use crate::{
    arbitrary::run,
    examples::{
        access_key, account, first_report, kms_key, last_run, report_of, scanned, with_keys,
    },
    expected::matches_file,
    judge::{
        last_run::{LastRun, NoLastRun},
        summary::RunFacts,
        whole_report::WholeReport,
    },
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        layout::ReportFile,
        organization_reading::Reading,
    },
};

mod any_nights;
pub(crate) mod nights;

/// The rows of a file, by column.
fn rows(report: &WholeReport, file: ReportFile) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(&*report.file(file))
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn eu_west(account: &Arc<Account>) -> CoverageRow {
    scanned(account, Some("eu-west-1"))
}

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-21T00:00:00Z";

/// Last night's keys and tonight's, with one difference of each sort.
pub(crate) fn two_nights() -> (WholeReport, WholeReport) {
    let (one, two, three) = (account(1, "one"), account(2, "two"), account(3, "three"));
    let mut enabled = kms_key(&one, 4, IN_USE);
    let last_night = Reading {
        keys: vec![
            kms_key(&one, 1, STALE),
            kms_key(&one, 2, STALE),
            kms_key(&one, 3, IN_USE),
            enabled.clone(),
            kms_key(&one, 5, STALE),
            kms_key(&two, 6, STALE),
            access_key(&three, "=anna", 7, STALE),
        ],
        coverage: vec![eu_west(&one)],
        ..Reading::default()
    };
    enabled.state = Some("Disabled".to_owned());
    let tonight = Reading {
        keys: vec![
            kms_key(&one, 1, STALE),
            kms_key(&one, 2, IN_USE),
            kms_key(&one, 3, STALE),
            enabled,
            kms_key(&one, 8, STALE),
        ],
        coverage: vec![
            eu_west(&one),
            CoverageRow::unlisted(
                &two,
                Scope::WholeAccount,
                CoverageStatus::Unreachable,
                None,
                "",
            ),
        ],
        ..Reading::default()
    };
    let first = first_report(last_night);
    let run = RunFacts {
        now: "2026-11-22T02:00:07Z".parse().unwrap(),
        ..run()
    };
    let second = report_of(&run, tonight, &last_run(&first));
    (first, second)
}

fn text(report: &WholeReport, file: ReportFile) -> String {
    String::from_utf8(report.file(file)).unwrap()
}

#[test]
fn each_difference_has_a_row_with_the_new_and_the_previous_verdict() {
    let (_, second) = two_nights();
    matches_file(
        "judge/changes/expected/changes.csv",
        &text(&second, ReportFile::ChangesCsv),
    );
    matches_file(
        "judge/changes/expected/unseen.csv",
        &text(&second, ReportFile::UnseenCsv),
    );
}

#[test]
fn keys_csv_has_since_when_a_key_is_flagged_and_its_change() {
    let (first, second) = two_nights();
    let flags = |report: &WholeReport| -> Vec<String> {
        rows(report, ReportFile::KeysCsv)
            .iter()
            .map(|row| {
                format!(
                    "{} {} {}",
                    row["key_id"], row["first_flagged_on"], row["change"]
                )
            })
            .collect()
    };
    assert_eq!(
        flags(&first)[..3],
        [
            "key-000001 2026-11-21 ",
            "key-000002 2026-11-21 ",
            "key-000003  "
        ]
    );
    assert_eq!(
        flags(&second),
        [
            "key-000001 2026-11-21 same",
            "key-000002  used_again",
            "key-000003 2026-11-22 newly_flagged",
            "key-000004  state_changed",
            "key-000008 2026-11-22 new",
        ]
    );
}

#[test]
fn the_summary_has_what_was_compared_and_counts_what_differs() {
    let (first, second) = two_nights();
    let summary = |report: &WholeReport| report.summary.to_value();
    assert_eq!(
        summary(&second)["changes"],
        serde_json::json!({
            "compared_with": "2026-11-21", "first_census": null, "first_census_cause": null, "new": 1, "newly_flagged": 1, "needed_again": 0,
            "used_again": 1, "state_changed": 1, "gone": 2, "unseen": 1,
        })
    );
    assert_eq!(summary(&second)["keys"]["newly_flagged"], 2);
    assert_eq!(
        summary(&first)["changes"],
        serde_json::json!({
            "compared_with": null, "first_census": "there is no earlier report", "first_census_cause": "missing", "new": 0,
            "newly_flagged": 0, "needed_again": 0, "used_again": 0, "state_changed": 0, "gone": 0, "unseen": 0,
        })
    );
    assert_eq!(summary(&first)["keys"]["newly_flagged"], 5);
}

#[test]
fn the_files_of_a_first_census_have_a_header_only_whyever_it_is_the_first() {
    for why in [
        NoLastRun::Missing,
        NoLastRun::Unreadable,
        NoLastRun::OlderColumns,
    ] {
        let reading = with_keys(vec![kms_key(&account(1, "one"), 1, STALE)]);
        let report = report_of(&run(), reading, &LastRun::None(why));
        for file in [ReportFile::ChangesCsv, ReportFile::UnseenCsv] {
            assert_eq!(text(&report, file).lines().count(), 1, "{file:?}");
        }
        assert_eq!(report.summary.changes.first_census, Some(why.to_string()));
    }
}
