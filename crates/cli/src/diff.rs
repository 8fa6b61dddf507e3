//! `keycensus diff`: what differs between two stored reports.

use std::io::{BufRead, BufReader};

use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::Timestamp;
use keycensus_aws::store::on_disk::Spool;
use keycensus_core::{
    files::csv_file::CsvFile,
    judge::{changes::ChangeCounts, comparison, judged_account::JudgedAccount},
};

use crate::{
    arguments,
    diff_table::DiffTable,
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
        .about("Show what differs between two stored reports, as the nightly run finds it")
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
    let earlier = stored::open(matches, "a").await?;
    let a = earlier.read(|_| ())?.summary.scanned_at;
    let later = stored::open(matches, "b").await?;
    if later.run().now < earlier.run().now {
        let b = later.read(|_| ())?.summary.scanned_at;
        return Err(Failed::WrongOrder { a, b });
    }
    let mut output = match matches.get_flag("csv") {
        true => Output::csv()?,
        false => Output::Table(DiffTable::new()),
    };
    let now = later.run().now;
    let (compared_with, known) = earlier.known()?;
    let mut counts = ChangeCounts::new(compared_with);
    // What B itself says is checked as well.
    let mut findings = later.findings();
    let accounts = later.accounts()?.inspect(|account| {
        if let Ok(account) = account {
            findings.add(account);
        }
    });
    for account in comparison::compared(later.run(), accounts, compared_with, known) {
        let account = account?;
        counts.add(&account);
        output.add(&account, now)?;
    }
    let b = later.report(findings)?.summary.scanned_at;
    output.print([&a, &b], &counts)?;
    Ok(counts)
}

/// What is printed once both reports are read.
enum Output {
    Table(DiffTable),
    /// On the disk of this machine: they may be many.
    Csv(Spool),
}

impl Output {
    fn csv() -> Result<Self, Failed> {
        let mut spool = Spool::begin().map_err(Failed::NotHeld)?;
        let header = CsvFile::Changes.header();
        spool.add(&header).map_err(Failed::NotHeld)?;
        Ok(Self::Csv(spool))
    }

    fn add(&mut self, account: &JudgedAccount, now: Timestamp) -> Result<(), Failed> {
        match self {
            Self::Table(table) => {
                table.add(account);
                Ok(())
            }
            Self::Csv(spool) => {
                let rows = CsvFile::Changes.rows(account, now);
                spool.add(&rows).map_err(Failed::NotHeld)
            }
        }
    }

    fn print(self, times: [&str; 2], counts: &ChangeCounts) -> Result<(), Failed> {
        match self {
            Self::Table(table) => terminal::print_lines(table.lines(times, counts).map(Ok))?,
            Self::Csv(spool) => {
                let file = spool.finish().map_err(Failed::NotHeld)?;
                let lines = BufReader::new(file.reader()).lines();
                terminal::print_lines(lines.map(|line| Ok(line? + "\n")))?;
            }
        }
        Ok(())
    }
}
