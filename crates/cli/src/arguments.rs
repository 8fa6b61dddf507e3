//! The command line. Its settings come from the one table of settings.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use keycensus_aws::transport::ambient::Chosen;
use keycensus_core::settings::{SETTINGS, SettingSpec, Source, Written};

use crate::{completions, diff, doctor, explain, guard, man, plan, report};

const SCAN_HELP: &str = "\
Examples:
  keycensus scan --out census                               every account of the organization
  keycensus scan --out census --accounts 222222222222       one account
  keycensus scan --profile audit --report-bucket my-bucket  the report goes to S3

Exit codes:
  0  nothing is flagged and coverage is complete
  1  internal error
  2  usage, settings, or what they name: a bucket, a topic, an organization
  3  keys are flagged
  4  coverage is not complete (takes precedence over 3)
130  ended by Ctrl-C; 143 by SIGTERM: the same command goes on with it

Every setting can also be given in the environment, as KEYCENSUS_ and its name
in capitals (KEYCENSUS_STALE_AFTER_DAYS); an argument overrides it. AWS
credentials and Region are the ambient ones, as of the AWS CLI (AWS_PROFILE,
AWS_REGION, SSO, aws login, …), with proxies (HTTPS_PROXY, NO_PROXY) and
certificates (AWS_CA_BUNDLE, ca_bundle).";

pub(crate) fn command() -> Command {
    Command::new("keycensus")
        .version(env!("CARGO_PKG_VERSION"))
        .about("When was each key of an AWS organization last used, and which ones does nobody use any more?")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(scan())
        .subcommand(report::command())
        .subcommand(diff::command())
        .subcommand(explain::command())
        .subcommand(doctor::command())
        .subcommand(guard::command())
        .subcommand(plan::command())
        .subcommand(completions::command())
        .subcommand(man::command())
}

fn scan() -> Command {
    Command::new("scan")
        .about("Read every account and write a report; no key is ever changed")
        .after_help(SCAN_HELP)
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("DIR")
                .help("Folder to write the report to, besides or instead of the bucket")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("resume")
                .long("resume")
                .action(ArgAction::SetTrue)
                .help("Go on with the scan that was cut off within the last 6 hours; an error if there is none. With the same --out this is done anyway if there is one"),
        )
        .arg(
            Arg::new("time_limit")
                .long("time-limit")
                .value_name("TIME")
                .help("End within this time (15m, 2h), with what was read by then [default: none]"),
        )
        .arg(
            Arg::new("clock_back")
                .long("clock-back")
                .value_name("TIME")
                .help(
                    "Begin this much earlier (24h), in a simulated AWS whose clock is back as much",
                )
                .hide(true),
        )
        .args(ambient())
        .arg(verbose())
        .next_help_heading("Settings")
        .args(SETTINGS.iter().map(setting))
}

/// Which profile and Region are used, as the AWS CLI has them.
pub(crate) fn ambient() -> [Arg; 2] {
    let named = |name: &'static str, help: &'static str| {
        let value = name.to_uppercase();
        Arg::new(name).long(name).value_name(value).help(help)
    };
    [
        named(
            "profile",
            "Profile of ~/.aws/config with the credentials and settings to use [default: AWS_PROFILE]",
        ),
        named(
            "region",
            "AWS Region to run in [default: AWS_REGION, or the profile's]",
        ),
    ]
}

/// The profile and Region that were given as arguments.
pub(crate) fn chosen(matches: &ArgMatches) -> Chosen {
    Chosen {
        profile: matches.get_one("profile").cloned(),
        region: matches.get_one("region").cloned(),
    }
}

/// Whether to log.
pub(crate) fn verbose() -> Arg {
    Arg::new("verbose")
        .long("verbose")
        .short('v')
        .action(ArgAction::SetTrue)
        .help("Log every gap to standard error")
}

/// A setting as an argument.
pub(crate) fn setting(spec: &SettingSpec) -> Arg {
    Arg::new(spec.name)
        .long(flag(spec.name))
        .value_name(spec.value)
        .allow_hyphen_values(true)
        .help(format!("{} [default: {}]", spec.meaning, spec.default))
}

fn flag(name: &str) -> String {
    name.replace('_', "-")
}

/// The settings that were given as arguments.
pub(crate) fn written(matches: &ArgMatches) -> impl Iterator<Item = Written> {
    SETTINGS.iter().filter_map(|spec| {
        // Not every command has every setting.
        let text = matches.try_get_one::<String>(spec.name).ok()??;
        Some(Written {
            source: Source::CommandLine,
            name: spec.name.to_owned(),
            text: text.clone(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }
}
