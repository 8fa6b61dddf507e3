//! Reports that a census has stored, as `report` and `diff` take them.

use std::io;

use clap::{Arg, ArgMatches, value_parser};
use keycensus_aws::store::stored::{self, NotRead};
use keycensus_core::{
    files::{
        report_location::ReportLocation,
        stored_report::{self, StoredFiles},
    },
    judge::{findings::limits::Limits, whole_report::WholeReport},
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
    /// A file that was named could not be written.
    #[error("--html is {path:?}: {error}: name a file that can be written")]
    NotWritten {
        /// Its path.
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

/// Reads the report that an argument names.
pub(crate) async fn read(
    matches: &ArgMatches,
    name: &str,
) -> Result<(StoredFiles, WholeReport), Failed> {
    let Some(place) = matches.get_one::<ReportLocation>(name) else {
        // The command line does not get here without it.
        return Err(Failed::Damaged(format!("{name} names no report")));
    };
    let files = stored::files(place, arguments::chosen(matches)).await?;
    let report = stored_report::read(&files, &Limits::NONE)
        .map_err(|damage| Failed::Damaged(damage.at(place)))?;
    Ok((files, report))
}
