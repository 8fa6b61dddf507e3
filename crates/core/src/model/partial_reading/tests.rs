use std::sync::Arc;

use super::{Extent, PartialReading};
use crate::{
    examples::{account, cell, kms_key, scanned},
    model::{
        account::Account,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        reading::{KeyReading, Usage},
        region::Region,
    },
};

const USED: &str = "2026-11-01T00:00:00Z";

fn key(n: usize) -> KeyReading {
    kms_key(&account(1, "one"), n, USED)
}

fn unread(n: usize) -> KeyReading {
    KeyReading {
        usage: Usage::Unreadable(Gap::NoTimeLeft),
        ..key(n)
    }
}

fn deferred(account: &Arc<Account>, scope: Scope) -> CoverageRow {
    let status = CoverageStatus::Deferred;
    CoverageRow::unlisted(account, scope, status, Some(Gap::NoTimeLeft), "")
}

/// The IDs of the keys of a report, those that could not be read with a mark, and its rows.
fn finished(reading: PartialReading) -> (Vec<String>, Vec<String>) {
    let (keys, coverage) = reading.finish(&account(1, "one"));
    let key = |key: &KeyReading| match key.usage_gap() {
        None => key.key_id.clone(),
        Some(_) => format!("{} unread", key.key_id),
    };
    let mut keys: Vec<String> = keys.iter().map(key).collect();
    keys.sort();
    let row = |row: &CoverageRow| format!("{} {}", row.scope.region(), row.status.as_str());
    (keys, coverage.iter().map(row).collect())
}

#[test]
fn what_lacked_time_is_replaced_by_what_was_read_later() {
    let one = account(1, "one");
    let region = || cell(Some("eu-west-1"));
    let elsewhere = KeyReading {
        region: Region::parse("eu-north-1"),
        ..key(0)
    };
    let mut reading = PartialReading {
        keys: vec![key(1), elsewhere],
        unread_keys: vec![unread(2), unread(3)],
        coverage: vec![scanned(&one, Some("eu-north-1"))],
        cut_coverage: vec![deferred(&one, region())],
        extent: Extent::Cut,
    };
    let (keys, rows) = finished(reading.clone());
    assert_eq!(
        keys,
        [
            "key-000000",
            "key-000001",
            "key-000002 unread",
            "key-000003 unread"
        ]
    );
    assert_eq!(rows, ["eu-north-1 scanned", "eu-west-1 deferred"]);

    reading.join(PartialReading {
        keys: vec![key(2)],
        ..PartialReading::default()
    });
    assert_eq!(reading.extent, Extent::Cut);
    let (keys, rows) = finished(reading.clone());
    assert_eq!(
        keys,
        [
            "key-000000",
            "key-000001",
            "key-000002",
            "key-000003 unread"
        ]
    );
    assert_eq!(rows, ["eu-north-1 scanned", "eu-west-1 deferred"]);

    // The third key is not listed any more.
    reading.join(PartialReading {
        keys: vec![key(4)],
        coverage: vec![CoverageRow {
            keys: Some(CellKeys {
                listed: 3,
                unreadable: 0,
                is_whole: true,
            }),
            ..scanned(&one, Some("eu-west-1"))
        }],
        extent: Extent::Whole,
        ..PartialReading::default()
    });
    assert!(reading.has_cell(&region()) && reading.extent == Extent::Whole);
    let (keys, rows) = finished(reading);
    assert_eq!(
        keys,
        ["key-000000", "key-000001", "key-000002", "key-000004"]
    );
    assert_eq!(rows, ["eu-north-1 scanned", "eu-west-1 scanned"]);
}

#[test]
fn a_reading_that_is_joined_twice_counts_once() {
    let whole = PartialReading {
        keys: vec![key(1), key(2)],
        coverage: vec![scanned(&account(1, "one"), Some("eu-west-1"))],
        extent: Extent::Whole,
        ..PartialReading::default()
    };
    let mut twice = whole.clone();
    twice.join(whole.clone());
    let one = account(1, "one");
    assert_eq!(twice.finish(&one), whole.finish(&one));
}

#[test]
fn a_cell_that_was_read_to_its_end_has_one_row_whatever_is_joined_after_it() {
    let one = account(1, "one");
    let mut reading = PartialReading {
        keys: vec![key(1)],
        coverage: vec![scanned(&one, Some("eu-west-1"))],
        extent: Extent::Whole,
        ..PartialReading::default()
    };
    reading.join(PartialReading {
        unread_keys: vec![unread(1)],
        ..PartialReading::cut(deferred(&one, cell(Some("eu-west-1"))))
    });
    let (keys, rows) = finished(reading);
    assert_eq!(keys, ["key-000001"]);
    assert_eq!(rows, ["eu-west-1 scanned"]);
}

#[test]
fn keys_of_a_cell_that_ended_suddenly_have_a_row_that_says_that_there_are_more() {
    for (keys, row) in [
        (vec![key(1)], "eu-west-1 deferred"),
        (vec![key(1), unread(2)], "eu-west-1 partial"),
    ] {
        let reading = PartialReading {
            keys,
            ..PartialReading::default()
        };
        let (_, rows) = finished(reading.clone());
        assert_eq!(rows, [row, "* deferred"]);
        let (_, rows) = reading.finish(&account(1, "one"));
        assert!(
            rows.iter()
                .all(|row| row.lacked_time && !row.is_listed_whole())
        );
    }
}

#[test]
fn keys_that_were_read_and_are_missing_are_a_gap_and_never_gone() {
    let one = account(1, "one");
    let scanned = scanned(&one, Some("eu-west-1"));
    let whole = |keys| PartialReading {
        keys,
        coverage: vec![scanned.clone()],
        extent: Extent::Whole,
        ..PartialReading::default()
    };
    let (_, rows) = whole(vec![key(1)]).finish(&one);
    assert_eq!(rows, std::slice::from_ref(&scanned));
    let (_, rows) = whole(vec![key(1), key(2)]).finish(&one);
    assert_eq!(rows[0].keys.map(|keys| keys.listed), Some(2));
    let (_, rows) = whole(Vec::new()).finish(&one);
    assert_eq!(rows[0].status, CoverageStatus::Failed);
    assert!(!rows[0].is_listed_whole() && rows[0].status.is_gap());
    assert_eq!(rows[0].detail, "keys that were read and are missing: 1");
}

#[test]
fn an_account_that_was_not_entered_in_time_is_as_if_it_was_entered_at_once() {
    let one = account(1, "one");
    let mut reading = PartialReading::cut(deferred(&one, Scope::WholeAccount));
    let whole = PartialReading {
        keys: vec![key(1)],
        coverage: vec![scanned(&one, Some("eu-west-1"))],
        extent: Extent::Whole,
        ..PartialReading::default()
    };
    reading.join(whole.clone());
    assert_eq!(reading, whole);
}
