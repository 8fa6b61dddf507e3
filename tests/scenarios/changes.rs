//! What differs between one night and the next.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::{BUCKET, Run, Scenario, scheduled_event};

const MEMBER: &str = "222222222222";

/// A key of the account [`MEMBER`] in us-east-1; its ID ends with `n`.
fn key(n: u8, more: &str) -> String {
    format!(
        "[[account.key]]\nregion = \"us-east-1\"\nid = \"{}\"\n{more}\n",
        id(n)
    )
}

fn id(n: u8) -> String {
    format!("22220000-0000-4000-8000-{n:012}")
}

fn organization(head: &str, keys: &[String]) -> Scenario {
    let member = format!("[[account]]\nid = \"{MEMBER}\"\nname = \"data\"\n");
    Scenario::small(head, &(member + &keys.concat()))
}

const IN_USE: &str = "last_used = \"10d\"";
const STALE: &str = "last_used = \"120d\"";
const NO_KMS: &str = "[[refuse]]\naccount = \"222222222222\"\noperation = \"kms:ListKeys\"";

/// The column of every row, by the last digits of the key's ID.
fn column<'a>(rows: &'a [BTreeMap<String, String>], name: &str) -> Vec<(u8, &'a str)> {
    let number = |row: &BTreeMap<String, String>| row["key_id"][24..].parse().unwrap();
    rows.iter()
        .map(|row| (number(row), row[name].as_str()))
        .collect()
}

/// The night after one with the keys 1, in use, and 2, unused.
async fn a_night_after_two_keys(head: &str, keys: &[String]) -> Run {
    let first = organization("", &[key(1, IN_USE), key(2, STALE)]);
    first.run().await;
    first.a_night_later(&organization(head, keys)).run().await
}

#[tokio::test(start_paused = true)]
async fn a_retry_of_a_run_that_failed_halfway_is_compared_with_the_night_before_and_not_with_it() {
    let first = organization("", &[key(1, "last_used = \"89d\""), key(2, STALE)]);
    first.run().await;
    let refused = "[[refuse]]\noperation = \"s3:PutObject\"\nresource = \"keycensus/latest/report.html\"\ntimes = 1";
    let tonight = organization(refused, &[key(1, "last_used = \"90d\""), key(2, STALE)]);
    let tonight = first.a_night_later(&tonight);
    let event = scheduled_event("tonight");
    let failed = tonight.sharing().invoke(event.clone()).await;
    assert_eq!(failed.error().0, "ReportNotWritten");
    let run = tonight.sharing().invoke(event).await;
    assert_eq!(
        column(&run.rows("keys.csv"), "change"),
        [(1, "newly_flagged"), (2, "same")]
    );
    assert_eq!(
        column(&run.rows("keys.csv"), "first_flagged_on"),
        [(1, "2026-11-22"), (2, "2026-11-21")]
    );
}

#[tokio::test(start_paused = true)]
async fn every_change_is_told_in_the_keys_the_changes_the_summary_and_the_digest() {
    let first = [
        key(1, "last_used = \"89d\""),
        key(2, STALE),
        key(3, IN_USE),
        key(4, STALE),
        key(5, IN_USE),
    ];
    let second = [
        key(1, "last_used = \"90d\""),
        key(2, IN_USE),
        key(3, "last_used = \"10d\"\nstate = \"Disabled\""),
        key(5, IN_USE),
        key(6, STALE),
    ];
    let first = organization("", &first);
    first.run().await;
    let run = first.a_night_later(&organization("", &second)).run().await;
    assert_eq!(
        column(&run.rows("keys.csv"), "change"),
        [
            (1, "newly_flagged"),
            (2, "used_again"),
            (3, "state_changed"),
            (5, "same"),
            (6, "new"),
        ]
    );
    let changes = run.rows("changes.csv");
    assert_eq!(
        column(&changes, "change"),
        [
            (1, "newly_flagged"),
            (2, "used_again"),
            (3, "state_changed"),
            (4, "gone"),
            (6, "new"),
        ]
    );
    let before_and_now = |n: usize, what: &str| {
        let row = &changes[n];
        (row[&format!("previous_{what}")].clone(), row[what].clone())
    };
    let pair = |before: &str, now: &str| (before.to_owned(), now.to_owned());
    assert_eq!(before_and_now(1, "verdict"), pair("stale", "in_use"));
    assert_eq!(before_and_now(2, "state"), pair("Enabled", "Disabled"));
    assert_eq!(before_and_now(3, "verdict"), pair("stale", ""));
    let told = &run.summary()["changes"];
    assert_eq!(told["compared_with"], "2026-11-21");
    assert_eq!(told["first_census"], Value::Null);
    for change in [
        "new",
        "newly_flagged",
        "used_again",
        "state_changed",
        "gone",
    ] {
        assert_eq!(told[change], 1, "{change}");
    }
    // The new key is flagged for the first time, too.
    assert_eq!(run.summary()["keys"]["newly_flagged"], 2);
    let digest = run.digest();
    assert_eq!(
        digest.attributes["newly_flagged"],
        ("Number".to_owned(), "2".to_owned())
    );
    for heading in [
        "UNUSED, NEW SINCE 2026-11-21: 2",
        "USED AGAIN: 1",
        "GONE: 1",
    ] {
        assert!(digest.text().contains(heading), "{}", digest.text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_flagged_key_keeps_the_day_on_which_it_was_first_flagged() {
    let run = a_night_after_two_keys("", &[key(1, IN_USE), key(2, STALE)]).await;
    assert_eq!(
        column(&run.rows("keys.csv"), "first_flagged_on"),
        [(1, ""), (2, "2026-11-21")]
    );
    assert_eq!(run.latest("changes.csv").lines().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_used_again_and_then_not_is_flagged_anew() {
    let stale = organization("", &[key(1, STALE)]);
    stale.run().await;
    let used = stale.a_night_later(&organization("", &[key(1, IN_USE)]));
    assert_eq!(used.run().await.key(&id(1))["first_flagged_on"], "");
    let run = used.a_night_later(&stale).run().await;
    let key = run.key(&id(1));
    assert_eq!(
        (&*key["change"], &*key["first_flagged_on"]),
        ("newly_flagged", "2026-11-23")
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_cell_is_denied_is_not_gone_and_is_remembered_until_it_is_listed_again() {
    let open = organization("", &[key(1, IN_USE), key(2, STALE)]);
    open.run().await;
    let denied = open.a_night_later(&organization(NO_KMS, &[key(1, IN_USE), key(2, STALE)]));
    let run = denied.run().await;
    assert_eq!(run.rows("keys.csv"), []);
    assert_eq!(run.rows("changes.csv"), []);
    assert_eq!(run.summary()["changes"]["unseen"], 2);
    let unseen = run.rows("unseen.csv");
    assert_eq!(
        column(&unseen, "first_flagged_on"),
        [(1, ""), (2, "2026-11-21")]
    );
    assert_eq!(
        column(&unseen, "last_seen_on"),
        [(1, "2026-11-21"), (2, "2026-11-21")]
    );

    let run = denied.a_night_later(&open).run().await;
    let keys = run.rows("keys.csv");
    assert_eq!(column(&keys, "change"), [(1, "same"), (2, "same")]);
    assert_eq!(run.key(&id(2))["first_flagged_on"], "2026-11-21");
    assert_eq!(run.rows("unseen.csv"), []);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_deleted_while_its_cell_is_denied_is_gone_once_the_cell_is_listed() {
    let open = organization("", &[key(1, IN_USE), key(2, STALE)]);
    open.run().await;
    let denied = open.a_night_later(&organization(NO_KMS, &[]));
    denied.run().await;
    let run = denied.a_night_later(&organization("", &[key(1, IN_USE)]));
    let changes = run.run().await.rows("changes.csv");
    assert_eq!(column(&changes, "change"), [(2, "gone")]);
    assert_eq!(changes[0]["detail"], "not listed any more");
    assert_eq!(changes[0]["first_flagged_on"], "2026-11-21");
}

#[tokio::test(start_paused = true)]
async fn a_flagged_key_that_cannot_be_read_one_night_keeps_its_day() {
    let refusal = format!(
        "[[refuse]]\noperation = \"kms:GetKeyLastUsage\"\nkey = \"{}\"",
        id(2)
    );
    let run = a_night_after_two_keys(&refusal, &[key(1, IN_USE), key(2, STALE)]).await;
    let key = run.key(&id(2));
    assert_eq!(
        (&*key["verdict"], &*key["change"], &*key["first_flagged_on"]),
        ("unreadable", "same", "2026-11-21")
    );
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_an_account_that_left_the_organization_are_gone_and_say_so() {
    let first = organization("", &[key(1, IN_USE)]);
    first.run().await;
    let run = first.a_night_later(&Scenario::small("", "")).run().await;
    let changes = run.rows("changes.csv");
    assert_eq!(column(&changes, "change"), [(1, "gone")]);
    assert_eq!(
        changes[0]["detail"],
        "its account is not in the organization any more"
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_census_says_so_and_nothing_of_changes() {
    let run = organization("", &[key(1, IN_USE), key(2, STALE)])
        .run()
        .await;
    assert_eq!(column(&run.rows("keys.csv"), "change"), [(1, ""), (2, "")]);
    assert_eq!(run.key(&id(2))["first_flagged_on"], "2026-11-21");
    assert_eq!(run.rows("changes.csv"), []);
    let changes = &run.summary()["changes"];
    assert_eq!(changes["compared_with"], Value::Null);
    assert_eq!(changes["first_census"], "there is no earlier report");
    assert_eq!(run.summary()["keys"]["newly_flagged"], 1);
    let told = "This is the first census (there is no earlier report)";
    assert!(
        run.digest().text().contains(told),
        "{}",
        run.digest().text()
    );
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_cannot_be_read_makes_a_first_census() {
    let refused =
        "[[refuse]]\noperation = \"s3:GetObject\"\nresource = \"keycensus/latest/keys.csv\"";
    let run = a_night_after_two_keys(refused, &[key(3, STALE)]).await;
    let unreadable = "the last report could not be read";
    assert_eq!(run.summary()["changes"]["first_census"], unreadable);
    assert_eq!(run.key(&id(3))["change"], "");
    assert_eq!(run.rows("changes.csv"), []);
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_is_damaged_or_of_an_earlier_version_makes_a_first_census() {
    for (text, why) in [
        ("\u{feff}nothing", "the last report could not be read"),
        (
            "scan_date,account_id,key_id\n2026-11-21,222222222222,x\n",
            "the last report is of an earlier version",
        ),
    ] {
        let scenario = organization("", &[key(1, STALE)]);
        scenario
            .aws
            .put_object(BUCKET, "keycensus/latest/keys.csv", text.as_bytes());
        let summary = "{\"run_id\": \"run-0\", \"scanned_at\": \"2026-11-20T02:00:00Z\"}";
        let path = "keycensus/latest/summary.json";
        scenario.aws.put_object(BUCKET, path, summary.as_bytes());
        let run = scenario.run().await;
        assert_eq!(run.summary()["changes"]["first_census"], why);
        assert_eq!(run.rows("changes.csv"), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_digest_of_changes_is_sent_only_where_something_differs() {
    let with = |scenario: Scenario| scenario.with("KEYCENSUS_DIGEST", "changes");
    let first = with(organization("", &[key(1, STALE)]));
    let run = first.run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(
        run.summary()["digest"]["reason"],
        "the first census: there is no earlier report"
    );
    let same = first.a_night_later(&first);
    let run = same.run().await;
    assert_eq!(run.aws.messages(), []);
    assert_eq!(
        run.summary()["digest"]["reason"],
        "nothing differs from the last run, and coverage is complete"
    );
    let run = same.a_night_later(&organization("", &[])).run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(run.summary()["digest"]["reason"], "keys that are gone: 1");
}
