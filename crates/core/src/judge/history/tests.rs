use std::sync::Arc;

use super::{Change, History};
use crate::{
    arbitrary::run,
    examples::{access_key, account, judged, kms_key},
    judge::{known_keys::LastRecord, recommendation::Recommendation, verdict::Verdict},
    model::{
        gap::Gap,
        reading::{KeyReading, Usage},
        time::date,
    },
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";
const TODAY: &str = "2026-11-21";
const EARLIER: &str = "2026-09-01";

fn used(at: &str) -> KeyReading {
    kms_key(&account(1, "one"), 1, at)
}

fn unreadable() -> KeyReading {
    let mut key = used(STALE);
    key.usage = Usage::Unreadable(Gap::NoTimeLeft);
    key
}

fn exempt() -> KeyReading {
    let mut key = used(STALE);
    key.exemption = Some("legal".to_owned());
    key
}

fn with_state(mut key: KeyReading, state: Option<&str>) -> KeyReading {
    key.state = state.map(str::to_owned);
    key
}

fn record(verdict: Verdict, first_flagged_on: Option<&str>) -> LastRecord<'static> {
    LastRecord {
        state: "Enabled",
        verdict,
        first_flagged_on: first_flagged_on.map(|on| on.parse().unwrap()),
        disabled_since: None,
        was_needed: false,
    }
}

fn history(last: Option<LastRecord<'_>>, key: KeyReading) -> (&'static str, Option<String>) {
    let history = History::since(last, &judged(key).assessed(), None, date(run().now));
    let on = history.first_flagged_on.map(|on| on.to_string());
    (history.change.map_or("", Change::as_str), on)
}

#[test]
fn a_key_is_needed_again_where_that_begins() {
    let way_back = Some(Recommendation::EnableAgain);
    let disabled = || with_state(used(STALE), Some("Disabled"));
    let change = |last, key, way_back| {
        History::since(last, &judged(key).assessed(), way_back, date(run().now)).change
    };
    let before = record(Verdict::Stale, Some(EARLIER));
    let was_needed = LastRecord {
        was_needed: true,
        state: "Disabled",
        ..before
    };
    let changed = |last| change(Some(last), disabled(), way_back);
    assert_eq!(changed(before), Some(Change::NeededAgain));
    assert_eq!(changed(was_needed), Some(Change::Same));
    assert_eq!(change(None, disabled(), way_back), Some(Change::New));
    let newly_flagged = record(Verdict::InUse, None);
    assert_eq!(changed(newly_flagged), Some(Change::NewlyFlagged));
    let no_more = change(Some(was_needed), disabled(), None);
    assert_eq!(no_more, Some(Change::Same));
    let in_use = with_state(used(IN_USE), Some("Disabled"));
    let again = change(Some(before), in_use, way_back);
    assert_eq!(again, Some(Change::NeededAgain));
}

#[test]
fn each_change_is_found_and_the_first_one_counts() {
    let flagged = Some(record(Verdict::Stale, Some(EARLIER)));
    let unflagged = Some(record(Verdict::InUse, None));
    let was_exempt = Some(record(Verdict::Stale, None));
    let was_unreadable = Some(record(Verdict::Unreadable, Some(EARLIER)));
    let disabled = |key| with_state(key, Some("Disabled"));
    let nameless = |key| with_state(key, None);
    let cases = [
        (None, used(STALE), "new", Some(TODAY)),
        (None, used(IN_USE), "new", None),
        (unflagged, used(STALE), "newly_flagged", Some(TODAY)),
        (
            unflagged,
            disabled(used(STALE)),
            "newly_flagged",
            Some(TODAY),
        ),
        (was_exempt, used(STALE), "newly_flagged", Some(TODAY)),
        (flagged, used(IN_USE), "used_again", None),
        (flagged, disabled(used(IN_USE)), "used_again", None),
        (was_exempt, used(IN_USE), "used_again", None),
        (was_unreadable, used(IN_USE), "used_again", None),
        (
            flagged,
            disabled(used(STALE)),
            "state_changed",
            Some(EARLIER),
        ),
        (unflagged, disabled(used(IN_USE)), "state_changed", None),
        (unflagged, nameless(used(IN_USE)), "same", None),
        (flagged, used(STALE), "same", Some(EARLIER)),
        (unflagged, used(IN_USE), "same", None),
        (flagged, unreadable(), "same", Some(EARLIER)),
        (unflagged, unreadable(), "same", None),
        (was_unreadable, used(STALE), "same", Some(EARLIER)),
        (flagged, exempt(), "same", None),
    ];
    for (last, key, change, on) in cases {
        let case = format!("{last:?} {key:?}");
        assert_eq!(
            history(last, key),
            (change, on.map(str::to_owned)),
            "{case}"
        );
    }
}

#[test]
fn the_previous_verdict_and_state_are_kept_where_something_changed() {
    let last = record(Verdict::Stale, Some(EARLIER));
    let history = |key| History::since(Some(last), &judged(key).assessed(), None, date(run().now));
    let previous = history(used(IN_USE)).previous.unwrap();
    assert_eq!(previous.verdict, Verdict::Stale);
    assert_eq!(previous.state, Arc::from("Enabled"));
    assert_eq!(history(used(STALE)).previous, None);
}

#[test]
fn in_the_first_census_nothing_has_changed_and_what_is_flagged_is_so_from_today() {
    let begun = |key| {
        let judged = judged(key);
        let history = History::begun(&judged.assessed(), date(run().now));
        let on = history.first_flagged_on.map(|on| on.to_string());
        (history.change, on, judged.is_newly_flagged())
    };
    assert_eq!(begun(used(STALE)), (None, Some(TODAY.to_owned()), true));
    assert_eq!(begun(used(IN_USE)), (None, None, false));
}

#[test]
fn a_disabled_key_is_known_to_be_so_from_the_first_census_that_saw_it_and_without_a_break() {
    let was_enabled = record(Verdict::Stale, Some(EARLIER));
    let was_disabled = LastRecord {
        state: "Disabled",
        disabled_since: Some(EARLIER.parse().unwrap()),
        ..was_enabled
    };
    for (last, state, since) in [
        (None, Some("Disabled"), Some(TODAY)),
        (None, Some("Enabled"), None),
        (Some(was_enabled), Some("Disabled"), Some(TODAY)),
        (Some(was_disabled), Some("Disabled"), Some(EARLIER)),
        (Some(was_disabled), None, Some(EARLIER)),
        (Some(was_disabled), Some("Enabled"), None),
        (Some(was_disabled), Some("PendingDeletion"), None),
    ] {
        let judged = judged(with_state(used(IN_USE), state));
        let history = History::since(last, &judged.assessed(), None, date(run().now));
        let since_text = history.disabled_since.map(|on| on.to_string());
        assert_eq!(since_text.as_deref(), since, "{last:?} {state:?}");
    }
}

#[test]
fn an_access_key_is_never_disabled_in_the_sense_of_kms() {
    let key = access_key(&account(1, "one"), "anna", 1, STALE);
    let judged = judged(with_state(key, Some("Disabled")));
    let history = History::begun(&judged.assessed(), date(run().now));
    assert_eq!(history.disabled_since, None);
}
