use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Trend, notes};
use crate::{
    arbitrary::run,
    examples::{
        account, first_report, kms_key, last_run, night, report_of, scanned, with_coverage,
    },
    files::trend_csv,
    judge::{
        last_run::{LastRun, NoLastRun},
        trend::{self, KindNight},
        whole_report::WholeReport,
    },
    model::{
        coverage::{CoverageRow, CoverageStatus, Scope},
        layout::ReportFile,
        organization_reading::Reading,
        previous_runs::NoTrend,
    },
    render::html::page,
};

const USED_LONG_AGO: &str = "2026-01-01T00:00:00Z";

fn begins(night: i64) -> Timestamp {
    let first: Timestamp = "2026-10-23T02:00:07Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * night)
}

/// A night with so many unused keys, of which another account was entered or not.
fn reading(unused: usize, is_complete: bool) -> Reading {
    let payments = account(222_222_222_222, "payments");
    let keys = (0..unused).map(|n| kms_key(&payments, n, USED_LONG_AGO));
    let closed = CoverageRow::unlisted(
        &account(333_333_333_333, "closed"),
        Scope::WholeAccount,
        CoverageStatus::Unreachable,
        None,
        "",
    );
    let closed = (!is_complete).then_some(closed);
    let rows = [scanned(&payments, Some("eu-west-1"))]
        .into_iter()
        .chain(closed);
    with_coverage(keys.collect(), rows.collect())
}

/// The reports of 30 nights, each made from the files of the one before. There is no census on the
/// 11th and 12th; on the 20th an account is not entered.
fn thirty_nights() -> Vec<WholeReport> {
    let mut reports: Vec<WholeReport> = Vec::new();
    for n in (0..30).filter(|n| ![10, 11].contains(n)) {
        let mut run = run();
        run.now = begins(n);
        let last = match reports.last() {
            Some(last) => last_run(last),
            None => LastRun::None(NoLastRun::Missing),
        };
        let unused = 40 - n as usize;
        let is_complete = n != 19;
        let mut report = report_of(
            &run,
            reading(if is_complete { unused } else { 5 }, is_complete),
            &last,
        );
        if let Some(last) = reports.last() {
            let csv = last.file(ReportFile::TrendCsv);
            report.report = report.report.after(trend_csv::read(&*csv).unwrap());
        }
        reports.push(report);
    }
    reports
}

#[test]
fn thirty_nights_are_a_line_with_a_gap_where_there_was_no_census() {
    let reports = thirty_nights();
    let last = reports.last().unwrap();
    assert_eq!(last.trend.nights().len(), 28);
    let trend = Trend::of(last);
    let [flagged, cost, gaps] = &trend.charts[..] else {
        panic!("three charts");
    };
    assert_eq!((&*trend.from, &*trend.to), ("2026-10-23", "2026-11-21"));
    assert_eq!(
        [&*flagged.first, &*flagged.value, &*flagged.most],
        ["40", "11", "40"]
    );
    assert_eq!([&*cost.first, &*cost.value], ["40.00", "11.00"]);
    assert_eq!([&*gaps.value, &*gaps.most], ["0", "1"]);
    // Two pieces, of 10 nights and of 18, from the left edge to the right one.
    let pieces: Vec<&str> = flagged.line.split('M').skip(1).collect();
    let points = pieces.iter().map(|piece| 1 + piece.matches('L').count());
    assert_eq!(points.collect::<Vec<_>>(), [10, 18]);
    assert!(pieces[0].starts_with("0 0h0"), "{}", pieces[0]);
    assert!(pieces[1].contains("L1000 725"), "{}", pieces[1]);
    assert_eq!(trend.incomplete.len(), 1);
    assert_eq!(trend.incomplete[0].left, "63.79");
    assert_eq!(trend.incomplete[0].width, "3.45");
}

#[test]
fn the_table_has_the_nights_that_there_were_and_marks_that_on_which_not_all_was_read() {
    let reports = thirty_nights();
    let page = page(reports.last().unwrap());
    let (_, section) = page.split_once("id=\"trend\"").unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    let rows: BTreeMap<&str, &str> = section
        .split("<th scope=\"row\">")
        .skip(1)
        .map(|row| row.split_once("</th>").unwrap())
        .collect();
    assert_eq!(rows.len(), 28);
    assert!(!rows.contains_key("2026-11-02") && !rows.contains_key("2026-11-03"));
    for (date, row) in rows {
        let is_marked = row.contains("not all was read");
        assert_eq!(is_marked, date == "2026-11-11", "{date}: {row}");
    }
}

#[test]
fn each_night_replaces_none_but_its_own_and_the_files_hold_what_the_page_shows() {
    for report in thirty_nights() {
        let csv = report.file(ReportFile::TrendCsv);
        assert_eq!(trend_csv::read(&*csv), Ok(report.trend.clone()));
        let tonight = report.trend.nights().last().unwrap();
        assert_eq!(tonight.date, report.scan_date);
        assert_eq!(tonight.flagged, report.summary.keys.flagged);
        assert_eq!(tonight.gaps == 0, report.summary.coverage.complete);
    }
}

#[test]
fn the_first_night_has_no_line_and_says_why_others_are_not_known() {
    let mut report = first_report(Reading::default());
    assert!(page(&report).contains("This is the first night of the trend."));
    report.summary.previous.trend_anew = Some(NoTrend::Missing);
    let expected = "The trend begins anew: the trend.csv of the last report is missing.";
    assert!(page(&report).contains(expected));
}

#[test]
fn nights_of_later_dates_and_of_more_than_90_days_ago_are_not_shown() {
    let mut report = first_report(Reading::default());
    let dates = ["2026-08-23", "2026-08-24", "2026-11-20", "2026-11-22"];
    let earlier = dates.iter().map(|date| night(date, 1));
    report.report = report
        .report
        .after(earlier.fold(trend::Trend::default(), trend::Trend::with));
    let rows = Trend::of(&report).rows;
    let dates: Vec<&str> = rows.iter().map(|row| &*row.date).collect();
    assert_eq!(dates, ["2026-11-21", "2026-11-20", "2026-08-24"]);
}

#[test]
fn another_threshold_and_other_kinds_are_noted() {
    let before = night("2026-11-19", 3);
    let mut after = night("2026-11-20", 3);
    after.stale_after_days = 180;
    let mut later = after.clone();
    later.date = "2026-11-21".parse().unwrap();
    later.kinds[0] = Some(KindNight {
        keys: 1,
        flagged: 0,
    });
    assert_eq!(
        notes(&[before, after, later]),
        [
            "From 2026-11-20 on, unused means for 180 days or more, not 90 days.",
            "From 2026-11-21 on, other kinds of key were read."
        ]
    );
}
