use std::{collections::BTreeMap, sync::Arc};

use proptest::{collection::vec, prelude::*};

use super::{StoredFiles, StoredReport};
use crate::{
    arbitrary::reading,
    examples::{first_report, last_run, name_files, next_report, night},
    files::{csv_text, damage::Damage},
    judge::{
        changes::{
            ComparedWith,
            tests::nights::{any_night, reports},
        },
        comparison,
        findings::Findings,
        last_run::LastRun,
        report::Report,
        trend::Trend,
        whole_report::WholeReport,
    },
    model::{
        account::{Account, AccountId},
        coverage::{CoverageRow, CoverageStatus, describe_gaps},
        gap::Gap,
        layout::ReportFile,
        organization_reading::Reading,
        previous_runs::{LostDigests, NoTrend, PreviousRuns},
        reading::{KeyReading, Usage},
    },
    render::{digest::compose, limits::LIMITS},
};

mod damaged;

type Files = StoredFiles<Vec<u8>>;

fn stored(report: &WholeReport) -> Files {
    StoredFiles {
        keys_csv: report.file(ReportFile::KeysCsv),
        coverage_csv: report.file(ReportFile::CoverageCsv),
        changes_csv: report.file(ReportFile::ChangesCsv),
        unseen_csv: report.file(ReportFile::UnseenCsv),
        trend_csv: Some(report.file(ReportFile::TrendCsv)),
        summary_json: report.file(ReportFile::SummaryJson),
    }
}

fn read(files: &Files) -> Result<WholeReport, Damage> {
    let stored = StoredReport::open(files.clone())?;
    let mut findings = Findings::new(stored.compared_with(), &LIMITS);
    let mut accounts = Vec::new();
    for account in stored.accounts()? {
        let account = account?;
        findings.add(&account);
        accounts.push(account);
    }
    let report = stored.report(findings)?;
    Ok(WholeReport { accounts, report })
}

fn read_back(report: &WholeReport) -> WholeReport {
    read(&stored(report)).unwrap_or_else(|damage| panic!("{damage}"))
}

/// A stored report, compared with another than when it was written.
fn compared(report: &WholeReport, other: &WholeReport) -> WholeReport {
    let stored = StoredReport::open(stored(report)).unwrap();
    let LastRun::Known(known) = last_run(other) else {
        panic!("a report can be compared with");
    };
    let compared_with = ComparedWith::LastRun(known.scan_date);
    let mut findings = Findings::new(compared_with, &LIMITS);
    let accounts = stored.accounts().unwrap();
    let known = known.accounts.into_iter().map(Ok);
    let accounts: Vec<_> = comparison::compared(stored.run(), accounts, compared_with, known)
        .map(Result::unwrap)
        .inspect(|account| findings.add(account))
        .collect();
    let mut summary = report.summary.clone();
    let report = Report::new(stored.run(), findings);
    summary.keys = report.summary.keys.clone();
    summary.changes = report.summary.changes.clone();
    let report = Report { summary, ..report };
    WholeReport { accounts, report }
}

/// The first line in which the files or the digests of two reports differ.
fn difference(one: &WholeReport, other: &WholeReport) -> Option<String> {
    let text = |report: &WholeReport, file| String::from_utf8(report.file(file)).unwrap();
    let files = ReportFile::ALL.map(|file| [text(one, file), text(other, file)]);
    let digests = [compose(one).text, compose(other).text];
    files.into_iter().chain([digests]).find_map(|[one, other]| {
        let mut pairs = one.lines().zip(other.lines());
        let differ = pairs.find(|(one, other)| one != other);
        match differ {
            Some((one, other)) => Some(format!("{one}\n{other}")),
            None => (one != other).then(|| "one is longer".to_owned()),
        }
    })
}

/// Makes untrusted text such that the files keep it apart from other text: on one line, as a row
/// is.
fn make_distinct(text: &mut String) {
    let line = csv_text::text(text).replace(';', ",");
    *text = line.trim_start_matches('\'').to_owned();
    if text.is_empty() {
        text.push('x');
    }
}

fn name_code(gap: &mut Gap) {
    if let Gap::Unanswered { code, .. } = gap {
        let name: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        *code = format!("Code{name}").into();
    }
}

/// A grantee as AWS names services.
fn named_once(grantee: &str) -> String {
    let name: String = grantee
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("{name}.amazonaws.com")
}

/// A reading whose error codes are names, as those of AWS, whose texts the files keep apart, and
/// that has one name for each account and one row for each cell.
fn as_aws_would(mut reading: Reading) -> Reading {
    let mut accounts: BTreeMap<AccountId, Arc<Account>> = BTreeMap::new();
    let mut named = |account: &Arc<Account>| {
        let first = accounts.entry(account.id).or_insert_with(|| {
            let mut account = Account::clone(account);
            make_distinct(&mut account.name);
            Arc::new(account)
        });
        Arc::clone(first)
    };
    for key in &mut reading.keys {
        key.account = named(&key.account);
        texts(key).for_each(make_distinct);
        key.tags_gap.iter_mut().for_each(name_code);
        if let Usage::Unreadable(gap) = &mut key.usage {
            name_code(gap);
        }
        let mut read = key.before_deletion.as_deref_mut();
        if let Some(found) = read.as_mut().and_then(|read| read.refused_uses.as_mut()) {
            found.gap.iter_mut().for_each(name_code);
            found
                .last
                .iter_mut()
                .for_each(|last| make_distinct(&mut last.by));
        }
        if let Some(dependents) = read.and_then(|read| read.dependents.as_mut()) {
            dependents.gaps.iter_mut().for_each(name_code);
            let grants = std::mem::take(&mut dependents.grants).into_iter();
            dependents.grants = grants
                .map(|(grantee, n)| (named_once(&grantee), n))
                .collect();
        }
    }
    for row in &mut reading.coverage {
        row.account = row.account.as_ref().map(&mut named);
        row.gap.iter_mut().for_each(name_code);
        make_distinct(&mut row.detail);
        if let (CoverageStatus::Partial, Some(gap)) = (row.status, &row.gap) {
            row.detail = format!("{}; {}", describe_gaps([gap]), row.detail);
        }
    }
    let cell = |row: &CoverageRow| (row.account_id(), row.scope.clone());
    reading.coverage.sort_by_key(cell);
    reading.coverage.dedup_by_key(|row| cell(row));
    reading.ou_paths.values_mut().for_each(make_distinct);
    reading
}

fn texts(key: &mut KeyReading) -> impl Iterator<Item = &mut String> {
    let used = match &mut key.usage {
        Usage::Recorded(used) => vec![&mut used.operation, &mut used.service, &mut used.region],
        Usage::NotRead | Usage::NoneRecorded { .. } | Usage::Unreadable(_) => Vec::new(),
    };
    let others = [&mut key.owner, &mut key.state, &mut key.exemption];
    let optional = used.into_iter().chain(others);
    key.names.iter_mut().chain(optional.flatten())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_report_that_is_read_back_renders_as_the_one_that_was_written(
        before in reading(12), tonight in reading(12)
    ) {
        let before = first_report(as_aws_would(before));
        let tonight = next_report(as_aws_would(tonight), &before);
        for report in [before, tonight] {
            prop_assert_eq!(difference(&read_back(&report), &report), None);
        }
    }

    #[test]
    fn what_changed_from_night_to_night_is_read_back(nights in vec(any_night(), 2..4)) {
        for report in reports(&nights) {
            prop_assert_eq!(difference(&read_back(&report), &report), None);
        }
    }

    #[test]
    fn a_stored_report_is_compared_with_any_other_as_the_nightly_run_compares(
        nights in vec(any_night(), 3..5)
    ) {
        let reports = reports(&nights);
        let (first, last) = (&reports[0], reports.len() - 1);
        let nightly = nights[last].report(last, &last_run(first));
        prop_assert_eq!(difference(&compared(&reports[last], first), &nightly), None);
    }
}

#[test]
fn the_files_of_a_run_and_its_previous_runs_are_read_back() {
    let mut report = first_report(Reading::default());
    report.summary.previous = PreviousRuns {
        compared_with: Some("run-0".to_owned()),
        latest_was: Some("keys.csv is not the one that its summary.json names".to_owned()),
        lost_digests: Some(LostDigests {
            digests: 1,
            account_digests: 3,
            since: "2026-11-19".parse().unwrap(),
            run_id: "run-0".to_owned(),
        }),
        trend_anew: Some(NoTrend::Mixed),
    };
    name_files(&mut report);
    let text = compose(&report).text;
    let expected = "1 digest and 3 messages of one account each since 2026-11-19 were not sent, or may not have been (run run-0)";
    assert!(text.contains(expected), "{text}");
    assert!(
        text.contains("latest/ was left unfinished: keys.csv"),
        "{text}"
    );
    assert_eq!(difference(&read_back(&report), &report), None);
}

/// A report after 30 nights, whose files are named.
fn after_a_month() -> WholeReport {
    let nights = (1..=30).map(|day| night(&format!("2026-10-{day:02}"), day));
    let earlier = nights.fold(Trend::default(), Trend::with);
    let mut report = first_report(Reading::default());
    report.report = report.report.after(earlier);
    name_files(&mut report);
    report
}

#[test]
fn the_nights_before_are_read_back() {
    let report = after_a_month();
    let read = read_back(&report);
    assert_eq!(read.trend.nights().len(), 31);
    assert_eq!(difference(&read, &report), None);
}

#[test]
fn a_report_of_an_earlier_version_has_no_trend_and_that_of_another_run_is_not_its() {
    let mut report = after_a_month();
    report.summary.files.remove("trend.csv");
    let read = read_back(&report);
    assert_eq!(read.trend.nights().len(), 1);
    let mut files = stored(&report);
    files.trend_csv = None;
    assert!(StoredReport::open(files).is_ok());
}

#[test]
fn a_trend_that_is_missing_or_of_another_run_is_refused() {
    let problem = |files| match StoredReport::open(files) {
        Ok(_) => panic!("the report is read"),
        Err(damage) => damage.to_string(),
    };
    let mut files = stored(&after_a_month());
    files.trend_csv = None;
    assert_eq!(
        problem(files),
        "trend.csv: it is missing, and summary.json names it"
    );
    let mut files = stored(&after_a_month());
    files.trend_csv = Some(first_report(Reading::default()).file(ReportFile::TrendCsv));
    let problem = problem(files);
    assert!(
        problem.starts_with("trend.csv: it is not the file that summary.json names"),
        "{problem}"
    );
}

#[test]
fn a_report_compared_with_itself_has_no_change() {
    let report = first_report(Reading::default());
    assert_eq!(compared(&report, &report).summary.changes.total(), 0);
}
