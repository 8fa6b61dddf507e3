//! `keycensus doctor`: what a census needs, checked.

use crate::desk::{CLOSED_DOOR, Desk, STALE_KEY};

const EVERYTHING: &str = "doctor --report-bucket keycensus-reports --topic-arn arn:aws:sns:us-east-1:111111111111:keycensus";
const OPEN_DOORS: &str = "[[account]]\nid = \"333333333333\"\nname = \"three\"\n\
                          [[account]]\nid = \"444444444444\"\nname = \"four\"\n\
                          [[account]]\nid = \"555555555555\"\nstate = \"SUSPENDED\"\n";

#[test]
fn where_nothing_is_wrong_each_check_has_a_line_and_no_key_is_read() {
    let desk = Desk::with(&[STALE_KEY, OPEN_DOORS]);
    let output = desk.run(EVERYTHING);
    output.ended_quietly(0);
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "ok     credentials: account 111111111111, partition aws",
            "ok     organization: 3 accounts to read, 1 left out",
            "ok     bucket: s3://keycensus-reports/keycensus/runs/doctor.json was written",
            "ok     topic: arn:aws:sns:us-east-1:111111111111:keycensus",
            "ok     111111111111 management: read with the scanner's own credentials; Regions: 1; event history",
            "ok     333333333333 three: entered by KeycensusReader; Regions: 1; event history",
            "ok     444444444444 four: entered by KeycensusReader; Regions: 1; event history",
            "7 checks, nothing wrong",
        ]
    );
    let log = desk.aws.log();
    let of_keys = |call: &&keycensus_sim::LoggedCall| {
        call.operation.starts_with("kms:") || call.operation.starts_with("iam:")
    };
    assert_eq!(log.iter().filter(of_keys).count(), 0);
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let refused = "[[refuse]]\noperation = \"cloudtrail:LookupEvents\"\naccount = \"333333333333\"\n\
                   code = \"AccessDeniedException\"\n";
    let desk = Desk::with(&[CLOSED_DOOR, OPEN_DOORS, refused]);
    let output = desk
        .run("doctor --report-bucket nobodys --accounts 222222222222,333333333333,999999999999");
    output
        .ended(4)
        .printed("\nWRONG  organization: 999999999999: organizations:ListAccounts AccountNotFound; named in KEYCENSUS_ACCOUNTS, but no account of the organization\n")
        .printed("\nWRONG  bucket: --report-bucket is \"nobodys\": there is no such bucket: create it in account 111111111111, us-east-1, or name one that exists\n")
        .printed("\nWRONG  222222222222 account-222222222222: sts:AssumeRole in ")
        .printed("       account not entered: deploy the member role KeycensusReader to it, and let the role trust the scanner\n")
        .printed("\nWRONG  333333333333 three: cloudtrail:LookupEvents in ")
        .printed("       deploy the member role with RefusedUses=on, or set KEYCENSUS_REFUSED_USES=off\n")
        .printed("6 checks, 4 wrong\n");
}

#[test]
fn a_sample_of_the_accounts_can_be_tried() {
    let desk = Desk::with(&[OPEN_DOORS]);
    let output = desk.run("doctor --sample 2");
    output
        .ended_quietly(0)
        .printed("organization: 3 accounts to read, 1 left out; 2 of them are tried\n");
    assert_eq!(desk.aws.calls().sent("sts:AssumeRole"), 1);
    desk.run("doctor --sample 0")
        .failed("error: invalid value '0' for '--sample <N>'");
}
