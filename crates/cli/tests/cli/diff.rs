//! `keycensus diff`: what differs between two stored reports.

use std::{fs, path::Path};

use keycensus_sim::World;

use crate::{
    command_output::CommandOutput,
    desk::{CLOSED_DOOR, Desk, USED_KEY, WORLD},
    folder::Folder,
};

/// A key of the world by its ID, with more of TOML.
fn key(id: &str, more: &str) -> String {
    format!(
        "[[account.key]]\nregion = \"us-east-1\"\nid = \"{id}\"\naliases = [\"alias/{id}\"]\n{more}\n"
    )
}

fn world(keys: &[(&str, &str)]) -> String {
    let keys: String = keys.iter().map(|(id, more)| key(id, more)).collect();
    WORLD.to_owned() + &keys
}

/// A desk with the reports of two nights: of the first in `a`, of both in `b`.
fn two_nights(first: &str, second: &str) -> Desk {
    let desk = Desk::new(first);
    let scan = "scan --out b";
    desk.run(scan);
    copy(&desk.folder.path("b"), &desk.folder.path("a"));
    let desk = desk.in_world(World::parse(second).unwrap());
    desk.run(scan);
    desk
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// One key of each change, and one that stays as it is.
fn every_change() -> Desk {
    let first = [
        ("same", "last_used = \"1h\""),
        ("idle", "last_used = \"89d 12h\""),
        ("again", "last_used = \"120d 12h\""),
        ("state", "last_used = \"1h\""),
        ("gone", "last_used = \"1h\"\ntags = { owner = \"ops\" }"),
    ];
    let second = [
        ("same", "last_used = \"1h\""),
        ("idle", "last_used = \"90d 12h\""),
        ("again", "last_used = \"1h\""),
        ("state", "last_used = \"1h\"\nstate = \"Disabled\""),
        ("new", "last_used = \"200d 12h\""),
    ];
    two_nights(&world(&first), &world(&second))
}

#[test]
fn what_differs_has_a_line_each_and_the_exit_code_says_that_something_does() {
    let desk = every_change();
    let output = desk.run("diff a b");
    output.ended(5);
    let (first, table) = output.stdout.split_once("\n\n").unwrap();
    assert!(
        first.starts_with("From 20")
            && first
                .ends_with(": 1 new, 1 newly flagged, 1 used again, 1 with another state, 1 gone."),
        "{first}"
    );
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let row =
        |change: &str, rest: &str| format!("{change} 111111111111 management us-east-1 {rest}");
    assert_eq!(
        lines,
        [
            "CHANGE ACCOUNT REGION KEY OWNER BEFORE NOW".to_owned(),
            row("new", "alias/new stale, Enabled"),
            row("newly flagged", "alias/idle in use, Enabled stale, Enabled"),
            row("used again", "alias/again stale, Enabled in use, Enabled"),
            row(
                "state changed",
                "alias/state in use, Enabled in use, Disabled"
            ),
            row("gone", "alias/gone ops in use, Enabled not listed any more"),
        ]
    );
}

#[test]
fn as_csv_it_is_what_the_nightly_run_wrote() {
    let desk = every_change();
    let output = desk.run("diff --csv a b");
    output.ended(5);
    assert_eq!(output.stdout, desk.folder.read("b/latest/changes.csv"));
    assert_eq!(output.stdout.lines().count(), 6);
}

#[test]
fn the_later_report_is_not_taken_for_the_earlier_one() {
    let desk = every_change();
    // The two runs may have begun in the same second.
    let summary = desk.folder.read("a/latest/summary.json");
    let mut begun = summary.split('"').skip_while(|word| *word != "scanned_at");
    let begun = begun.nth(2).unwrap();
    let earlier = format!("{}00:00:00Z", &begun[..11]);
    desk.folder
        .write("a/latest/summary.json", &summary.replace(begun, &earlier));
    let output = desk.run("diff b a");
    output.failed("error: A is of 20");
    let message = format!(" and B, of {earlier}, is earlier: name the earlier report first\n");
    assert!(output.stderr.ends_with(&message), "{output:?}");
    desk.run("diff a b").ended(5);
}

#[test]
fn where_nothing_differs_that_is_said_and_the_exit_code_is_zero() {
    let world = WORLD.to_owned() + USED_KEY;
    let desk = two_nights(&world, &world);
    let output = desk.run("diff a b");
    output.ended(0).printed(": nothing differs.\n");
    assert_eq!(output.stdout.lines().count(), 1);
    let csv = desk.run("diff --csv a b");
    assert_eq!((csv.code, csv.stdout.lines().count()), (0, 1));
}

#[test]
fn keys_that_could_not_be_looked_for_are_neither_gone_nor_passed_over() {
    let open = format!(
        "[[account]]\nid = \"222222222222\"\nname = \"two\"\n{}",
        key("far", "last_used = \"1h\"")
    );
    let desk = two_nights(
        &(WORLD.to_owned() + USED_KEY + &open),
        &(WORLD.to_owned() + USED_KEY + CLOSED_DOOR),
    );
    let output = desk.run("diff a b");
    output.ended(4);
    output.printed(": nothing that could be seen differs; 1 key could not be looked for.\n");
    let unseen = output
        .stdout
        .lines()
        .find(|line| line.starts_with("not seen "))
        .unwrap();
    assert!(
        unseen.contains("222222222222 two") && unseen.contains("alias/far"),
        "{unseen}"
    );
    assert!(unseen.contains("last seen on 20"), "{unseen}");
}

#[test]
fn a_bucket_is_compared_with_a_folder() {
    let desk = Desk::with(&[USED_KEY]);
    desk.run("scan --out a --report-bucket keycensus-reports");
    desk.run("diff a s3://keycensus-reports/keycensus").ended(0);
}

#[test]
fn what_cannot_be_compared_ends_with_two_and_one_line_that_names_it() {
    let desk = every_change();
    let changes = desk
        .folder
        .read("a/latest/summary.json")
        .replace("\"schema\": 1", "\"schema\": 9");
    desk.folder.write("a/latest/summary.json", &changes);
    let newer = "error: a/latest/summary.json: schema is 9: this version of Keycensus reads 1\n";
    desk.run("diff a b").failed(newer);
    let missing = "error: the following required arguments were not provided:\n  <B>";
    desk.run("diff b").failed(missing);
    desk.refuses(
        r#"
        diff b c
            error: there is no c/latest/keys.csv: name a folder
        diff b b@1999-12-31
            error: there is no b/keys/date=1999-12-31/keys.csv: name a folder
        diff b s3://
            error: invalid value 's3://' for '<B>': name the bucket and the prefix
        "#,
    );
}

#[test]
fn nothing_is_printed_of_a_report_that_turns_out_to_be_cut() {
    let desk = every_change();
    let named = desk.folder.read("b/latest/summary.json");
    // As of a version that named no files: only their numbers tell.
    let unnamed = named.replace("\"files\": {", "\"no_files\": {");
    assert_ne!(unnamed, named);
    desk.folder.write("b/latest/summary.json", &unnamed);
    for csv in ["", "--csv "] {
        desk.run(&format!("diff {csv}a b")).ended(5);
    }
    let keys = desk.folder.read("b/latest/keys.csv");
    let (cut, _) = keys.trim_end().rsplit_once('\n').unwrap();
    desk.folder.write("b/latest/keys.csv", &format!("{cut}\n"));
    for csv in ["", "--csv "] {
        let output = desk.run(&format!("diff {csv}a b"));
        output.failed("error: b/latest/summary.json: keys.by_kind.kms_key is 5, but the other files come to 4");
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn help_names_every_exit_code_and_how_reports_are_named() {
    let folder = Folder::new();
    for (command, codes) in [("report", "01234"), ("diff", "01245"), ("plan", "")] {
        let output = CommandOutput::of(&mut folder.keycensus(&format!("{command} --help")));
        output.ended(0);
        for code in codes.chars() {
            output.printed(&format!("\n  {code}  "));
        }
        for place in ["census@2026-11-20", "s3://my-bucket/keycensus"] {
            output.printed(place);
        }
    }
}
