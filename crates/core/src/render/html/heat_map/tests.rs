use std::sync::Arc;

use super::HeatMap;
use crate::{
    examples::{account, first_report, kms_key, with_coverage},
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        reading::{KeyKind, KeyReading},
        region::Region,
    },
};

fn covered(account: &Arc<Account>, region: &str, status: CoverageStatus) -> CoverageRow {
    let scope = match region {
        "*" => Scope::WholeAccount,
        _ => Scope::Cell {
            region: Region::parse(region),
            kind: KeyKind::KmsKey,
        },
    };
    CoverageRow::unlisted(account, scope, status, None, "")
}

fn flagged(account: &Arc<Account>, count: usize) -> impl Iterator<Item = KeyReading> {
    (0..count).map(|n| kms_key(account, n, "2026-01-01T00:00:00Z"))
}

fn map(keys: Vec<KeyReading>, coverage: Vec<CoverageRow>) -> HeatMap {
    HeatMap::of(&first_report(with_coverage(keys, coverage)))
}

/// A line a row: the account's name, then class and text of each cell.
fn drawn(map: &HeatMap) -> Vec<String> {
    let row = |row: &super::HeatRow| {
        let cells: String = row
            .cells
            .iter()
            .map(|cell| format!(" {}:{}", cell.class, cell.text))
            .collect();
        format!("{}{cells}", row.account.name)
    };
    map.rows.iter().map(row).collect()
}

#[test]
fn accounts_and_regions_with_nothing_to_see_are_left_out() {
    let [quiet, busy, closed, silent] =
        ["quiet", "busy", "closed", "silent"].map(|name| account(name.len() as u64, name));
    let map = map(
        flagged(&busy, 3).collect(),
        vec![
            covered(&quiet, "eu-west-1", CoverageStatus::Scanned),
            covered(&busy, "eu-west-1", CoverageStatus::Partial),
            covered(&busy, "us-east-1", CoverageStatus::Scanned),
            covered(&closed, "*", CoverageStatus::Skipped),
            covered(&silent, "*", CoverageStatus::Unreachable),
        ],
    );
    assert_eq!(map.regions, ["eu-west-1"]);
    assert_eq!(drawn(&map), ["busy gap level-2:3", "silent"]);
    assert_eq!(map.regions_left_out, "1 other Region");
}

#[test]
fn a_cell_shows_whether_it_is_empty_unread_or_not_requested() {
    let (one, two) = (account(1, "one"), account(2, "two"));
    let map = map(
        flagged(&one, 1).collect(),
        vec![
            covered(&one, "ap-south-1", CoverageStatus::Denied),
            covered(&one, "eu-west-1", CoverageStatus::Scanned),
            covered(&two, "eu-west-1", CoverageStatus::Failed),
        ],
    );
    assert_eq!(drawn(&map), ["one gap: level-1:1", "two absent:– gap:"],);
    assert_eq!(map.rows[0].cells[0].spoken, "denied");
}

#[test]
fn most_flagged_keys_come_first_and_what_is_cut_is_counted() {
    let keys = (1..=43).flat_map(|n| {
        let account = account(n, &format!("account-{n}"));
        flagged(&account, n as usize).collect::<Vec<_>>()
    });
    let map = map(keys.collect(), vec![]);
    assert_eq!(map.rows.len(), 40);
    assert_eq!(drawn(&map)[0], "account-43 level-5:43");
    assert_eq!(map.accounts_left_out, "3 more accounts");
}

#[test]
fn where_many_keys_are_flagged_colours_mean_more_keys() {
    let legend = |count| {
        let map = map(flagged(&account(1, "one"), count).collect(), vec![]);
        let texts: Vec<String> = map.legend.into_iter().map(|cell| cell.text).collect();
        texts.join(" ")
    };
    assert_eq!(legend(99), "0 1 2–4 5–9 10–24 25+");
    assert_eq!(legend(100), "0 1–4 5–19 20–49 50–99 100+");
}
