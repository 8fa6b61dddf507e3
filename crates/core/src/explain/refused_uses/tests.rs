use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Counting, LastFound};
use crate::{
    explain::trail_event::{ListedEvent, TrailEvent},
    model::{
        gap::Gap,
        refused_uses::{RefusedUse, RefusedUses},
    },
};

const ANNA: &str = "arn:aws:iam::222222222222:user/anna";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An event, refused with `code` unless that is empty.
fn event(id: &str, time: &str, name: &str, code: &str) -> TrailEvent {
    let listed = ListedEvent {
        id: id.to_owned(),
        at: Some(at(time)),
        source: "kms.amazonaws.com".to_owned(),
        name: name.to_owned(),
        user_name: None,
    };
    let mut record = json!({"userIdentity": {"type": "IAMUser", "arn": ANNA}});
    if !code.is_empty() {
        record["errorCode"] = code.into();
    }
    TrailEvent::new(listed, Some(&record.to_string()))
}

fn refused(id: &str, time: &str) -> TrailEvent {
    event(id, time, "Decrypt", "DisabledException")
}

/// What a run that begins at `now` finds, where the history has these events from the beginning of its window on.
fn found(now: &str, last: Option<LastFound>, events: &[TrailEvent]) -> RefusedUses {
    let mut counting = Counting::begin(at(now), last);
    let since = counting.since();
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.listed.at));
    for event in events {
        let is_in_window = event.listed.at >= since && event.listed.at <= Some(at(now));
        if is_in_window && counting.take(event) == ControlFlow::Break(()) {
            break;
        }
    }
    counting.end()
}

fn last_found(run_at: &str, found: RefusedUses) -> Option<LastFound> {
    let run_at = at(run_at);
    Some(LastFound { run_at, found })
}

fn of_anna(time: &str) -> Option<RefusedUse> {
    let by = ANNA.to_owned();
    Some(RefusedUse { at: at(time), by })
}

#[test]
fn each_refused_use_is_counted_by_one_run_however_late_it_is_delivered() {
    // Each use with the delay of its delivery in minutes, around three runs at 02:00.
    let mut uses = Vec::new();
    for (day, minute) in [
        (18, 0),
        (19, 61),
        (19, 60),
        (19, 59),
        (19, 1),
        (19, 0),
        (20, 30),
        (20, 1),
    ] {
        let run = at(&format!("2026-11-{day}T02:00:00Z"));
        for delay in [0, 5, 59] {
            let time = run - SignedDuration::from_mins(minute);
            uses.push((time, time + SignedDuration::from_mins(delay)));
        }
    }
    let mut last = None;
    for day in [18, 19, 20, 21] {
        let now = at(&format!("2026-11-{day}T02:00:00.7Z"));
        let delivered = uses
            .iter()
            .enumerate()
            .filter(|(_, (_, delivered))| *delivered <= now);
        let events: Vec<_> = delivered
            .map(|(id, (time, _))| refused(&id.to_string(), &time.to_string()))
            .collect();
        let found = found(&now.to_string(), last, &events);
        let until = now - SignedDuration::from_hours(1);
        let expected = uses
            .iter()
            .filter(|(time, _)| time.as_second() <= until.as_second())
            .count();
        assert_eq!(found.count, Some(expected as u64), "{now}");
        // As the report has it.
        let run_at = Timestamp::from_second(now.as_second()).unwrap();
        last = Some(LastFound { run_at, found });
    }
    assert_eq!(last.unwrap().found.count, Some(uses.len() as u64));
}

#[test]
fn a_use_of_the_last_hour_is_known_and_counted_the_next_night() {
    let recent = [refused("a", "2026-11-21T01:50:00Z")];
    let first = found("2026-11-21T02:00:00Z", None, &recent);
    assert_eq!(
        (first.count, &first.last),
        (Some(0), &of_anna("2026-11-21T01:50:00Z"))
    );
    let next = found(
        "2026-11-22T02:00:00Z",
        last_found("2026-11-21T02:00:00Z", first),
        &recent,
    );
    assert_eq!(
        (next.count, next.last),
        (Some(1), of_anna("2026-11-21T01:50:00Z"))
    );
}

#[test]
fn what_another_run_has_counted_is_not_counted_again_and_is_the_last_where_nothing_is_newer() {
    let before = RefusedUses {
        count: Some(7),
        last: of_anna("2026-11-20T01:00:00Z"),
        gap: None,
    };
    let last = last_found("2026-11-21T02:00:00Z", before.clone());
    // The window begins with the second that was counted.
    let events = [
        refused("a", "2026-11-21T01:00:00Z"),
        refused("b", "2026-11-20T01:00:00Z"),
    ];
    let found = found("2026-11-22T02:00:00Z", last, &events);
    assert_eq!(found.count, Some(7));
    assert_eq!(found.last, of_anna("2026-11-21T01:00:00Z"));
    let nothing = Counting::begin(
        at("2026-11-22T02:00:00Z"),
        last_found("2026-11-21T02:00:00Z", before.clone()),
    );
    assert_eq!(nothing.end(), before);
}

#[test]
fn only_what_was_refused_since_the_key_could_be_used_counts() {
    let before = RefusedUses {
        count: Some(7),
        last: of_anna("2026-11-20T01:00:00Z"),
        gap: None,
    };
    for (name, code, counted) in [
        ("EnableKey", "", 1),
        ("Decrypt", "", 1),
        ("GenerateDataKey", "", 1),
        ("EnableKey", "KMSInvalidStateException", 9),
        ("DisableKey", "", 9),
        ("DescribeKey", "", 9),
        ("Decrypt", "AccessDenied", 9),
        ("Encrypt", "KMSInvalidStateException", 10),
    ] {
        let events = [
            refused("a", "2026-11-21T12:00:00Z"),
            event("b", "2026-11-21T11:00:00Z", name, code),
            refused("c", "2026-11-21T10:00:00Z"),
        ];
        let last = last_found("2026-11-21T02:00:00Z", before.clone());
        let found = found("2026-11-22T02:00:00Z", last, &events);
        assert_eq!(found.count, Some(counted), "{name} {code}");
    }
}

#[test]
fn an_event_that_pages_repeat_counts_once() {
    let events = [
        refused("a", "2026-11-21T12:00:00Z"),
        refused("a", "2026-11-21T12:00:00Z"),
    ];
    assert_eq!(found("2026-11-22T02:00:00Z", None, &events).count, Some(1));
}

#[test]
fn where_the_history_is_not_read_to_its_end_what_is_known_stays_and_all_is_counted_the_next_night()
{
    let before = RefusedUses {
        count: Some(7),
        last: of_anna("2026-11-20T01:00:00Z"),
        gap: None,
    };
    let last = last_found("2026-11-21T02:00:00Z", before.clone());
    let counting = Counting::begin(at("2026-11-22T02:00:00Z"), last);
    assert_eq!(counting.since(), Some(at("2026-11-21T01:00:00Z")));
    let cut = counting.cut(Gap::NoTimeLeft);
    let expected = RefusedUses::unread(of_anna("2026-11-20T01:00:00Z"), Gap::NoTimeLeft);
    assert_eq!(cut, expected);
    let next = Counting::begin(
        at("2026-11-23T02:00:00Z"),
        last_found("2026-11-22T02:00:00Z", cut),
    );
    assert_eq!(next.since(), None);
}

#[test]
fn of_more_events_than_are_read_the_count_is_a_minimum_and_all_is_counted_the_next_night() {
    let before = RefusedUses {
        count: Some(7),
        last: of_anna("2026-11-20T01:00:00Z"),
        gap: None,
    };
    let last = last_found("2026-11-21T02:00:00Z", before);
    let mut counting = Counting::begin(at("2026-11-22T02:00:00Z"), last);
    // The first is of the last hour, and the last was counted before.
    for (id, time) in [
        ("a", "2026-11-22T01:30:00Z"),
        ("b", "2026-11-21T12:00:00Z"),
        ("c", "2026-11-21T01:00:00Z"),
    ] {
        assert!(counting.take(&refused(id, time)).is_continue());
    }
    let found = counting.end_early();
    assert!(found.is_minimum());
    assert_eq!(
        (found.count, &found.last),
        (Some(2), &of_anna("2026-11-22T01:30:00Z"))
    );
    let next = Counting::begin(
        at("2026-11-23T02:00:00Z"),
        last_found("2026-11-22T02:00:00Z", found),
    );
    assert_eq!(next.since(), None);
}

#[test]
fn a_report_of_a_later_moment_counts_for_nothing() {
    let before = RefusedUses {
        count: Some(7),
        last: of_anna("2026-11-20T01:00:00Z"),
        gap: None,
    };
    let last = last_found("2026-11-23T02:00:00Z", before);
    let counting = Counting::begin(at("2026-11-22T02:00:00Z"), last);
    assert_eq!(
        (counting.since(), counting.end()),
        (
            None,
            RefusedUses {
                count: Some(0),
                ..RefusedUses::default()
            }
        )
    );
}
