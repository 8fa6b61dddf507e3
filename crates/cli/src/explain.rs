//! `keycensus explain`: one key on one page.

use std::{process, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::Timestamp;
use keycensus_aws::{
    explain::{ExplainError, Question, explain},
    services::aws::Aws,
    transport::ambient::ambient_config,
};
use keycensus_core::{
    explain::{
        Explanation,
        athena::{self, TrailTable},
        requested_key::{self, RequestedKey},
    },
    model::account::AccountId,
    settings::{SETTINGS, Settings, SettingsError, Written},
};

use crate::{arguments, exit::Exit, logs, terminal};

const HELP: &str = "\
Examples:
  keycensus explain arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab
  keycensus explain AKIAIOSFODNN7EXAMPLE
  keycensus explain arn:aws:iam::222222222222:user/anna     the password of a user

Exit codes:
  0  everything could be read
  1  internal error
  2  usage, settings, an account that cannot be entered, or no such key
  4  something could not be read; the page says what

Who used a key is read from CloudTrail's event history. The member role may do
that where its stack has Explain=on. Settings can also be given in the
environment, as for a scan.";

/// The settings that matter to one key.
const ITS_SETTINGS: [&str; 6] = [
    "member_role",
    "external_id",
    "stale_after_days",
    "rotate_after_days",
    "exempt_tag",
    "owner_tags",
];

pub(crate) fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        let long = name.replace('_', "-");
        Arg::new(name).long(long).value_name(value).help(help)
    };
    Command::new("explain")
        .about("Show all about one key: who used it last, and what its deletion would break")
        .after_help(HELP)
        .arg(
            Arg::new("key")
                .value_name("KEY")
                .required(true)
                .help("ARN of a KMS key, of a secret, or for a password of its user; or ID of an access key (AKIA…) or service-specific credential (ACCA…)"),
        )
        .arg(text(
            "account",
            "ID",
            "Account of what is given by its ID [default for access keys: sts:GetAccessKeyInfo is asked]",
        ))
        .arg(text(
            "trail_table",
            "DATABASE.TABLE",
            "Athena table of the organization's trail, for the query that finds an event older than 90 days",
        ))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print JSON, for scripts"),
        )
        .args(arguments::ambient())
        .arg(arguments::verbose())
        .args(
            SETTINGS
                .iter()
                .filter(|spec| ITS_SETTINGS.contains(&spec.name))
                .map(arguments::setting),
        )
}

pub(crate) async fn run(matches: &ArgMatches) -> Exit {
    logs::begin(matches.get_flag("verbose"));
    match explanation(matches).await {
        Ok(explanation) => {
            let text = match matches.get_flag("json") {
                true => explanation.json(),
                false => explanation.page(),
            };
            match (terminal::print(&text), explanation.is_whole()) {
                (Ok(()), true) => Exit::Clean,
                (Ok(()), false) => Exit::Incomplete,
                (Err(error), _) => {
                    terminal::error(&error);
                    Exit::Internal
                }
            }
        }
        Err(error) => {
            terminal::error(&error);
            Exit::Usage
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge: the environment and the clock are read here and handed on"
)]
async fn explanation(matches: &ArgMatches) -> Result<Explanation, ExplainError> {
    let environment = Written::from_environment(std::env::vars());
    let settings = Settings::read(environment.chain(arguments::written(matches)))?;
    let asked = read(
        matches,
        "key",
        "KEY",
        RequestedKey::parse,
        requested_key::ACCEPTS,
    )?;
    let account = read(
        matches,
        "account",
        "--account",
        AccountId::parse,
        "an account ID of 12 digits",
    )?;
    let trail_table = read(
        matches,
        "trail_table",
        "--trail-table",
        TrailTable::parse,
        athena::ACCEPTS,
    )?;
    let now = Timestamp::now();
    let question = Question {
        aws: Arc::new(Aws::new(ambient_config(arguments::chosen(matches)).await?)?),
        settings,
        // The command line does without no key.
        asked: asked.ok_or_else(|| SettingsError::Missing {
            spelling: "KEY".to_owned(),
            accepts: requested_key::ACCEPTS,
        })?,
        account,
        trail_table,
        run_id: format!("explain-{}", process::id()),
        now,
    };
    explain(&question).await
}

/// An argument that is no setting.
fn read<T>(
    matches: &ArgMatches,
    name: &str,
    spelling: &str,
    parse: impl Fn(&str) -> Option<T>,
    accepts: &'static str,
) -> Result<Option<T>, SettingsError> {
    let Some(text) = matches.get_one::<String>(name) else {
        return Ok(None);
    };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => Err(SettingsError::Malformed {
            spelling: spelling.to_owned(),
            text: text.clone(),
            accepts,
        }),
    }
}
