//! `keycensus scan`: exit codes, what it prints, and the files that it leaves.

use std::{fs, process::Command};

use crate::{
    command_output::CommandOutput,
    desk::{CLOSED_DOOR, Desk, STALE_KEY, USED_KEY, WORLD},
    folder::Folder,
};

#[test]
fn the_exit_code_tells_what_was_found() {
    for (more, code) in [
        (&[USED_KEY][..], 0),
        (&[STALE_KEY], 3),
        (&[USED_KEY, CLOSED_DOOR], 4),
        (&[STALE_KEY, CLOSED_DOOR], 4),
    ] {
        Desk::with(more).run("scan --out out").ended(code);
    }
}

#[test]
fn a_scan_leaves_the_same_tree_as_the_bucket_and_a_closing_table() {
    let desk = Desk::with(&[STALE_KEY]);
    let output = desk.run("scan --out out --report-bucket keycensus-reports");
    let objects = desk.aws.objects("keycensus-reports");
    let (runs, objects): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|path| path.starts_with("keycensus/runs/"));
    // The run's marker, and the lease: what is read is kept in the folder, and only until the report is written.
    assert_eq!(runs.len(), 2, "{runs:?}");
    assert!(!desk.folder.path("out/runs").exists());
    assert_eq!(objects.len(), 14);
    for path in objects {
        let stored = desk.aws.object("keycensus-reports", &path).unwrap();
        let local = desk.folder.read(&path.replacen("keycensus/", "out/", 1));
        assert_eq!(local.as_bytes(), stored, "{path}");
    }
    for line in [
        "accounts read                        1",
        "  stale                              1",
        "flagged                              1",
        "coverage complete",
    ] {
        output.printed(line);
    }
    assert_eq!(output.stderr, "");
}

#[test]
fn a_scan_to_the_same_folder_goes_on_where_the_last_one_was_cut_off() {
    let desk = Desk::with(&[STALE_KEY, USED_KEY]);
    let nothing = desk.run("scan --out out --resume");
    nothing.ended(2);
    nothing.reported("there is no scan that was cut off within the last 6 hours");
    let blocked = desk.folder.path("out/latest/summary.unfinished");
    fs::create_dir_all(&blocked).unwrap();
    desk.run("scan --out out").ended(2);
    let asked = desk.aws.calls().sent("kms:GetKeyLastUsage");
    fs::remove_dir(&blocked).unwrap();
    // With other settings it is another scan.
    desk.run("scan --out out --resume --watch-days 31").ended(2);
    let resumed = desk.run("scan --out out --resume");
    resumed.ended(3);
    resumed.printed("  kept from before                   2");
    assert_eq!(desk.aws.calls().sent("kms:GetKeyLastUsage"), asked);
    assert!(!desk.folder.path("out/runs").exists());
    // It was ended: the next scan reads everything.
    let next = desk.run("scan --out out");
    next.ended(3);
    assert_eq!(desk.aws.calls().sent("kms:GetKeyLastUsage"), 2 * asked);
}

#[test]
fn a_folder_that_takes_no_more_files_keeps_the_report_that_it_has() {
    let desk = Desk::with(&[STALE_KEY]);
    desk.run("scan --out out");
    let before = desk.folder.read("out/latest/summary.json");
    // The last file that is written cannot be.
    let blocked = desk.folder.path("out/latest/summary.unfinished");
    fs::create_dir(&blocked).unwrap();
    desk.run("scan --out out").ended(2);
    assert_eq!(desk.folder.read("out/latest/summary.json"), before);
    // It is whole.
    desk.run("report out").ended(3);
    let left = fs::read_dir(desk.folder.path("out/latest")).unwrap();
    assert_eq!(left.count(), 8, "the seven files, and what is in the way");
}

#[test]
fn a_digest_that_may_be_lost_is_in_the_closing_table() {
    let fault = "[[fault]]\noperation = \"sns:Publish\"\neffect = \"no_message_id\"\n";
    let desk = Desk::with(&[STALE_KEY, fault]);
    let output =
        desk.run("scan --out out --topic-arn arn:aws:sns:us-east-1:111111111111:keycensus");
    let doubt = "it may not have been sent, and is not sent again";
    output.ended(3).printed(doubt);
}

#[test]
fn a_scan_sends_the_digest_when_a_topic_is_given() {
    let desk = Desk::with(&[STALE_KEY]);
    let output =
        desk.run("scan --out out --topic-arn arn:aws:sns:us-east-1:111111111111:keycensus");
    assert_eq!(desk.aws.messages().len(), 1);
    output.printed("digest   flagged keys: 1");
}

#[test]
fn arguments_override_the_environment() {
    let variables = [("KEYCENSUS_STALE_AFTER_DAYS", "121")];
    let desk = Desk::with(&[STALE_KEY]);
    desk.run_with("scan --out out", &variables).ended(0);
    let overridden = "scan --out out --stale-after-days 120";
    desk.run_with(overridden, &variables).ended(3);
}

#[test]
fn usage_and_settings_that_do_not_hold_end_with_two_and_one_line_that_names_them() {
    let desk = Desk::new(WORLD);
    desk.refuses(
        r#"
        scan
            error: --out is not set: give a folder to write the report to, or --report-bucket the name of a bucket
        scan --out out --stale-after-days ninety
            error: --stale-after-days is "ninety": give a whole number of days from 1 to 3650
        scan --out out --stale-after-days -1
            error: --stale-after-days is "-1": give
        scan --out out --accounts 12345678901
            error: --accounts is "12345678901": give account IDs of 12 digits
        scan --out out --regions eu-wset-1
            error: --regions is "eu-wset-1": there is no such Region: did you mean eu-west-1?
        scan --report-bucket keycensus-nowhere
            error: --report-bucket is "keycensus-nowhere": there is no such bucket
        scan --out /proc/nowhere
            error: --out is "/proc/nowhere": 
        scan --out out --stale-days 9
            error: unexpected argument '--stale-days' found
        census
            error: unrecognized subcommand 'census'
        "#,
    );
    assert_eq!(desk.aws.calls().sent("kms:ListKeys"), 0);
}

#[test]
fn a_missing_region_ends_with_two_and_says_what_to_set() {
    let desk = Desk::new(WORLD);
    let output = desk.run_with("scan --out out", &[("AWS_REGION", "")]);
    output.failed("error: there is no AWS Region to run in: set AWS_REGION, --region or a region in the profile to one such as eu-west-1\n");
    assert_eq!(output.stderr.lines().count(), 1);
}

#[test]
fn a_report_that_cannot_be_written_ends_with_two() {
    let desk = Desk::with(&["[[refuse]]\noperation = \"s3:PutObject\"\n"]);
    let output = desk.run("scan --report-bucket keycensus-reports");
    output
        .failed("error: the report could not be written to s3://keycensus-reports/keycensus/runs/");
    output.reported("allow s3:PutObject");
}

#[test]
fn a_policy_that_denies_writing_is_found_before_anything_is_read_and_told_as_such() {
    let denied = "User: arn:aws:sts::111111111111:assumed-role/scanner/sim is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::keycensus-reports/x with an explicit deny in a resource-based policy";
    let refusal = format!(
        "[[refuse]]\noperation = \"s3:PutObject\"\ncode = \"AccessDenied\"\nstatus = 403\nmessage = \"{denied}\"\n"
    );
    let desk = Desk::with(&[&refusal]);
    let output = desk.run("scan --report-bucket keycensus-reports");
    output.ended(2);
    output.reported("; a resource-based policy denies it");
    output.reported("set --report-encryption to AES256");
    output.omitted("allow s3:PutObject");
    let log = desk.aws.log();
    assert!(!log.iter().any(|call| call.operation.starts_with("kms:")));
}

#[test]
fn verbose_tells_every_gap_on_standard_error() {
    let desk = Desk::with(&[CLOSED_DOOR]);
    let output = desk.run("scan --out out --verbose");
    output.reported("an account could not be entered: sts:AssumeRole AccessDenied");
    output.reported("222222222222");
    output.reported("census finished");
}

#[test]
fn no_whole_access_key_id_is_in_the_output_however_a_key_is_refused() {
    let id = "AKIASECRET0000000001";
    let user =
        format!("[[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nid = \"{id}\"\n");
    for gap in [
        "[[refuse]]\noperation = \"iam:GetAccessKeyLastUsed\"\n",
        "[[fault]]\noperation = \"iam:GetAccessKeyLastUsed\"\neffect = \"vanish\"\n",
    ] {
        let desk = Desk::with(&[&user, gap]);
        let output = desk.run("scan --out out --verbose");
        output.ended(4);
        let message = "an access key's last use could not be read: iam:GetAccessKeyLastUsed";
        output.reported(message);
        output.omitted(id);
        assert!(desk.folder.read("out/latest/keys.csv").contains(id));
    }
}

#[test]
fn help_names_every_setting_and_every_exit_code() {
    let output = CommandOutput::of(&mut Folder::new().keycensus("scan --help"));
    output.ended(0);
    for setting in keycensus_core::settings::SETTINGS {
        let flag = format!("--{} <{}>", setting.name.replace('_', "-"), setting.value);
        output.printed(&flag);
    }
    for line in [
        "0  nothing is flagged",
        "1  internal error",
        "2  usage, settings, or what they name",
        "3  keys are flagged",
        "4  coverage is not complete",
    ] {
        output.printed(line);
    }
}

#[test]
fn events_are_put_on_the_bus_that_is_named_and_the_table_says_how_many() {
    let desk = Desk::with(&[STALE_KEY]);
    let output = desk.run("scan --out out --event-bus default");
    assert_eq!(desk.aws.events().len(), 1);
    let message = "events   1 put on default, 0 not\n";
    output.printed(message);
}

#[test]
fn what_strangers_wrote_sends_nothing_to_the_terminal() {
    let hostile = "\"x\\nerror: \\u001B[2J\\u009B2J\\u202E\\u2028\\rdone\"";
    let refusals = |operation: &str| {
        format!("[[refuse]]\noperation = \"{operation}\"\ncode = {hostile}\nmessage = {hostile}\n")
    };
    let account = format!(
        "[[account]]\nid = \"222222222222\"\nname = {hostile}\n[[account.key]]\nregion = \"us-east-1\"\n"
    );
    let one_key = "could not be read: kms:GetKeyLastUsage x\u{FFFD}error";
    let everything = "error: cannot list the organization's accounts";
    for (operation, code, message) in [
        ("kms:GetKeyLastUsage", 4, one_key),
        ("organizations:ListAccounts", 2, everything),
    ] {
        let world = format!(
            "beyond_aws = true\n{}{WORLD}{USED_KEY}{account}",
            refusals(operation)
        );
        let output = Desk::new(&world).run("scan --out out --verbose");
        output.ended(code);
        output.reported(message);
        for line in output.stdout.split('\n').chain(output.stderr.split('\n')) {
            let is_hidden = |c: char| c.is_control() || ('\u{2028}'..='\u{202E}').contains(&c);
            assert!(!line.contains(is_hidden), "{line:?}");
            assert!(!line.starts_with("error: \u{FFFD}"), "{line:?}");
        }
    }
}

#[test]
fn bash_completes_commands_arguments_and_nothing_that_there_is_not() {
    let completed = |words: &str, typed: &str| {
        let script = format!(
            "source <(\"$0\" completions bash); COMP_WORDS=({words} {typed}); \
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _keycensus keycensus '{typed}' ''; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_keycensus")])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed("keycensus", "sc"), "scan");
    assert_eq!(completed("keycensus scan", "--stale"), "--stale-after-days");
    assert_eq!(completed("keycensus scan", "--nonsense"), "");
    assert_eq!(completed("keycensus completions", "f"), "fish");
}

#[test]
fn the_manual_is_printed_and_every_commands_page_is_written() {
    let folder = Folder::new();
    let man = |line: &str| CommandOutput::of(&mut folder.keycensus(line));
    let printed = man("man");
    printed.ended(0);
    printed.printed(".TH keycensus 1");

    let written = man("man --out man1");
    written.ended(0);
    assert_eq!(folder.read("man1/keycensus.1"), printed.stdout);
    let scan = folder.read("man1/keycensus-scan.1");
    for setting in keycensus_core::settings::SETTINGS {
        let flag = setting.name.replace('_', "\\-");
        assert!(scan.contains(&format!("\\-\\-{flag}")), "{flag}");
    }
    assert!(scan.contains("coverage is not complete (takes precedence over 3)"));

    let refused = man("man --out /proc/man1");
    refused.failed("error: /proc/man1 cannot be written to: ");
}
