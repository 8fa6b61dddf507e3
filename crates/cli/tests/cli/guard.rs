//! `keycensus guard`: JSON on standard output and nothing else there, what to know
//! on standard error, exit codes.

use std::{io::Write, process::Stdio};

use keycensus_core::model::key_policy::{Guard, GuardPeriod, guard_days};

use crate::{command_output::CommandOutput, folder::Folder};

const DEFAULT: &str = concat!(
    include_str!("../../../core/src/model/key_policy/policies/default.json"),
    "\n"
);
const KEY_ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// Runs `keycensus guard` with `input` on standard input.
fn guard(arguments: &str, input: &str) -> CommandOutput {
    guard_in(&Folder::new(), arguments, input)
}

fn guard_in(folder: &Folder, arguments: &str, input: &str) -> CommandOutput {
    let mut command = folder.keycensus(&format!("guard {arguments}"));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    CommandOutput::from(&command, child.wait_with_output().unwrap())
}

#[test]
fn the_statement_is_printed_with_what_it_does_to_brand_new_keys() {
    let output = guard("--days 365", "");
    output.ended(0);
    let policy = format!("{{\"Statement\": {}}}", output.stdout);
    assert_eq!(
        guard_days(&policy, KEY_ARN).unwrap(),
        Guard::Everyone(GuardPeriod::Days(365))
    );
    output.reported("a brand-new key cannot\n  be disabled or deleted for 365 days");
    output.omitted("CAVEAT");
}

#[test]
fn a_policy_from_standard_input_comes_out_with_the_guard_and_goes_in_again() {
    let first = guard("--days 90 --policy -", DEFAULT);
    first.ended(0);
    assert_eq!(
        guard_days(&first.stdout, KEY_ARN).unwrap(),
        Guard::Everyone(GuardPeriod::Days(90))
    );
    assert!(first.stdout.starts_with(&DEFAULT[..DEFAULT.len() - 6]));
    first.reported("added to the policy");
    let second = guard("--days 90 --policy -", &first.stdout);
    assert_eq!((second.code, &second.stdout), (0, &first.stdout));
    second.reported("in the policy already");
    let third = guard("--days 30 --policy -", &first.stdout);
    assert_eq!(third.stdout, first.stdout.replace("\"90\"", "\"30\""));
    third.reported("in the place of the one with its Sid");
}

#[test]
fn a_policy_is_read_from_a_file() {
    let folder = Folder::new();
    folder.write("policy.json", DEFAULT);
    let output = guard_in(&folder, "--days 90 --policy policy.json", "");
    let piped = guard("--days 90 --policy -", DEFAULT);
    assert_eq!((output.code, output.stdout), (0, piped.stdout));
}

#[test]
fn a_service_control_policy_comes_with_its_caveat() {
    let output = guard("--days 30 --as scp", "");
    output.ended(0);
    output.printed("\"Version\": \"2012-10-17\"");
    output.omitted("Principal");
    output.reported("CAVEAT: AWS documents");
}

#[test]
fn what_cannot_be_done_is_told_and_prints_no_json() {
    let large = DEFAULT.to_owned() + &" ".repeat(32_768);
    for (arguments, input, message) in [
        ("", "", "--days"),
        ("--days 0", "", "0 is not in 1..=3650"),
        ("--days many", "", "invalid value"),
        ("--days 90 --as rcp", "", "invalid value"),
        ("--days 90 --as scp --policy -", "{}", "--as scp"),
        ("--days 90 --policy /no/such", "", "cannot read /no/such"),
        ("--days 90 --policy -", "", "-: it is not JSON"),
        (
            "--days 90 --policy -",
            r#"{"Statement": [{"Effect": "deny"}]}"#,
            "statement 1: Effect is neither Allow nor Deny",
        ),
        ("--days 90 --policy -", &large, "KMS takes 32768 at most"),
    ] {
        let output = guard(arguments, input);
        output.failed("");
        output.reported(message);
    }
}
