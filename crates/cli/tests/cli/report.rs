//! `keycensus report`: a stored report as people read it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::desk::{CLOSED_DOOR, Desk, STALE_KEY, USED_KEY, WORLD};

const TO_THE_BUCKET: &str = "scan --report-bucket keycensus-reports";

/// A desk on which a scan has left its report in `census`.
fn scanned(more: &[&str]) -> Desk {
    let desk = Desk::with(more);
    desk.run("scan --out census").ended(3);
    desk
}

#[test]
fn a_stored_report_has_the_digest_the_page_and_the_exit_code_of_the_run() {
    let topic = "arn:aws:sns:us-east-1:111111111111:keycensus";
    for more in [&[USED_KEY][..], &[STALE_KEY], &[STALE_KEY, CLOSED_DOOR]] {
        let desk = Desk::with(more);
        let line = format!("scan --out census --topic-arn {topic} --digest always");
        let scanned = desk.run(&line);
        let output = desk.run("report census");
        let digest = desk.aws.messages()[0].text();
        let (_, digest) = digest.split_once("\n\n").unwrap();
        assert!(
            output.stdout.starts_with(digest),
            "{digest}\n{}",
            output.stdout
        );
        assert_eq!(
            desk.folder.read("report.html"),
            desk.folder.read("census/latest/report.html")
        );
        output.ended(scanned.code);
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn the_page_is_opened_in_the_browser_where_there_is_one() {
    let desk = scanned(&[STALE_KEY]);
    let browser = "#!/bin/sh\nprintf %s \"$1\" > opened.new && mv opened.new opened\n";
    fs::create_dir(desk.folder.path("bin")).unwrap();
    desk.folder.write("bin/xdg-open", browser);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(desk.folder.path("bin/xdg-open"), executable).unwrap();
    let path = format!("{}:/usr/bin:/bin", desk.folder.path("bin").display());
    let variables = [("PATH", path.as_str())];
    let output = desk.run_with("report census --html page.html --open", &variables);
    output.ended(3).printed("\nThe page is in page.html\n");
    // The browser goes on by itself.
    while !desk.folder.path("opened").exists() {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(desk.folder.read("opened"), "page.html");

    let nothing = [("PATH", "/nowhere")];
    let output = desk.run_with("report census --html page.html --open", &nothing);
    output
        .ended(2)
        .reported("error: --open: no browser could be started (");
}

#[test]
fn every_flagged_key_has_a_line_longest_idle_first() {
    let more = format!(
        "{STALE_KEY}{USED_KEY}\
         [[account.key]]\nregion = \"us-east-1\"\naliases = [\"alias/b\", \"alias/a\"]\n\
         last_used = \"200d 12h\"\ntags = {{ owner = \"ops\" }}\n\
         [[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nid = \"AKIASECRET0000000001\"\n\
         last_used = \"150d 12h\"\n"
    );
    let desk = scanned(&[&more]);
    let output = desk.run("report census").stdout;
    let (_, table) = output
        .split_once("FLAGGED KEYS: 3, longest idle first\n")
        .unwrap();
    let (table, page) = table.split_once("\n\n").unwrap();
    let cells = |line: &str| {
        let cells = line.split("  ").map(str::trim);
        let cells: Vec<_> = cells.filter(|cell| !cell.is_empty()).collect();
        cells.join(" | ")
    };
    let unnamed = &desk.aws.world().accounts[0].keys[0].id;
    let expected = format!(
        "DAYS IDLE | ACCOUNT | REGION | KEY | OWNER | WHAT TO DO | USD A MONTH
200 | 111111111111 management | us-east-1 | alias/a, alias/b | ops | disable and watch | 1.00
150 | 111111111111 management | global | bot …0001 | deactivate | 0.00
120 | 111111111111 management | us-east-1 | {unnamed} | disable and watch | 1.00"
    );
    let lines: Vec<_> = table.lines().map(cells).collect();
    assert_eq!(lines.join("\n"), expected);
    assert_eq!(page, "The page is in report.html\n");
}

#[test]
fn a_report_in_a_bucket_is_told_alike_and_nothing_but_its_files_is_asked_for() {
    let desk = Desk::with(&[STALE_KEY]);
    desk.run(&format!("{TO_THE_BUCKET} --out census"));
    let before = desk.aws.log().len();
    let output = desk.run("report s3://keycensus-reports/keycensus");
    output.ended(3);
    assert_eq!(output.stdout, desk.run("report census").stdout);
    let log = desk.aws.log();
    let asked: Vec<_> = log[before..]
        .iter()
        .map(|call| call.operation.as_str())
        .collect();
    assert_eq!(asked, ["s3:GetObject"; 6]);
}

#[test]
fn the_report_of_a_day_is_told_when_a_day_is_named() {
    let desk = scanned(&[STALE_KEY]);
    let latest = desk.run("report census").stdout;
    let day = desk.day_of("census");
    fs::remove_dir_all(desk.folder.path("census/latest")).unwrap();
    let output = desk.run(&format!("report census@{day}"));
    assert_eq!(output.stdout, latest, "{}", output.stderr);
}

#[test]
fn the_page_is_written_where_it_is_wanted() {
    let desk = scanned(&[STALE_KEY]);
    let output = desk.run("report census --html page.htm");
    assert!(
        output.stdout.ends_with("\nThe page is in page.htm\n"),
        "{}",
        output.stdout
    );
    assert_eq!(
        desk.folder.read("page.htm"),
        desk.folder.read("census/latest/report.html")
    );
    assert!(!desk.folder.path("report.html").exists());
}

#[test]
fn what_cannot_be_told_ends_with_two_and_one_line_that_names_it() {
    let desk = scanned(&[STALE_KEY]);
    desk.run(TO_THE_BUCKET);
    let cut = desk
        .folder
        .read("census/latest/keys.csv")
        .replace(",stale,", ",bored,");
    fs::create_dir_all(desk.folder.path("damaged/latest")).unwrap();
    for file in [
        "keys.csv",
        "coverage.csv",
        "changes.csv",
        "unseen.csv",
        "summary.json",
    ] {
        let path = format!("latest/{file}");
        desk.folder.write(
            &format!("damaged/{path}"),
            &desk.folder.read(&format!("census/{path}")),
        );
    }
    desk.folder.write("damaged/latest/keys.csv", &cut);
    desk.refuses(
        r#"
        report nowhere
            error: there is no nowhere/latest/keys.csv: name a folder that keycensus scan --out has written to
        report census@1999-12-31
            error: there is no census/keys/date=1999-12-31/keys.csv: name a folder
        report census/latest/keys.csv
            error: census/latest/keys.csv could not be read: it is a file: name the folder that keycensus scan --out has written to
        report damaged
            error: damaged/latest/keys.csv: it is not the file that summary.json names by its SHA-256, that of run "cli-
        report s3://keycensus-reports/elsewhere
            error: there is no s3://keycensus-reports/elsewhere/latest/keys.csv: name a bucket and prefix that a census has written to
        report s3://keycensus-nowhere/keycensus
            error: s3://keycensus-nowhere/keycensus/latest/keys.csv could not be read: there is no such bucket
        report s3://keycensus-reports
            error: invalid value 's3://keycensus-reports' for '<REPORT>': name the bucket and the prefix of the reports in it: s3://bucket/prefix
        report census@2026-13-01
            error: invalid value 'census@2026-13-01' for '<REPORT>': after the @, name the day of a report
        report census --html no/such/folder.html
            error: --html is "no/such/folder.html": No such file or directory (os error 2): name a file that can be written
        report census --html .
            error: --html is ".": Is a directory
        report
            error: the following required arguments were not provided:
        report census census
            error: unexpected argument 'census' found
        report census --out x
            error: unexpected argument '--out' found
        report ''
            error: invalid value '' for '<REPORT>': name a folder
        "#,
    );
    assert!(!desk.folder.path("report.html").exists());
}

#[test]
fn a_bucket_that_may_not_be_read_is_told_with_what_to_allow() {
    let desk = Desk::with(&["[[refuse]]\noperation = \"s3:GetObject\"\n"]);
    let line = "report s3://keycensus-reports/keycensus";
    let output = desk.run(line);
    output.ended(2);
    let remedy = "; s3:GetObject and s3:ListBucket must be allowed on the bucket\n";
    output
        .reported("keys.csv could not be read: s3:GetObject in us-east-1 failed with AccessDenied");
    assert!(output.stderr.ends_with(remedy), "{}", output.stderr);
    for (variable, message) in [
        (
            "AWS_ACCESS_KEY_ID",
            "could not be read: there are no AWS credentials: ",
        ),
        (
            "AWS_REGION",
            "error: there is no AWS Region to run in: set AWS_REGION",
        ),
    ] {
        let output = desk.run_with(line, &[(variable, "")]);
        output.ended(2);
        output.reported(message);
    }
}

#[test]
fn names_of_strangers_do_nothing_to_the_terminal() {
    let world = WORLD.replace("management", "\\u001b[2J\\u202e\\u0007cod")
        + "[[account.key]]\nregion = \"us-east-1\"\nlast_used = \"120d 12h\"\n\
           tags = { owner = \"\\u001b]0;owned\\u0007\" }\n";
    let desk = Desk::new(&world);
    desk.run("scan --out census").ended(3);
    let text = desk.folder.read("census/latest/summary.json");
    let run_id = text
        .split('"')
        .skip_while(|word| *word != "run_id")
        .nth(2)
        .unwrap();
    let hostile = text.replace(run_id, "\\u001b[31mred");
    desk.folder.write("census/latest/summary.json", &hostile);
    let output = desk.run("report census");
    output.ended(3);
    output.printed("\u{FFFD}[31mred");
    output.printed("\u{FFFD}]0;owned");
    let does_something = |c: char| c.is_control() && c != '\n' || c == '\u{202E}';
    assert!(
        !output.stdout.contains(does_something),
        "{:?}",
        output.stdout
    );
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let desk = scanned(&[STALE_KEY]);
    let mut command: Command = desk.command("report census");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}
