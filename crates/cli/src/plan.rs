//! `keycensus plan`: what to do about the keys of a report, for people to review and
//! take. It reads a file and writes files; AWS is not asked.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use keycensus_core::plan::{self, Plan};

use crate::{beside, exit::Exit, terminal};

const HELP: &str = "\
Writes plan.md and a shell script for each account that has something to do. Every
command in them is commented out until a person removes its mark. Without --out the
plan is printed, and there are no scripts.";

/// The name of the plan itself, beside the scripts.
const DOCUMENT: &str = "plan.md";

pub(crate) fn command() -> Command {
    Command::new("plan")
        .about("Write a plan to disable, watch and delete the keys that nobody uses; nothing is changed")
        .after_help(HELP)
        .arg(
            Arg::new("keys_csv")
                .value_name("KEYS_CSV")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The keys.csv of one night"),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Folder to write the plan to; a plan that is there is not overwritten"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Exit {
    match planned(matches) {
        Ok(text) => print(&text),
        Err(error) => {
            terminal::error(&error);
            Exit::Usage
        }
    }
}

/// What goes to standard output: the plan, or where it is.
fn planned(matches: &ArgMatches) -> Result<String, String> {
    let Some(file) = matches.get_one::<PathBuf>("keys_csv") else {
        return Err("there is no report to plan for".to_owned());
    };
    let keys_csv =
        fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    beside::check(file, &keys_csv).map_err(|error| format!("{}: {error}", file.display()))?;
    let plan = plan::make(&keys_csv).map_err(|damage| damage.at_path(file))?;
    match matches.get_one::<PathBuf>("out") {
        Some(folder) => written(&plan, folder),
        None => Ok(plan.document),
    }
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
