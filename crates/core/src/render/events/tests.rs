use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::{DetailType, Event, count, of_key};
use crate::{
    arbitrary::reading,
    examples::{account, first_report, kms_key, next_report, with_keys},
    files::{csv_text::text, keys_csv},
    judge::whole_report::WholeReport,
    model::{account::Account, layout::ReportFile, reading::KeyReading},
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";
/// The fields of the run and of the previous run, which are not columns of `keys.csv`.
const NO_COLUMNS: [&str; 6] = [
    "schema",
    "run_id",
    "scanned_at",
    "previous_verdict",
    "previous_state",
    "report",
];

/// The events of a report by their detail types.
fn of(report: &WholeReport) -> impl Iterator<Item = Event> {
    let by_type = DetailType::ALL.into_iter();
    by_type.flat_map(move |of_type| {
        report
            .keys()
            .filter_map(move |key| of_key(report, key, of_type))
    })
}

fn one() -> Arc<Account> {
    account(1, "one")
}

/// The report of the night after one with the keys `before`.
fn the_night_after(before: Vec<KeyReading>, keys: Vec<KeyReading>) -> WholeReport {
    next_report(with_keys(keys), &first_report(with_keys(before)))
}

fn types_and_keys(report: &WholeReport) -> Vec<(DetailType, String)> {
    let events: Vec<Event> = of(report).collect();
    assert_eq!(events.len() as u64, count(report));
    events
        .iter()
        .map(|event| {
            let key_id = detail(event)["key_id"].as_str().unwrap().to_owned();
            (event.detail_type, key_id)
        })
        .collect()
}

fn detail(event: &Event) -> Value {
    serde_json::from_str(&event.detail).unwrap()
}

fn key(n: usize, used: &str) -> KeyReading {
    kms_key(&one(), n, used)
}

#[test]
fn the_first_census_has_an_event_for_every_flagged_key() {
    let mut exempt = key(3, STALE);
    exempt.exemption = Some("legal".to_owned());
    let report = first_report(with_keys(vec![key(1, STALE), key(2, IN_USE), exempt]));
    assert_eq!(
        types_and_keys(&report),
        [(DetailType::NewlyFlagged, "key-000001".to_owned())]
    );
    let event = of(&report).next().unwrap();
    assert_eq!(detail(&event)["change"], Value::Null);
}

#[test]
fn later_ones_have_events_for_keys_newly_flagged_or_used_again_only() {
    let before = vec![
        key(1, IN_USE),
        key(2, STALE),
        key(3, STALE),
        key(4, IN_USE),
        key(5, STALE),
    ];
    let mut disabled = key(5, STALE);
    disabled.state = Some("Disabled".to_owned());
    let keys = vec![
        key(1, STALE),
        key(2, IN_USE),
        key(3, STALE),
        key(4, IN_USE),
        disabled,
        key(6, STALE),
        key(7, IN_USE),
    ];
    let report = the_night_after(before, keys);
    let id = |n: usize| format!("key-{n:06}");
    assert_eq!(
        types_and_keys(&report),
        [
            (DetailType::NewlyFlagged, id(1)),
            (DetailType::NewlyFlagged, id(6)),
            (DetailType::UsedAgain, id(2)),
        ]
    );
    let details: Vec<Value> = of(&report).map(|event| detail(&event)).collect();
    let field = |name: &str| details.iter().map(|d| d[name].clone()).collect::<Vec<_>>();
    assert_eq!(field("change"), ["newly_flagged", "new", "used_again"]);
    let previous = [Value::from("in_use"), Value::Null, "stale".into()];
    assert_eq!(field("previous_verdict"), previous);
}

#[test]
fn an_event_names_the_arn_of_its_key_where_it_is_known() {
    let mut known = key(1, STALE);
    known.arn = "arn:aws:kms:eu-west-1:000000000001:key/1".to_owned();
    let report = first_report(with_keys(vec![known.clone(), key(2, STALE)]));
    let resources: Vec<_> = of(&report).map(|event| event.resource).collect();
    assert_eq!(resources, [Some(known.arn), None]);
}

/// A field of a detail as a cell would have it.
fn as_cell(column: &str, field: &Value) -> String {
    match field {
        Value::Null => String::new(),
        Value::String(free) => text(free),
        Value::Number(number) if column == "monthly_cost_usd" => {
            format!("{:.2}", number.as_f64().unwrap())
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn a_detail_has_the_cells_of_the_row_under_the_names_of_the_columns(reading in reading(12)) {
        let report = first_report(reading);
        let csv = report.file(ReportFile::KeysCsv);
        let mut rows = csv::Reader::from_reader(csv.as_slice());
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        for event in of(&report) {
            let detail = detail(&event);
            let at = |column| keys_csv::COLUMNS.iter().position(|c| *c == column);
            let row = rows.iter().find(|row| row[at("key_id").unwrap()] == detail["key_id"]);
            for (name, field) in detail.as_object().unwrap() {
                match at(name) {
                    Some(at) => prop_assert_eq!(&row.unwrap()[at], as_cell(name, field)),
                    None => prop_assert!(NO_COLUMNS.contains(&name.as_str()), "{}", name),
                }
            }
        }
    }
}
