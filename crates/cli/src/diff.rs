//! `keycensus diff`: what differs between two stored reports.

use clap::{Arg, ArgAction, ArgMatches, Command};
use keycensus_core::{
    files::last_run,
    judge::{changes::ChangeCounts, findings::limits::Limits},
    model::layout::ReportFile,
};

use crate::{
    arguments, diff_table,
    exit::Exit,
    stored::{self, Failed, PLACES_HELP},
    terminal,
};

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing differs
  1  internal error
  2  usage, or a report cannot be read
  4  nothing that could be seen differs, but keys of A could not be looked for in B
  5  something differs (takes precedence over 4)";

pub(crate) fn command() -> Command {
    Command::new("diff")
        .about("Show what differs between two stored reports, compared as the nightly run compares")
        .after_help(format!("{PLACES_HELP}\n\n{EXIT_CODES}"))
        .arg(stored::place("a", "A").help("The earlier report"))
        .arg(stored::place("b", "B").help("The later report"))
        .arg(
            Arg::new("csv")
                .long("csv")
                .action(ArgAction::SetTrue)
                .help("Print what would be the changes.csv of B, had it been compared with A"),
        )
        .args(arguments::ambient())
}

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    match print_difference(matches).await {
        Ok(counts) => Exit::of_difference(&counts),
        Err(failed) => {
            terminal::error(&failed);
            Exit::of_failed(&failed)
        }
    }
}

async fn print_difference(matches: &ArgMatches) -> Result<ChangeCounts, Failed> {
    let (files, earlier) = stored::read(matches, "a").await?;
    let (_, later) = stored::read(matches, "b").await?;
    if later.now < earlier.now {
        let [a, b] = [&earlier, &later].map(|report| report.summary.scanned_at.clone());
        return Err(Failed::WrongOrder { a, b });
    }
    let known = last_run::read(Some(&files.keys_csv), Some(&files.unseen_csv));
    let later = later.compared_with(&known, &Limits::NONE);
    if matches.get_flag("csv") {
        let changes = later.file(ReportFile::ChangesCsv);
        terminal::print(&String::from_utf8_lossy(&changes))?;
    } else {
        terminal::print(&diff_table::render(&earlier, &later))?;
    }
    Ok(later.report.summary.changes)
}
