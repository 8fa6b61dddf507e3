//! The demo's world on one night and on the next: every change is reported in the
//! files, the digest and the page.

use std::{collections::BTreeMap, sync::OnceLock};

use jiff::{SignedDuration, Timestamp};

use crate::{
    command_output::CommandOutput,
    demo_world::{demo_world, scan, scan_and_tell},
    desk::{Desk, Row},
};

const CHANGES: [(&str, &[&str]); 5] = [
    ("new", &["alias/checkout-passkeys"]),
    (
        "newly_flagged",
        &["alias/quarterly-settlement-test", "newsletter"],
    ),
    ("used_again", &["alias/warehouse-backups", "year-end-close"]),
    ("state_changed", &["alias/gift-cards-2022"]),
    ("gone", &["alias/warehouse-2017", "jenkins-2021"]),
];

/// What two nights have left.
struct Nights {
    keys: Vec<Row>,
    changes: Vec<Row>,
    changes_csv: String,
    digest: String,
    page: String,
    /// What `keycensus diff` says of the two.
    difference: CommandOutput,
}

fn nights() -> &'static Nights {
    static NIGHTS: OnceLock<Nights> = OnceLock::new();
    NIGHTS.get_or_init(|| {
        let day = SignedDuration::from_hours(24);
        #[expect(
            clippy::disallowed_methods,
            reason = "the command line follows the machine's clock, and so does this world"
        )]
        let now = Timestamp::now();
        let desk = Desk::of(demo_world().earlier(now, day));
        scan(&desk, "--clock-back 24h");
        let first_day = desk.day_of("out");
        let desk = desk.in_world(demo_world());
        let digest = scan_and_tell(&desk);
        let days = [first_day, desk.day_of("out")].map(|day| format!("out@{day}"));
        Nights {
            keys: desk.rows("out/latest/keys.csv"),
            changes: desk.rows("out/latest/changes.csv"),
            changes_csv: desk.folder.read("out/latest/changes.csv"),
            digest,
            page: desk.folder.read("out/latest/report.html"),
            difference: desk.run(&format!("diff --csv {} {}", days[0], days[1])),
        }
    })
}

/// The names of the keys with each change.
fn by_change(rows: &[Row]) -> BTreeMap<&str, Vec<&str>> {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows {
        let of_change = names.entry(&row["change"]).or_default();
        of_change.push(&row["name"]);
        of_change.sort_unstable();
    }
    names
}

#[test]
fn the_changes_have_a_row_each_and_everything_else_is_the_same() {
    let changes = by_change(&nights().changes);
    for (change, names) in CHANGES {
        assert_eq!(changes[change], names, "{change}");
    }
    assert_eq!(changes.len(), CHANGES.len());
    let keys = &nights().keys;
    let same = keys.iter().filter(|row| row["change"] == "same").count();
    assert_eq!(same, keys.len() - 6);
}

#[test]
fn the_digest_tells_every_change_by_name() {
    let digest = &nights().digest;
    let counts =
        ": 1 appeared, 2 became unused, 2 used again, 1 changed state, 2 gone, 64 as before.\n";
    assert!(digest.contains(counts), "{digest}");
    for (heading, names) in [
        ("UNUSED, NEW SINCE 20", CHANGES[1].1),
        ("USED AGAIN: 2", CHANGES[2].1),
        ("STATE CHANGED: 1", CHANGES[3].1),
        ("GONE: 2", CHANGES[4].1),
    ] {
        let (_, section) = digest.split_once(&format!("\n\n{heading}")).unwrap();
        let (section, _) = section.split_once("\n\n").unwrap();
        for name in names {
            assert!(
                section.contains(&format!("{name}, ")),
                "{name} in\n{section}"
            );
        }
        assert_eq!(section.lines().count(), names.len() + 1, "{section}");
    }
}

#[test]
fn the_page_tells_every_change_by_name() {
    let (_, section) = nights().page.split_once("<h2 id=\"changes\">").unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    assert!(
        section.contains("<dt>Same</dt><dd><strong>64</strong>"),
        "{section}"
    );
    for (change, names) in CHANGES {
        let change = change.replace('_', " ");
        let rows = section.matches(&format!(">{change}</td>")).count();
        assert_eq!(rows, names.len(), "{change}");
        for name in names {
            assert!(section.contains(&format!("<bdi>{name}</bdi>")), "{name}");
        }
    }
}

#[test]
fn the_difference_of_the_two_stored_nights_is_the_same() {
    let CommandOutput { code, stdout, .. } = &nights().difference;
    assert_eq!((*code, stdout), (5, &nights().changes_csv));
}

#[test]
fn no_clock_is_back_but_that_of_a_simulated_aws() {
    let desk = Desk::of(demo_world());
    for (endpoint, back) in [
        ("", "24h"),
        ("http://localhost:1", "yesterday"),
        ("http://localhost:1", "9999h"),
    ] {
        let line = format!("scan --out out --clock-back {back}");
        let mut command = desk.command(&line);
        match endpoint {
            "" => command.env_remove("AWS_ENDPOINT_URL"),
            _ => command.env("AWS_ENDPOINT_URL", endpoint),
        };
        let help = "give a time such as 24h, at most 100 days";
        CommandOutput::of(&mut command).failed(&format!("error: --clock-back is {back:?}: {help}"));
    }
}
