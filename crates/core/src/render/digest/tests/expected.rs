//! Whole digests as files beside this one, for people to read.

use std::sync::Arc;

use super::{bytes, settings};
use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, account, account_digests, kms_key, last_run, report_of, scanned},
    expected::matches_file,
    judge::{
        last_run::LastRun,
        summary::{FileLocations, RunFacts},
        whole_report::WholeReport,
    },
    model::{
        account::Account,
        cause::Cause,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        layout::ReportFile,
        organization_reading::Reading,
        reading::KeyReading,
    },
    render::digest::{Digest, SNS_MESSAGE_BYTES, compose},
    settings::{DigestMode, DigestPer, Settings},
};

mod a_hundred;

use a_hundred::a_hundred;

const IN_USE: &str = "2026-11-20T21:30:00Z";

fn matches_expected(name: &str, digest: &Digest) {
    let text = format!("Subject: {}\n\n{}", digest.subject, digest.text);
    matches_file(&format!("render/digest/expected/{name}"), &text);
    assert!(bytes(digest) < SNS_MESSAGE_BYTES);
}

/// A KMS key called `name`, of a plausible ID.
fn named(account: &Arc<Account>, n: usize, name: &str, used: &str) -> KeyReading {
    let mut key = kms_key(account, n, used);
    key.key_id = format!("{n:08x}-4a1c-4b6e-9d57-{:012x}", n * 7_919);
    key.names = vec![format!("alias/{name}")];
    key
}

/// A report of the day, in a bucket.
fn report(reading: Reading, last: &LastRun) -> WholeReport {
    in_bucket(report_of(&run(), reading, last))
}

fn in_bucket(mut report: WholeReport) -> WholeReport {
    let location = |file: ReportFile| {
        let path = file.dated_path(report.scan_date);
        format!("s3://acme-keycensus/census/{path}")
    };
    report.summary.report = FileLocations {
        keys_csv: location(ReportFile::KeysCsv),
        coverage_csv: location(ReportFile::CoverageCsv),
        changes_csv: location(ReportFile::ChangesCsv),
        unseen_csv: location(ReportFile::UnseenCsv),
        trend_csv: location(ReportFile::TrendCsv),
        summary_json: location(ReportFile::SummaryJson),
        report_html: String::new(),
    };
    report
}

/// What the run of the night before left for this one.
fn last_night(reading: Reading) -> LastRun {
    let run = RunFacts {
        now: "2026-11-20T02:00:04Z".parse().unwrap(),
        ..run()
    };
    let report = report_of(&run, reading, &FIRST_CENSUS);
    last_run(&report)
}

#[test]
fn a_quiet_organization() {
    let accounts = ["management", "payments-prod", "storefront-prod"];
    let reading = || {
        let mut reading = Reading::default();
        for (n, name) in (1..).zip(accounts) {
            let account = account(n * 111_111_111_111, name);
            reading
                .keys
                .push(named(&account, n as usize, "orders", IN_USE));
            reading.coverage.push(scanned(&account, Some("eu-west-1")));
        }
        reading
    };
    let report = report(reading(), &last_night(reading()));
    let digest = compose(&report);
    matches_expected("0_flagged.txt", &digest);
}

#[test]
fn one_flagged_key_in_a_first_census() {
    let payments = account(222_222_222_222, "payments-prod");
    let reading = Reading {
        keys: vec![
            named(&payments, 1, "psp-gateway-2019", "2026-05-23T08:00:00Z"),
            named(&payments, 2, "card-vault", IN_USE),
        ],
        coverage: vec![scanned(&payments, Some("eu-west-1"))],
        ..Reading::default()
    };
    let digest = compose(&report(reading, &FIRST_CENSUS));
    matches_expected("1_flagged.txt", &digest);
}

#[test]
fn a_hundred_flagged_keys() {
    let (before, tonight) = a_hundred();
    let report = report(tonight, &last_night(before));
    assert_eq!(report.summary.keys.flagged, 100);
    let digest = compose(&report);
    matches_expected("100_flagged.txt", &digest);
}

#[test]
fn the_message_of_one_of_their_accounts() {
    let (before, tonight) = a_hundred();
    let report = report(tonight, &last_night(before));
    let settings = Settings {
        digest_per: DigestPer::Account,
        ..settings(DigestMode::Always)
    };
    let mut digests = account_digests(&settings, &report).into_iter();
    let of_data = digests.find(|of| of.account.name == "data-platform");
    matches_expected("of_one_account.txt", &of_data.unwrap().digest);
}

#[test]
fn a_hundred_thousand_flagged_keys() {
    let reading = |keys: std::ops::Range<usize>| {
        let mut reading = Reading::default();
        for n in keys {
            let number = n as u64 / 500;
            let account = account(300_000_000_000 + number, &format!("team-{number:03}"));
            let used = match n % 500 {
                499 => "2026-05-02T00:00:00Z",
                _ => "2026-06-01T00:00:00Z",
            };
            reading
                .keys
                .push(named(&account, n, &format!("shard-{n}"), used));
            if n % 500 == 0 {
                reading.coverage.push(scanned(&account, Some("eu-west-1")));
            }
        }
        reading
    };
    let last = last_night(reading(0..101_500));
    let mut tonight = reading(0..99_500);
    let new = (200_000..200_500).map(|n| {
        let account = account(300_000_000_000, "team-000");
        named(&account, n, &format!("created-{n}"), "2026-08-01T00:00:00Z")
    });
    tonight.keys.extend(new);
    let shut = (0..300).map(|n| {
        CoverageRow::unlisted(
            &account(400_000_000_000 + n, &format!("acquired-{n}")),
            Scope::WholeAccount,
            CoverageStatus::Unreachable,
            Some(Gap::unanswered(
                "sts:AssumeRole",
                "AccessDenied",
                Cause::REFUSED,
            )),
            "the role could not be assumed",
        )
    });
    tonight.coverage.extend(shut);
    let report = report(tonight, &last);
    assert_eq!(report.summary.keys.flagged, 100_000);
    let digest = compose(&report);
    matches_expected("100000_flagged.txt", &digest);
}
