//! `keycensus man`: the manual pages, of this command and of each of its own.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;

use crate::{arguments, exit::Exit, terminal};

const HELP: &str = "\
To read it:       keycensus man | man -l -
To install them:  keycensus man --out /usr/local/share/man/man1";

pub(crate) fn command() -> Command {
    Command::new("man")
        .about("Print the manual page, or write the pages of all commands to a folder")
        .after_help(HELP)
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .help("Folder to write every page to, such as keycensus-scan.1")
                .value_parser(value_parser!(PathBuf)),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Exit {
    let written = match matches.get_one::<PathBuf>("out") {
        Some(folder) => write(folder).map_err(|error| (folder.display().to_string(), error)),
        None => print().map_err(|error| ("standard output".to_owned(), error)),
    };
    match written {
        Ok(()) => Exit::Clean,
        Err((place, error)) => {
            terminal::error(&format_args!("{place} cannot be written to: {error}"));
            Exit::Usage
        }
    }
}

fn print() -> io::Result<()> {
    let mut page = Vec::new();
    // The pages that go to a folder name no `help` either.
    let command = arguments::command().disable_help_subcommand(true);
    Man::new(command).render(&mut page)?;
    io::stdout().write_all(&page)
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(arguments::command(), folder)
}
