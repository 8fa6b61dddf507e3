//! `keycensus completions SHELL`: what a shell needs to complete a command line.

use std::io::{self, Write};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::{Shell, generate};

use crate::{arguments, exit::Exit, terminal};

const HELP: &str = "\
For bash:  source <(keycensus completions bash)
For zsh:   keycensus completions zsh > \"${fpath[1]}/_keycensus\"
For fish:  keycensus completions fish > ~/.config/fish/completions/keycensus.fish";

pub(crate) fn command() -> Command {
    Command::new("completions")
        .about("Print what a shell needs to complete the arguments of this command")
        .after_help(HELP)
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .help("The shell that is to complete them")
                .required(true)
                .value_parser(value_parser!(Shell)),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Exit {
    let Some(shell) = matches.get_one::<Shell>("shell") else {
        return Exit::Internal;
    };
    match io::stdout().write_all(&script(*shell)) {
        Ok(()) => Exit::Clean,
        Err(error) => {
            terminal::error(&format_args!(
                "standard output cannot be written to: {error}"
            ));
            Exit::Internal
        }
    }
}

fn script(shell: Shell) -> Vec<u8> {
    let mut command = arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    script
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use clap_complete::Shell;

    use super::script;
    use crate::arguments;

    #[test]
    fn every_shell_is_told_every_command_and_every_argument() {
        let command = arguments::command();
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            for subcommand in command.get_subcommands() {
                assert!(script.contains(subcommand.get_name()), "{shell}");
                for long in subcommand.get_arguments().filter_map(|arg| arg.get_long()) {
                    assert!(script.contains(long), "{shell}: --{long}");
                }
            }
        }
    }
}
