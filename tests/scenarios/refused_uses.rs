//! Refused uses of keys that are disabled or pending deletion, by CloudTrail's event history.

use tests::{
    Run, Scenario,
    parts::{MEMBER, key, key_id, refusal},
};

const LOOKUP: &str = "cloudtrail:LookupEvents";
const ANNA: &str = "arn:aws:iam::222222222222:user/anna";
const NIGHTLY: &str = "arn:aws:sts::222222222222:assumed-role/nightly/job";

/// A request for the first key that KMS refused for its state.
fn attempt(time: &str, rest: &str) -> String {
    event(time, &format!("error_code = 'DisabledException'\n{rest}"))
}

/// An event about the first key.
fn event(time: &str, rest: &str) -> String {
    let key = key_id(1);
    format!(
        "[[account.trail_event]]\nregion = 'us-east-1'\nkey = '{key}'\ntime = '{time}'\n{rest}\n"
    )
}

/// An unused key that is disabled.
fn disabled() -> String {
    key(&key_id(1), "state = 'Disabled'\nlast_used = '120d'")
}

fn world(head: &str, member: &str) -> Scenario {
    Scenario::member(head, &format!("name = 'payments'\n{member}"))
}

/// What the row of the first key has of refused uses, and what is recommended.
fn found(run: &Run) -> [String; 5] {
    run.key(&key_id(1))
        .values([
            "refused_uses",
            "refused_last_at",
            "refused_last_by",
            "recommendation",
            "change",
        ])
        .map(str::to_owned)
}

/// The keys that events were looked up by, in the order of the requests.
fn looked_up(run: &Run) -> Vec<String> {
    let log = run.aws.log().into_iter();
    let of_member = log.filter(|call| call.operation == LOOKUP && call.account == MEMBER);
    let arns = of_member.map(|call| call.resource);
    arns.map(|arn| arn.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_disabled_key_that_somebody_was_refused_is_to_be_enabled_again() {
    let events = attempt("2d", &format!("caller = '{ANNA}'"))
        + &attempt(
            "1d",
            &format!("caller = '{NIGHTLY}'\nname = 'GenerateDataKey'"),
        )
        + &attempt("3h", "names_key = false")
        + &event("3h", "error_code = 'AccessDenied'")
        + &event(
            "3h",
            "name = 'GetKeyPolicy'\nerror_code = 'DisabledException'",
        )
        + &event("40d", "name = 'DisableKey'")
        + &event("50d", "name = 'EnableKey'")
        + &attempt("60d", "");
    let run = world("", &(disabled() + &events)).run().await;
    assert_eq!(
        found(&run),
        ["2", "2026-11-20T02:00:00Z", NIGHTLY, "enable_again", ""]
    );
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn nothing_found_is_zero_and_not_looked_for_is_empty() {
    let member = disabled() + &key(&key_id(2), "last_used = '120d'");
    let run = world("", &member).run().await;
    assert_eq!(found(&run), ["0", "", "", "disable_and_watch", ""]);
    assert_eq!(run.key(&key_id(2))["refused_uses"], "");
    assert_eq!(looked_up(&run), [key_id(1)]);
    let off = world("", &member).with("KEYCENSUS_REFUSED_USES", "off");
    let run = off.run().await;
    assert_eq!(found(&run)[0], "");
    assert_eq!(run.sent(LOOKUP), 0);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_counted_once_over_nights_also_one_that_is_delivered_late() {
    let at = |time: &str, rest: &str| attempt(&format!("2026-11-{time}:00Z"), rest);
    let events = at("20T05:00", "")
        + &at("21T00:59", "")
        + &at("21T01:00", "")
        // After both nights' counts, at the next.
        + &at("21T01:30", "delivered = '2026-11-21T02:20:00Z'")
        + &at("21T01:59", "")
        + &at("22T00:30", "delivered = '2026-11-22T01:10:00Z'");
    let events = events + &at("22T01:50", &format!("caller = '{ANNA}'"));
    let member = disabled() + &events;
    for read in ["all", "due"] {
        let first = world("", &member).with("KEYCENSUS_READ", read);
        let run = first.run().await;
        assert_eq!(found(&run)[..2], ["3", "2026-11-21T01:59:00Z"]);
        let second = first.a_night_later(&first);
        let run = second.run().await;
        assert_eq!(found(&run)[..3], ["6", "2026-11-22T01:50:00Z", ANNA]);
        assert_eq!(found(&run)[4], "same");
        let third = second.a_night_later(&first);
        let run = third.run().await;
        assert_eq!(found(&run)[..3], ["7", "2026-11-22T01:50:00Z", ANNA]);
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_needed_again_on_the_night_on_which_that_begins() {
    let bus = "[[event_bus]]\nname = 'audit'";
    let world = |member: &str| world(bus, member).with("KEYCENSUS_EVENT_BUS", "audit");
    let first = world(&disabled());
    let run = first.run().await;
    assert_eq!(found(&run)[3..], ["disable_and_watch", ""]);
    let tonight = world(&(disabled() + &attempt("3h", "")));
    let second = first.a_night_later(&tonight);
    let run = second.run().await;
    assert_eq!(found(&run)[3..], ["enable_again", "needed_again"]);
    assert_eq!(run.column("changes.csv", "change"), ["needed_again"]);
    assert_eq!(run.summary()["changes"]["needed_again"], 1);
    let [event] = &run.aws.events()[..] else {
        panic!("{:?}", run.aws.events())
    };
    assert_eq!(event.detail_type, "Keycensus Key Needed Again");
    let detail = serde_json::from_str::<serde_json::Value>(&event.detail).unwrap();
    assert_eq!(detail["refused_uses"], 1);
    assert_eq!(detail["refused_last_at"], "2026-11-21T23:00:00Z");
    let digest = run.digest();
    assert!(
        digest
            .subject
            .starts_with("Keycensus: 1 key still needed; ")
    );
    assert!(digest.text().contains("SOMEBODY STILL NEEDS: 1\n"));
    assert!(run.latest("report.html").contains("id=\"needed\""));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_a_gap_of_that_question_and_all_is_counted_the_next_night() {
    let events = attempt("2026-11-10T00:00:00Z", "") + &attempt("2026-11-21T12:00:00Z", "");
    let member = disabled() + &events;
    let first = world("", &member);
    assert_eq!(found(&first.run().await)[0], "1");
    let denied = world(&refusal(LOOKUP, "code = 'AccessDeniedException'"), &member);
    let second = first.a_night_later(&denied);
    let run = second.run().await;
    let row = run.key(&key_id(1));
    assert_eq!(
        row.values([
            "verdict",
            "refused_uses",
            "refused_last_at",
            "recommendation",
            "gap_cause"
        ]),
        ["stale", "", "2026-11-10T00:00:00Z", "enable_again", ""]
    );
    assert!(row["gaps"].contains(r#""of":"refused_uses","call":"cloudtrail:LookupEvents""#));
    assert!(run.is_complete());
    let cell = run.rows("coverage.csv");
    let cell = cell
        .iter()
        .find(|row| row["detail"].contains("refused uses"));
    let cell = cell.expect("a cell says that refused uses are not known");
    assert_eq!(
        cell.values(["status", "detail"]),
        [
            "scanned",
            "keys whose refused uses are not known in full: 1"
        ]
    );
    let run = second.a_night_later(&first).run().await;
    assert_eq!(found(&run)[..2], ["2", "2026-11-21T12:00:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn where_aws_refuses_no_second_key_is_asked_about() {
    let keys: String = (1..=8)
        .map(|n| key(&key_id(n), "state = 'Disabled'"))
        .collect();
    let refused = refusal(LOOKUP, "code = 'AccessDeniedException'");
    let run = world(&refused, &keys).run().await;
    assert!(run.sent(LOOKUP) <= 4, "{}", run.sent(LOOKUP));
    let gaps = run.column("keys.csv", "gaps");
    assert_eq!(
        gaps.iter()
            .filter(|gap| gap.contains("refused_uses"))
            .count(),
        8
    );
}

#[tokio::test(start_paused = true)]
async fn many_pages_are_read_at_the_rate_that_cloudtrail_allows() {
    let many: String = (0..240)
        .map(|n| attempt(&format!("{}h", n + 2), ""))
        .collect();
    let other: String = (2..=9)
        .map(|n| key(&key_id(n), "state = 'Disabled'"))
        .collect();
    let run = world("quotas = true", &(disabled() + &many + &other))
        .run()
        .await;
    assert_eq!(found(&run)[0], "240");
    assert_eq!(run.aws.calls().throttled(LOOKUP), 0);
    assert_eq!(run.sent(LOOKUP), 5 + 8);
}

#[tokio::test(start_paused = true)]
async fn of_a_key_with_more_events_than_are_read_the_row_says_that_the_count_is_a_minimum() {
    let many: String = (0..2_001)
        .map(|n| attempt(&format!("{}m", n + 1), ""))
        .collect();
    let first = world("", &(disabled() + &many));
    let run = first.run().await;
    let row = run.key(&key_id(1));
    assert_eq!(
        row.values(["refused_uses", "detail"]),
        [
            "2000",
            "already disabled; cloudtrail:LookupEvents MoreEvents: refused_uses is a minimum"
        ]
    );
    assert_eq!(
        row["gaps"],
        r#"[{"of":"refused_uses","call":"cloudtrail:LookupEvents","code":"MoreEvents","cause":"out_of_time"}]"#
    );
    assert!(run.digest().text().contains("refused at least 2,000 times"));
    // All that there is within the history is counted again.
    let few = world("", &(disabled() + &attempt("3h", "")));
    let run = first.a_night_later(&few).run().await;
    assert_eq!(found(&run)[0], "1");
}

#[tokio::test(start_paused = true)]
async fn a_key_pending_deletion_is_to_be_kept_and_those_come_first() {
    let deleted = |n: usize, date: &str| {
        key(
            &key_id(n),
            &format!("state = 'PendingDeletion'\ndeletion_date = '{date}'"),
        )
    };
    let event =
        attempt("3h", "name = 'Sign'").replace("DisabledException", "KMSInvalidStateException");
    let member = deleted(1, "2026-12-20T00:00:00Z") + &event;
    let run = world("", &member).run().await;
    assert_eq!(
        found(&run)[..4],
        [
            "1",
            "2026-11-20T23:00:00Z",
            "arn:aws:sts::222222222222:assumed-role/application/i-0a1b2c3d4e5f60718",
            "cancel_deletion"
        ]
    );
    assert_eq!(run.key(&key_id(1))["verdict"], "pending_deletion");
}

#[tokio::test(start_paused = true)]
async fn those_that_kms_deletes_first_are_looked_for_first_and_before_disabled_ones() {
    let stopped = |n: usize, state: &str| key(&key_id(n), state);
    let disabled: String = (1..=12).map(|n| stopped(n, "state = 'Disabled'")).collect();
    let pending = (13..=20).map(|n| {
        let date = format!("2026-12-{:02}T00:00:00Z", 25 - n);
        stopped(
            n,
            &format!("state = 'PendingDeletion'\ndeletion_date = '{date}'"),
        )
    });
    let pending: String = pending.collect();
    let run = world("quotas = true", &(disabled + &pending)).run().await;
    // The first are asked about when no other is known.
    let order = looked_up(&run).split_off(5);
    let is_pending = |id: &&String| **id > key_id(12);
    let pending: Vec<_> = order.iter().take_while(is_pending).collect();
    assert!(pending.is_sorted_by(|a, b| a > b), "{order:?}");
    assert_eq!(
        order.iter().filter(is_pending).count(),
        pending.len(),
        "{order:?}"
    );
    assert!(pending.len() >= 4);
}
