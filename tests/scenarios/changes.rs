//! What differs between one night and the next.

use serde_json::Value;
use tests::{
    BUCKET, Row, Run, Scenario,
    parts::{IN_USE, UNUSED, key_id, keys, refusal},
    scheduled_event,
};

fn organization(head: &str, keys: &[String]) -> Scenario {
    Scenario::member(head, &keys.concat())
}

/// The keys 1, in use, and 2, unused.
fn two_keys() -> [String; 2] {
    [keys([1], IN_USE), keys([2], UNUSED)]
}

/// The organization of these two keys on a night on which keys cannot be listed.
fn denied(keys: &[String]) -> Scenario {
    let no_kms = refusal("kms:ListKeys", "account = '222222222222'");
    organization(&no_kms, keys)
}

/// The column of every row, by the last digits of the key's ID.
fn column<'a>(rows: &'a [Row], name: &str) -> Vec<(u8, &'a str)> {
    let number = |row: &Row| row["key_id"][24..].parse().unwrap();
    let cells = rows.iter().map(|row| (number(row), row[name].as_str()));
    cells.collect()
}

/// The night after one with [`two_keys`].
async fn a_night_after_two_keys(head: &str, keys: &[String]) -> Run {
    let first = organization("", &two_keys());
    first.run().await;
    first.a_night_later(&organization(head, keys)).run().await
}

#[tokio::test(start_paused = true)]
async fn a_retry_of_a_run_that_failed_halfway_is_compared_with_the_night_before_and_not_with_it() {
    let idle_for = |days: u8| {
        let first = keys([1], &format!("last_used = '{days}d'"));
        [first, keys([2], UNUSED)]
    };
    let first = organization("", &idle_for(89));
    first.run().await;
    let page = "resource = 'keycensus/latest/report.html'\ntimes = 1";
    let tonight = organization(&refusal("s3:PutObject", page), &idle_for(90));
    let tonight = first.a_night_later(&tonight);
    let event = scheduled_event("tonight");
    let failed = tonight.invoke(event.clone()).await;
    assert_eq!(failed.error().0, "ReportNotWritten");
    let rows = tonight.invoke(event).await.rows("keys.csv");
    let expected = [(1, "newly_flagged"), (2, "same")];
    assert_eq!(column(&rows, "change"), expected);
    let expected = [(1, "2026-11-22"), (2, "2026-11-21")];
    assert_eq!(column(&rows, "first_flagged_on"), expected);
}

#[tokio::test(start_paused = true)]
async fn every_change_is_in_the_keys_the_changes_the_summary_and_the_digest() {
    let first = [
        keys([1], "last_used = '89d'"),
        keys([2, 4], UNUSED),
        keys([3, 5], IN_USE),
    ];
    let second = [
        keys([1], "last_used = '90d'"),
        keys([2, 5], IN_USE),
        keys([3], &format!("{IN_USE}\nstate = 'Disabled'")),
        keys([6], UNUSED),
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
    for (row, before, now, values) in [
        (1, "previous_verdict", "verdict", ["stale", "in_use"]),
        (2, "previous_state", "state", ["Enabled", "Disabled"]),
        (3, "previous_verdict", "verdict", ["stale", ""]),
    ] {
        assert_eq!(changes[row].values([before, now]), values);
    }
    let counted = &run.summary()["changes"];
    assert_eq!(counted["compared_with"], "2026-11-21");
    assert_eq!(counted["first_census"], Value::Null);
    for change in [
        "new",
        "newly_flagged",
        "used_again",
        "state_changed",
        "gone",
    ] {
        assert_eq!(counted[change], 1, "{change}");
    }
    // The new key is flagged for the first time, too.
    assert_eq!(run.summary()["keys"]["newly_flagged"], 2);
    let digest = run.digest();
    assert_eq!(digest.attributes["newly_flagged"].1, "2");
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
    let run = a_night_after_two_keys("", &two_keys()).await;
    let keys = run.rows("keys.csv");
    let expected = [(1, ""), (2, "2026-11-21")];
    assert_eq!(column(&keys, "first_flagged_on"), expected);
    assert_eq!(run.latest("changes.csv").lines().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_used_again_and_then_not_is_flagged_anew() {
    let unused = organization("", &[keys([1], UNUSED)]);
    unused.run().await;
    let used = unused.a_night_later(&organization("", &[keys([1], IN_USE)]));
    assert_eq!(used.run().await.key(&key_id(1))["first_flagged_on"], "");
    let key = used.a_night_later(&unused).run().await.key(&key_id(1));
    let found = key.values(["change", "first_flagged_on"]);
    assert_eq!(found, ["newly_flagged", "2026-11-23"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_cell_is_denied_is_not_gone_and_is_remembered_until_it_is_listed_again() {
    let open = organization("", &two_keys());
    open.run().await;
    let denied = open.a_night_later(&denied(&two_keys()));
    let run = denied.run().await;
    assert_eq!(run.rows("keys.csv"), []);
    assert_eq!(run.rows("changes.csv"), []);
    assert_eq!(run.summary()["changes"]["unseen"], 2);
    let unseen = run.rows("unseen.csv");
    let flagged_on = [(1, ""), (2, "2026-11-21")];
    assert_eq!(column(&unseen, "first_flagged_on"), flagged_on);
    let seen_on = [(1, "2026-11-21"), (2, "2026-11-21")];
    assert_eq!(column(&unseen, "last_seen_on"), seen_on);

    let run = denied.a_night_later(&open).run().await;
    let keys = run.rows("keys.csv");
    assert_eq!(column(&keys, "change"), [(1, "same"), (2, "same")]);
    assert_eq!(column(&keys, "first_flagged_on"), flagged_on);
    assert_eq!(run.rows("unseen.csv"), []);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_deleted_while_its_cell_is_denied_is_gone_once_the_cell_is_listed() {
    let open = organization("", &two_keys());
    open.run().await;
    let denied = open.a_night_later(&denied(&[]));
    denied.run().await;
    let scenario = denied.a_night_later(&organization("", &[keys([1], IN_USE)]));
    let changes = scenario.run().await.rows("changes.csv");
    assert_eq!(column(&changes, "change"), [(2, "gone")]);
    let found = changes[0].values(["detail", "first_flagged_on"]);
    assert_eq!(found, ["not listed any more", "2026-11-21"]);
}

#[tokio::test(start_paused = true)]
async fn a_flagged_key_that_cannot_be_read_one_night_keeps_its_day() {
    let of_key = format!("key = '{}'", key_id(2));
    let refusal = refusal("kms:GetKeyLastUsage", &of_key);
    let run = a_night_after_two_keys(&refusal, &two_keys()).await;
    let key = run.key(&key_id(2));
    let found = key.values(["verdict", "change", "first_flagged_on"]);
    assert_eq!(found, ["unreadable", "same", "2026-11-21"]);
}

#[tokio::test(start_paused = true)]
async fn the_keys_of_an_account_that_left_the_organization_are_gone_and_say_so() {
    let first = organization("", &[keys([1], IN_USE)]);
    first.run().await;
    let run = first.a_night_later(&Scenario::small("", "")).run().await;
    let changes = run.rows("changes.csv");
    let why = "its account is not in the organization any more";
    assert_eq!(column(&changes, "change"), [(1, "gone")]);
    assert_eq!(column(&changes, "detail"), [(1, why)]);
}

#[tokio::test(start_paused = true)]
async fn the_first_census_says_so_and_nothing_of_changes() {
    let run = organization("", &two_keys()).run().await;
    let keys = run.rows("keys.csv");
    assert_eq!(column(&keys, "change"), [(1, ""), (2, "")]);
    assert_eq!(keys[1]["first_flagged_on"], "2026-11-21");
    assert_eq!(run.rows("changes.csv"), []);
    let changes = &run.summary()["changes"];
    assert_eq!(changes["compared_with"], Value::Null);
    assert_eq!(changes["first_census"], "there is no earlier report");
    assert_eq!(run.summary()["keys"]["newly_flagged"], 1);
    let text = run.digest().text();
    let first = "This is the first census (there is no earlier report)";
    assert!(text.contains(first), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_cannot_be_read_is_damaged_or_is_old_makes_a_first_census() {
    let unreadable = "the last report could not be read";
    let refused = refusal("s3:GetObject", "resource = 'keycensus/latest/keys.csv'");
    let run = a_night_after_two_keys(&refused, &[keys([3], UNUSED)]).await;
    assert_eq!(run.summary()["changes"]["first_census"], unreadable);
    assert_eq!(run.key(&key_id(3))["change"], "");
    assert_eq!(run.rows("changes.csv"), []);
    let old = "scan_date,account_id,key_id\n2026-11-21,222222222222,x\n";
    for (text, why) in [
        ("\u{feff}nothing", unreadable),
        (old, "the last report is of an earlier version"),
    ] {
        let scenario = organization("", &[keys([1], UNUSED)]);
        let summary = "{\"run_id\": \"run-0\", \"scanned_at\": \"2026-11-20T02:00:00Z\"}";
        for (file, text) in [("keys.csv", text), ("summary.json", summary)] {
            let path = format!("keycensus/latest/{file}");
            scenario.aws.put_object(BUCKET, &path, text.as_bytes());
        }
        let run = scenario.run().await;
        assert_eq!(run.summary()["changes"]["first_census"], why);
        assert_eq!(run.rows("changes.csv"), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_digest_of_changes_is_sent_only_where_something_differs() {
    let found = |run: Run| {
        let reason = run.summary()["digest"]["reason"].to_string();
        (run.aws.messages().len(), reason)
    };
    let expected = |sent: usize, reason: &str| (sent, format!("{reason:?}"));
    let first = organization("", &[keys([1], UNUSED)]).with("KEYCENSUS_DIGEST", "changes");
    let why = "the first census: there is no earlier report";
    assert_eq!(found(first.run().await), expected(1, why));
    let same = first.a_night_later(&first);
    let why = "nothing differs from the last run, and coverage is complete";
    assert_eq!(found(same.run().await), expected(0, why));
    let without_keys = same.a_night_later(&organization("", &[]));
    let why = "keys that are gone: 1";
    assert_eq!(found(without_keys.run().await), expected(1, why));
}
