//! `keycensus plan`: what to do about the keys of a report, for people to review and
//! take. It reads a report and writes files; no key is asked about.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{Arg, ArgMatches, Command, value_parser};
use keycensus_aws::{
    store::stored::{self, FetchedFile, KeysFile},
    transport::ambient::Chosen,
};
use keycensus_core::{
    files::{
        report_location::{InvalidReportLocation, ReportLocation},
        stored_report::StoredFile,
    },
    model::layout::ReportFile,
    plan::{self, Plan},
};

use crate::{arguments, beside, exit::Exit, stored::PLACES_HELP, terminal};

const HELP: &str = "\
Writes plan.md and a shell script for each account that has something to do. Every
command in them is commented out until a person removes its mark. Without --out the
plan is printed, and there are no scripts.";

/// The name of the plan itself, beside the scripts.
const DOCUMENT: &str = "plan.md";

pub(crate) fn command() -> Command {
    Command::new("plan")
        .about("Write a plan to disable, watch and delete the keys that nobody uses; nothing is changed")
        .after_help(format!("{HELP}\n\n{PLACES_HELP}"))
        .arg(
            Arg::new("report")
                .value_name("REPORT")
                .required(true)
                .value_parser(value_parser!(KeysLocation))
                .help("The report to plan for, or the keys.csv of one"),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Folder to write the plan to; a plan that is there is not overwritten"),
        )
        .args(arguments::ambient())
}

/// Where the keys are that a plan is made for.
#[derive(Debug, Clone)]
enum KeysLocation {
    /// A `keys.csv`.
    File(PathBuf),
    /// A report that a census has stored.
    Report(ReportLocation),
}

impl FromStr for KeysLocation {
    type Err = InvalidReportLocation;

    fn from_str(text: &str) -> Result<Self, InvalidReportLocation> {
        let path = Path::new(text);
        let inside = path.join(ReportFile::KeysCsv.name());
        if inside.is_file() {
            return Ok(Self::File(inside));
        }
        let is_csv = path.extension().is_some_and(|extension| extension == "csv");
        if path.is_file() || is_csv && !path.is_dir() {
            return Ok(Self::File(path.to_owned()));
        }
        text.parse().map(Self::Report)
    }
}

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    match planned(matches).await {
        Ok(text) => print(&text),
        Err(error) => {
            terminal::error(&error);
            Exit::Usage
        }
    }
}

/// What goes to standard output: the plan, or where it is.
async fn planned(matches: &ArgMatches) -> Result<String, String> {
    let plan = match matches.get_one::<KeysLocation>("report") {
        None => return Err("there is no report to plan for".to_owned()),
        Some(KeysLocation::File(file)) => of_file(file)?,
        Some(KeysLocation::Report(place)) => of_report(place, arguments::chosen(matches)).await?,
    };
    match matches.get_one::<PathBuf>("out") {
        Some(folder) => written(&plan, folder),
        None => Ok(plan.document),
    }
}

fn of_file(file: &Path) -> Result<Plan, String> {
    let path = file.display();
    let keys_csv =
        FetchedFile::open(file).map_err(|error| format!("cannot read {path}: {error}"))?;
    beside::check(file, &keys_csv.facts()).map_err(|error| format!("{path}: {error}"))?;
    plan::make(keys_csv.reader()).map_err(|damage| damage.at_path(file))
}

async fn of_report(place: &ReportLocation, chosen: Chosen) -> Result<Plan, String> {
    let stored = stored::keys(place, chosen).await;
    let KeysFile {
        keys_csv,
        summary_json,
    } = stored.map_err(|error| error.to_string())?;
    let summary = place.location(ReportFile::SummaryJson);
    beside::check_named(&summary_json, &summary, &keys_csv.facts())
        .map_err(|error| format!("{}: {error}", place.location(ReportFile::KeysCsv)))?;
    plan::make(keys_csv.reader()).map_err(|damage| damage.at(place))
}

/// Writes a plan into a folder that has none: in one that is there, a person may have removed
/// marks.
fn written(plan: &Plan, folder: &Path) -> Result<String, String> {
    let scripts = plan.scripts.iter();
    let scripts = scripts.map(|script| (script.file_name.as_str(), &script.text));
    let files: Vec<(PathBuf, &String)> = [(DOCUMENT, &plan.document)]
        .into_iter()
        .chain(scripts)
        .map(|(name, text)| (folder.join(name), text))
        .collect();
    for (path, _) in &files {
        if path.exists() {
            return Err(format!(
                "{} is there already: give another --out, or move it away",
                path.display()
            ));
        }
    }
    fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let mut paths = String::new();
    for (path, text) in &files {
        let mut open = OpenOptions::new();
        open.write(true)
            .create_new(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        paths += &format!("{}\n", path.display());
    }
    Ok(paths)
}

fn print(text: &str) -> Exit {
    match write!(std::io::stdout().lock(), "{text}") {
        Ok(()) => Exit::Clean,
        Err(error) => {
            terminal::error(&format_args!("cannot write to standard output: {error}"));
            Exit::Internal
        }
    }
}
