//! `keycensus report`: a stored report as people read it.

use std::{fs, iter, path::PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use keycensus_core::{
    judge::report::Report,
    model::layout::ReportFile,
    render::{digest, html},
};

use crate::{
    arguments,
    exit::Exit,
    flagged_table::FlaggedTable,
    stored::{self, Failed, PLACES_HELP},
    terminal, trend_table,
};

const EXAMPLES: &str = "\
Examples:
  keycensus report census --open           the latest report below the folder census, and its page in the browser
  keycensus report s3://my-bucket/keycensus@2026-11-20";

const EXIT_CODES: &str = "\
Exit codes, as those of scan:
  0  nothing is flagged and coverage is complete
  1  internal error
  2  usage, or the report cannot be read or the page written
  3  keys are flagged
  4  coverage is not complete (takes precedence over 3)";

pub(crate) fn command() -> Command {
    Command::new("report")
        .about("Show a stored report: its digest, the trend, the table of flagged keys, and the HTML page")
        .after_help(format!("{EXAMPLES}\n\n{PLACES_HELP}\n\n{EXIT_CODES}"))
        .arg(stored::place("report", "REPORT").help("The report to show"))
        .arg(
            Arg::new("open")
                .long("open")
                .action(ArgAction::SetTrue)
                .help("Open the page in the browser"),
        )
        .arg(
            Arg::new("html")
                .long("html")
                .value_name("FILE")
                .help("Where to write the page; a file that is there is replaced")
                .default_value(ReportFile::ReportHtml.name())
                .value_parser(value_parser!(PathBuf)),
        )
        .args(arguments::ambient())
}

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    match print_report(matches).await {
        Ok(report) => Exit::of_summary(&report.summary),
        Err(failed) => {
            terminal::error(&failed);
            Exit::of_failed(&failed)
        }
    }
}

async fn print_report(matches: &ArgMatches) -> Result<Report, Failed> {
    let stored = stored::open(matches, "report").await?;
    let mut table = FlaggedTable::new();
    let report = stored.read(|account| table.add(account))?;
    let html = matches.get_one::<PathBuf>("html").cloned();
    let html = html.unwrap_or_else(|| ReportFile::ReportHtml.name().into());
    fs::write(&html, html::page(&report)).map_err(|error| Failed::NotWritten {
        path: html.display().to_string(),
        error,
    })?;
    let digest = digest::compose(&report).text;
    let page = format!("\nThe page is in {}\n", html.display());
    let trend = trend_table::lines(report.trend.until(report.scan_date));
    let lines = iter::once(format!("{digest}\n"))
        .chain(trend)
        .chain(table.lines());
    terminal::print_lines(lines.chain([page]).map(Ok))?;
    if matches.get_flag("open") {
        open::that_detached(&html).map_err(|error| Failed::NotOpened {
            path: html.display().to_string(),
            error,
        })?;
    }
    Ok(report)
}
