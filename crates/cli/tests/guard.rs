//! `keycensus guard` as a process: JSON on standard output and nothing else there,
//! what to know on standard error, exit codes.

#![expect(clippy::unwrap_used, reason = "helpers fail their test by panicking")]

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use keycensus_core::key_policy::{Guard, Reaching, guard_days};

const DEFAULT: &str = r#"{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}
"#;
const KEY_ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

struct Done {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `keycensus guard` with `arguments` and `input` on standard input, and no
/// environment: no credentials, no Region.
fn guard(arguments: &[&str], input: &str) -> Done {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keycensus"))
        .arg("guard")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Done {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

#[test]
fn the_statement_is_printed_with_what_it_does_to_brand_new_keys() {
    let done = guard(&["--days", "365"], "");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let policy = format!("{{\"Statement\": {}}}", done.stdout);
    assert_eq!(
        guard_days(&policy, KEY_ARN).unwrap(),
        Guard::Everyone(Reaching::Days(365))
    );
    assert!(
        done.stderr
            .contains("a brand-new key cannot\n  be disabled or deleted for 365 days")
    );
    assert!(!done.stderr.contains("CAVEAT"));
}

#[test]
fn a_policy_from_standard_input_comes_out_with_the_guard_and_goes_in_again() {
    let first = guard(&["--days", "90", "--policy", "-"], DEFAULT);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert_eq!(
        guard_days(&first.stdout, KEY_ARN).unwrap(),
        Guard::Everyone(Reaching::Days(90))
    );
    assert!(first.stdout.starts_with(&DEFAULT[..DEFAULT.len() - 6]));
    assert!(first.stderr.contains("added to the policy"));
    let second = guard(&["--days", "90", "--policy", "-"], &first.stdout);
    assert_eq!((second.code, &second.stdout), (0, &first.stdout));
    assert!(second.stderr.contains("in the policy already"));
    let third = guard(&["--days", "30", "--policy", "-"], &first.stdout);
    assert_eq!(third.stdout, first.stdout.replace("\"90\"", "\"30\""));
    assert!(
        third
            .stderr
            .contains("in the place of the one with its Sid")
    );
}

#[test]
fn a_policy_is_read_from_a_file() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guard-policy.json");
    fs::write(&file, DEFAULT).unwrap();
    let done = guard(&["--days", "90", "--policy", file.to_str().unwrap()], "");
    let piped = guard(&["--days", "90", "--policy", "-"], DEFAULT);
    assert_eq!((done.code, done.stdout), (0, piped.stdout));
}

#[test]
fn a_service_control_policy_comes_with_its_caveat() {
    let done = guard(&["--days", "30", "--as", "scp"], "");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("\"Version\": \"2012-10-17\""));
    assert!(!done.stdout.contains("Principal"));
    assert!(done.stderr.contains("CAVEAT: AWS documents"));
}

#[test]
fn what_cannot_be_done_is_told_and_prints_no_json() {
    let large = DEFAULT.to_owned() + &" ".repeat(32_768);
    for (arguments, input, told) in [
        (&[] as &[&str], "", "--days"),
        (&["--days", "0"], "", "0 is not in 1..=3650"),
        (&["--days", "many"], "", "invalid value"),
        (&["--days", "90", "--as", "rcp"], "", "invalid value"),
        (
            &["--days", "90", "--as", "scp", "--policy", "-"],
            "{}",
            "--as scp",
        ),
        (
            &["--days", "90", "--policy", "/no/such"],
            "",
            "cannot read /no/such",
        ),
        (&["--days", "90", "--policy", "-"], "", "-: it is not JSON"),
        (
            &["--days", "90", "--policy", "-"],
            r#"{"Statement": [{"Effect": "deny"}]}"#,
            "statement 1: Effect is neither Allow nor Deny",
        ),
        (
            &["--days", "90", "--policy", "-"],
            &large,
            "KMS takes 32768 at most",
        ),
    ] {
        let done = guard(arguments, input);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(done.stderr.contains(told), "{arguments:?}: {}", done.stderr);
    }
}
