//! The files of the last run: whoever may write to the bucket can change them.

use keycensus_core::{
    files::{
        last_run,
        stored_report::{StoredFiles, StoredReport},
        unfinished::{accounts_without_time, keys_without_time},
    },
    judge::{
        findings::Findings,
        last_run::{LastRun, NoLastRun},
        summary::RunFacts,
        whole_report::WholeReport,
    },
    model::{kind::Family, layout::ReportFile, organization_reading::Reading},
    render::limits::LIMITS,
    settings::{ReadMode, Switch},
};

/// What stands between the parts of a file of the corpus: `keys.csv`, `unseen.csv`
/// and `coverage.csv`.
const NEXT_FILE: &[u8] = b"\n--- next file ---\n";

/// Reads the parts of `content` as the last run's files, and reports a night on
/// which nothing was found.
pub fn check(content: &[u8]) {
    let [keys, unseen, coverage] = files(content);
    let _ = accounts_without_time(coverage);
    let _ = keys_without_time(keys);
    let last = last_run::read(Some(keys), (!unseen.is_empty()).then_some(unseen));
    let known = match &last {
        LastRun::Known(known) => known.accounts.iter().map(Vec::len).sum(),
        LastRun::None(_) => 0,
    };
    let run = RunFacts {
        run_id: "fuzz".to_owned(),
        now: "2026-11-21T02:00:00Z".parse().expect("a moment"),
        stale_after_days: 90,
        rotate_after_days: 90,
        member_role: "KeycensusReader".to_owned(),
        watch_days: 30,
        dependents: Switch::On,
        aws_managed: Switch::Off,
        read: ReadMode::All,
        read_again_days: 7,
        exempt_tag: "keycensus:exempt".to_owned(),
        owner_tags: vec!["owner".to_owned()],
        kinds: Family::ALL.into(),
    };
    let report = WholeReport::new(&run, Reading::default(), &last, &LIMITS);
    let mut told = 0;
    for file in [ReportFile::ChangesCsv, ReportFile::UnseenCsv] {
        told += rows(&report.file(file));
    }
    // Nobody was asked about, so that each key that was known could not be seen.
    assert_eq!(told, known, "a key of the last run is lost");
    let page = String::from_utf8(report.file(ReportFile::ReportHtml)).expect("UTF-8");
    assert_eq!(page.matches("<script").count(), 1, "text became markup");
    let first = LastRun::None(NoLastRun::Missing);
    let empty = WholeReport::new(&run, Reading::default(), &first, &LIMITS);
    read_back(&empty, [keys, unseen, coverage]);
}

/// Reads the parts back beside the other files of an `empty` report: they pass for
/// its files only where there is nothing in them.
fn read_back(empty: &WholeReport, [keys, unseen, coverage]: [&[u8]; 3]) {
    let files = StoredFiles {
        keys_csv: keys.to_vec(),
        coverage_csv: coverage.to_vec(),
        changes_csv: empty.file(ReportFile::ChangesCsv),
        unseen_csv: unseen.to_vec(),
        trend_csv: None,
        summary_json: empty.file(ReportFile::SummaryJson),
    };
    if let Ok(stored) = StoredReport::open(files) {
        let mut findings = Findings::new(stored.compared_with(), &LIMITS);
        let accounts = stored.accounts().map(|mut all| {
            all.try_for_each(|account| account.map(|account| findings.add(&account)))
        });
        if let Ok(Ok(())) = accounts
            && let Ok(report) = stored.report(findings)
        {
            assert_eq!(report.summary.keys.total, 0);
        }
    }
}

fn files(content: &[u8]) -> [&[u8]; 3] {
    let mut files = [&content[..0]; 3];
    let mut rest = content;
    for file in &mut files {
        let next = rest
            .windows(NEXT_FILE.len())
            .position(|window| window == NEXT_FILE);
        match next {
            Some(at) => (*file, rest) = (&rest[..at], &rest[at + NEXT_FILE.len()..]),
            None => (*file, rest) = (rest, &rest[rest.len()..]),
        }
    }
    files
}

/// How many records a CSV file has, each with as many cells as the header.
fn rows(csv: &[u8]) -> usize {
    let mut rows = 0;
    for row in csv::Reader::from_reader(csv).records() {
        row.expect("a record as long as the header");
        rows += 1;
    }
    rows
}
