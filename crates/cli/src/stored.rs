//! Reports that a census has stored, as `report` and `diff` take them.

use std::io;

use clap::{Arg, ArgMatches, value_parser};
use keycensus_aws::store::stored::{self, FetchedFile, NotRead};
use keycensus_core::{
    files::{
        damage::Damage,
        last_run,
        report_location::ReportLocation,
        stored_report::{StoredFile, StoredFiles, StoredReport},
    },
    judge::{
        changes::ComparedWith, findings::Findings, judged_account::JudgedAccount,
        known_keys::KnownKey, report::Report, summary::RunFacts,
    },
    render::limits::LIMITS,
};
use thiserror::Error;

use crate::arguments;

/// What both commands say of where reports are.
pub(crate) const PLACES_HELP: &str = "\
A report is named by the folder that keycensus scan --out writes to (census), or by
the bucket and prefix of the reports (s3://my-bucket/keycensus). It is the latest
one there, or that of a day: census@2026-11-20, s3://my-bucket/keycensus@2026-11-20.
Buckets are read with the ambient AWS credentials and Region (--profile, --region,
AWS_PROFILE, AWS_REGION, SSO, …), which need s3:GetObject and s3:ListBucket.";

/// Why a command that reads reports failed.
#[derive(Debug, Error)]
pub(crate) enum Failed {
    /// A report could not be read.
    #[error(transparent)]
    NotRead(#[from] NotRead),
    /// A report is not as a census writes it.
    #[error("{0}")]
    Damaged(String),
    /// The report that should be the earlier one is the later one: what is new would
    /// be reported as gone.
    #[error("A is of {a} and B, of {b}, is earlier: name the earlier report first")]
    WrongOrder {
        /// When the run of A began.
        a: String,
        /// When the run of B began.
        b: String,
    },
    /// This machine does not hold what is to be printed.
    #[error("{folder} takes no file: {0}", folder = std::env::temp_dir().display())]
    NotHeld(io::Error),
    /// A file that was named could not be written.
    #[error("--html is {path:?}: {error}: name a file that can be written")]
    NotWritten {
        /// Its path.
        path: String,
        /// The error of the operating system.
        error: io::Error,
    },
    /// No program opens the page.
    #[error("--open: no browser could be started ({error}): open {path} in one")]
    NotOpened {
        /// The page.
        path: String,
        /// The error of the operating system.
        error: io::Error,
    },
    /// Standard output takes no more.
    #[error("cannot print: {0}")]
    NotPrinted(#[from] io::Error),
}

/// The argument that names a report.
pub(crate) fn place(name: &'static str, value_name: &'static str) -> Arg {
    Arg::new(name)
        .value_name(value_name)
        .required(true)
        .value_parser(value_parser!(ReportLocation))
}

/// A stored report, whose files are those that its summary names.
pub(crate) struct Opened {
    place: ReportLocation,
    report: StoredReport<FetchedFile>,
}

/// Opens the report that an argument names.
pub(crate) async fn open(matches: &ArgMatches, name: &str) -> Result<Opened, Failed> {
    let Some(place) = matches.get_one::<ReportLocation>(name) else {
        // The command line does not get here without it.
        return Err(Failed::Damaged(format!("{name} names no report")));
    };
    let files = stored::files(place, arguments::chosen(matches)).await?;
    let report = StoredReport::open(files).map_err(|damage| damaged(&damage, place))?;
    Ok(Opened {
        place: place.clone(),
        report,
    })
}

impl Opened {
    /// The run and the settings of its verdicts.
    pub(crate) fn run(&self) -> &RunFacts {
        self.report.run()
    }

    /// Reads every account, and then checks that they come to the numbers of the summary. Nothing of a
    /// report is to be told before it is read.
    pub(crate) fn read(&self, mut each: impl FnMut(&JudgedAccount)) -> Result<Report, Failed> {
        let mut findings = self.findings();
        for account in self.accounts()? {
            let account = account?;
            findings.add(&account);
            each(&account);
        }
        self.report(findings)
    }

    /// What digest and page say of the accounts that are added.
    pub(crate) fn findings(&self) -> Findings {
        Findings::new(self.report.compared_with(), &LIMITS)
    }

    /// Every account, for [`Opened::report`] to check.
    pub(crate) fn accounts(
        &self,
    ) -> Result<impl Iterator<Item = Result<JudgedAccount, Failed>>, Failed> {
        let accounts = self.report.accounts();
        let accounts = accounts.map_err(|damage| damaged(&damage, &self.place))?;
        Ok(accounts.map(|account| account.map_err(|damage| damaged(&damage, &self.place))))
    }

    /// The report whose accounts have these findings.
    pub(crate) fn report(&self, findings: Findings) -> Result<Report, Failed> {
        let report = self.report.report(findings);
        report.map_err(|damage| damaged(&damage, &self.place))
    }

    /// The keys of each account, as a later run knows them, and what it is then compared with.
    pub(crate) fn known(
        &self,
    ) -> Result<
        (
            ComparedWith,
            impl Iterator<Item = Result<Vec<KnownKey>, Failed>>,
        ),
        Failed,
    > {
        let StoredFiles {
            keys_csv,
            unseen_csv,
            ..
        } = &self.report.files;
        let checked = last_run::check(Some(keys_csv.reader()), Some(unseen_csv.reader()));
        let checked = checked.map_err(|why| Failed::Damaged(format!("{}: {why}", self.place)))?;
        let known = checked.accounts(keys_csv.reader(), Some(unseen_csv.reader()));
        let known = known.map_err(|damage| damaged(&damage, &self.place))?;
        Ok((
            ComparedWith::LastRun(checked.scan_date),
            known.map(|keys| keys.map_err(|damage| damaged(&damage, &self.place))),
        ))
    }
}

fn damaged(damage: &Damage, place: &ReportLocation) -> Failed {
    Failed::Damaged(damage.at(place))
}
