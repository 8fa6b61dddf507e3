//! `keycensus guard`: the key-policy statement that keeps a key in use from being
//! disabled and deleted. It is printed; no policy is changed.

use std::io::{Read, Write};

use clap::{Arg, ArgMatches, Command, value_parser};
use keycensus_core::model::key_policy::{
    Change, MAX_KEY_POLICY_BYTES, Merged, guard_statement, merge,
};

use crate::{exit::Exit, terminal};

const HELP: &str = "\
The JSON goes to standard output, what to know about it to standard error:
  keycensus guard --days 365
  aws kms get-key-policy --key-id KEY --query Policy --output text |
      keycensus guard --days 365 --policy - > policy.json";

/// How a key policy can be written.
const KEY_POLICY: &str = "key-policy";
const SCP: &str = "scp";

pub(crate) fn command() -> Command {
    Command::new("guard")
        .about("Print the policy statement that keeps keys in use from being disabled and deleted")
        .after_help(HELP)
        .arg(
            Arg::new("days")
                .long("days")
                .value_name("DAYS")
                .required(true)
                .value_parser(value_parser!(u32).range(1..=3650))
                .help("Deny disabling and deleting a key whose last use is at most this many days ago"),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("FILE")
                .help("Print this key policy with the statement in it; - is standard input"),
        )
        .arg(
            Arg::new("as")
                .long("as")
                .value_name("FORM")
                .value_parser([KEY_POLICY, SCP])
                .default_value(KEY_POLICY)
                .help("Print a statement for a key policy, or a whole service control policy"),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Exit {
    let days = matches.get_one::<u32>("days").copied().unwrap_or(1);
    let policy = matches.get_one::<String>("policy");
    let is_scp = matches
        .get_one::<String>("as")
        .is_some_and(|form| form == SCP);
    let written = match (policy, is_scp) {
        (None, false) => Ok((guard_statement::for_key_policy(days), about_statement(days))),
        (None, true) => Ok((
            guard_statement::service_control_policy(days),
            about_scp(days),
        )),
        (Some(file), false) => merged(file, days),
        (Some(_), true) => {
            Err("--policy takes a key policy: it does not go together with --as scp".to_owned())
        }
    };
    match written {
        Ok((json, about)) => print(&json, &about),
        Err(error) => {
            terminal::error(&error);
            Exit::Usage
        }
    }
}

fn merged(file: &str, days: u32) -> Result<(String, String), String> {
    let policy = read(file)?;
    let Merged { text, change } =
        merge(&policy, days).map_err(|error| format!("{file}: {error}"))?;
    let change = match change {
        Change::Added => "added to the policy",
        Change::Replaced => "put in the place of the one with its Sid",
        Change::None => "in the policy already",
    };
    let about = format!(
        "The statement is {change}; the policy takes {} of {MAX_KEY_POLICY_BYTES} bytes.\n{}",
        text.len(),
        about_statement(days)
    );
    Ok((text, about))
}

/// A policy that a person wrote, or got from AWS.
fn read(file: &str) -> Result<String, String> {
    let mut policy = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut policy),
        file => std::fs::File::open(file).and_then(|mut open| open.read_to_string(&mut policy)),
    };
    read.map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(policy)
}

fn about_statement(days: u32) -> String {
    format!(
        "{}\
         - Whoever may call kms:PutKeyPolicy can take the statement out again, and nothing here\n  \
           denies kms:DeleteImportedKeyMaterial.\n",
        about(days)
    )
}

fn about_scp(days: u32) -> String {
    format!(
        "{}\
         - CAVEAT: AWS documents kms:TrailingDaysWithoutKeyUsage for key policies and IAM policies\n  \
           only. People report that it works in service control policies; AWS does not promise it.\n  \
           Try it on one account first, and do not rely on it alone.\n\
         - Service control policies do not bind the management account and service-linked roles.\n",
        about(days)
    )
}

fn about(days: u32) -> String {
    format!(
        "It denies kms:ScheduleKeyDeletion and kms:DisableKey to everyone, administrators included,\n\
         until the key has been unused for more than {days} days.\n\
         - KMS counts whole days from the last use. For a key that was never used it counts from its\n  \
           creation, or from the day that tracking began if the key is older: a brand-new key cannot\n  \
           be disabled or deleted for {days} days either.\n"
    )
}

fn print(json: &str, about: &str) -> Exit {
    let end = if json.ends_with('\n') { "" } else { "\n" };
    let written = write!(std::io::stdout().lock(), "{json}{end}");
    match written {
        Ok(()) => {
            print_note(about.trim_end());
            Exit::Clean
        }
        Err(error) => {
            terminal::error(&format_args!("cannot write to standard output: {error}"));
            Exit::Internal
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "what is not the JSON goes to standard error"
)]
fn print_note(text: &str) {
    eprintln!("{text}");
}
