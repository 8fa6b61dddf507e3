//! `keycensus doctor`: what a first census needs, checked.

use std::{process, sync::Arc};

use clap::{Arg, ArgMatches, Command, value_parser};
use jiff::Timestamp;
use keycensus_aws::{
    doctor::{Finding, Question, Subject, examine},
    services::aws::Aws,
    transport::ambient::ambient_config,
};
use keycensus_core::{
    model::plain_text::one_line,
    settings::{SETTINGS, Settings, SettingsError, Source, Written},
};

use crate::{arguments, exit::Exit, key_words, logs, terminal};

const HELP: &str = "\
Examples:
  keycensus doctor --report-bucket my-bucket                everything, every account
  keycensus doctor --report-bucket my-bucket --sample 20    20 of the accounts

No key is read. A small object, runs/doctor.json, is written to the report bucket.

Exit codes:
  0  nothing is wrong
  1  internal error
  2  usage, settings, or no usable credentials
  4  something is wrong; its line says what, and the next what would be right";

pub(crate) fn command() -> Command {
    Command::new("doctor")
        .about("Check what a census needs, without reading a key: organization, member roles, bucket, topic")
        .after_help(HELP)
        .arg(
            Arg::new("sample")
                .long("sample")
                .value_name("N")
                .help("Try so many of the accounts, spread evenly [default: all]")
                .value_parser(value_parser!(u64).range(1..)),
        )
        .args(arguments::ambient())
        .arg(arguments::verbose())
        .next_help_heading("Settings")
        .args(SETTINGS.iter().map(arguments::setting))
}

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    logs::begin(matches.get_flag("verbose"));
    let mut checks = Checks::default();
    let examined = match question(matches).await {
        Ok(question) => examine(&question, |finding| checks.print(&finding)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = examined {
        terminal::error(&error);
        return Exit::Usage;
    }
    let (made, wrong) = (checks.made, checks.wrong);
    checks.line(&match wrong {
        0 => format!("{made} checks, nothing wrong"),
        wrong => format!("{made} checks, {wrong} wrong"),
    });
    match checks {
        Checks {
            unprinted: Some(error),
            ..
        } => {
            terminal::error(&error);
            Exit::Internal
        }
        Checks { wrong: 0, .. } => Exit::Clean,
        Checks { .. } => Exit::Incomplete,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge: the environment and the clock are read here and handed on"
)]
async fn question(matches: &ArgMatches) -> Result<Question, SettingsError> {
    let environment = Written::from_environment(std::env::vars());
    let sample = matches.get_one::<u64>("sample");
    Ok(Question {
        settings: Settings::read(environment.chain(arguments::written(matches)))?,
        source: Source::CommandLine,
        sample: sample.map(|sample| usize::try_from(*sample).unwrap_or(usize::MAX)),
        aws: Arc::new(Aws::new(ambient_config(arguments::chosen(matches)).await?)?),
        run_id: format!("doctor-{}", process::id()),
        now: Timestamp::now(),
    })
}

/// Checks as they are printed.
#[derive(Default)]
struct Checks {
    made: u64,
    wrong: u64,
    /// Why a line could not be printed.
    unprinted: Option<std::io::Error>,
}

impl Checks {
    fn print(&mut self, finding: &Finding) {
        self.made += 1;
        let subject = match &finding.subject {
            Subject::Account(account) => key_words::account(account),
            other => other.as_str().to_owned(),
        };
        match &finding.result {
            Ok(fine) => self.line(&format!("ok     {subject}: {}", one_line(fine))),
            Err(problem) => {
                self.wrong += 1;
                self.line(&format!("WRONG  {subject}: {}", one_line(&problem.what)));
                if let Some(remedy) = &problem.remedy {
                    self.line(&format!("       {}", one_line(remedy)));
                }
            }
        }
    }

    fn line(&mut self, line: &str) {
        if self.unprinted.is_none() {
            self.unprinted = terminal::print(&format!("{line}\n")).err();
        }
    }
}
