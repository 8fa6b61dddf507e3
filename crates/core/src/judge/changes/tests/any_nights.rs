//! What holds for any nights.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::{
    nights::{AccountEntry, KeyOnNight, any_night, night, reports},
    rows,
};
use crate::{
    examples::{FIRST_CENSUS, last_run},
    judge::{history::Change, whole_report::WholeReport},
    model::layout::ReportFile,
};

/// What a row's key is known by.
fn identity(row: &BTreeMap<String, String>) -> [String; 4] {
    ["account_id", "region", "kind", "key_id"].map(|column| row[column].clone())
}

fn identities(rows: &[BTreeMap<String, String>]) -> BTreeSet<[String; 4]> {
    let identities: BTreeSet<_> = rows.iter().map(identity).collect();
    assert_eq!(identities.len(), rows.len(), "a key has two rows");
    identities
}

fn gone(report: &WholeReport) -> Vec<BTreeMap<String, String>> {
    let mut rows = rows(report, ReportFile::ChangesCsv);
    rows.retain(|row| row["change"] == "gone");
    rows
}

proptest! {
    #[test]
    fn every_key_of_the_last_run_is_listed_or_gone_or_unseen(nights in vec(any_night(), 2..5)) {
        for pair in reports(&nights).windows(2) {
            let [last, tonight] = pair else { unreachable!() };
            let mut known = identities(&rows(last, ReportFile::KeysCsv));
            known.extend(identities(&rows(last, ReportFile::UnseenCsv)));
            let listed = identities(&rows(tonight, ReportFile::KeysCsv));
            let gone = identities(&gone(tonight));
            let unseen = identities(&rows(tonight, ReportFile::UnseenCsv));
            for key in &known {
                let places = [&listed, &gone, &unseen].map(|keys| keys.contains(key));
                let places = places.into_iter().filter(|is_there| *is_there).count();
                prop_assert_eq!(places, 1, "{:?}", key);
            }
            prop_assert!(gone.is_subset(&known) && unseen.is_subset(&known));
        }
    }

    #[test]
    fn a_key_is_new_exactly_where_the_last_run_did_not_have_it(nights in vec(any_night(), 2..4)) {
        for pair in reports(&nights).windows(2) {
            let [last, tonight] = pair else { unreachable!() };
            let mut known = identities(&rows(last, ReportFile::KeysCsv));
            known.extend(identities(&rows(last, ReportFile::UnseenCsv)));
            for row in rows(tonight, ReportFile::KeysCsv) {
                prop_assert_eq!(row["change"] == "new", !known.contains(&identity(&row)));
            }
        }
    }

    #[test]
    fn a_run_compared_with_itself_has_no_changes(night in any_night()) {
        let first = night.report(0, &FIRST_CENSUS);
        let again = night.report(0, &last_run(&first));
        for judged in again.keys() {
            prop_assert_eq!(judged.history.change, Some(Change::Same));
            prop_assert_eq!(judged.is_newly_flagged(), false);
        }
        prop_assert!(rows(&again, ReportFile::ChangesCsv).is_empty());
        prop_assert!(rows(&again, ReportFile::UnseenCsv).is_empty());
        prop_assert_eq!(again.summary.changes.total(), 0);
    }

    #[test]
    fn a_key_is_gone_only_where_its_cell_was_listed_whole_or_its_account_left(
        nights in vec(any_night(), 2..4)
    ) {
        for pair in reports(&nights).windows(2) {
            let tonight = &pair[1];
            let coverage = rows(tonight, ReportFile::CoverageCsv);
            let are_all_accounts = coverage.iter().all(|row| !row["account_id"].is_empty());
            for key in gone(tonight) {
                let kind = match key["kind"].as_str() {
                    "kms_key" => "kms_key",
                    _ => "iam_access_key",
                };
                let mut of_account = coverage
                    .iter()
                    .filter(|row| row["account_id"] == key["account_id"])
                    .peekable();
                let has_left = of_account.peek().is_none() && are_all_accounts;
                let is_listed = of_account.any(|row| {
                    row["region"] == key["region"] && row["kind"] == kind && row["status"] == "scanned"
                });
                prop_assert!(has_left || is_listed, "{:?}", key);
            }
        }
    }

    /// Keys that stay unused, through nights in which some of them cannot be read,
    /// listed or entered.
    #[test]
    fn the_day_since_when_a_key_is_flagged_does_not_move_while_it_stays_flagged(
        nights in vec(
            night(
                vec![KeyOnNight::Stale, KeyOnNight::Stale, KeyOnNight::Disabled, KeyOnNight::Unreadable],
                vec![AccountEntry::Yes, AccountEntry::Yes, AccountEntry::Unreachable],
            ),
            1..7,
        )
    ) {
        let mut since: BTreeMap<[String; 4], String> = BTreeMap::new();
        for report in reports(&nights) {
            for row in rows(&report, ReportFile::KeysCsv) {
                let on = &row["first_flagged_on"];
                let first = since.get(&identity(&row));
                if row["flagged"] == "true" {
                    let expected = first.unwrap_or(&row["scan_date"]);
                    prop_assert_eq!(on, expected);
                    since.insert(identity(&row), on.clone());
                } else {
                    prop_assert_eq!(on, first.map_or("", String::as_str));
                }
            }
            for row in rows(&report, ReportFile::UnseenCsv) {
                let first = since.get(&identity(&row)).map_or("", String::as_str);
                prop_assert_eq!(&row["first_flagged_on"], first);
            }
        }
    }

    /// KMS keys that stay there, through nights in which some of them are enabled, or
    /// cannot be listed or entered.
    #[test]
    fn the_day_since_when_a_key_is_disabled_does_not_move_until_it_is_seen_otherwise(
        nights in vec(
            night(
                vec![KeyOnNight::Stale, KeyOnNight::Disabled, KeyOnNight::Disabled],
                vec![AccountEntry::Yes, AccountEntry::Yes, AccountEntry::Unreachable],
            ),
            1..7,
        )
    ) {
        let mut since: BTreeMap<[String; 4], String> = BTreeMap::new();
        for report in reports(&nights) {
            for row in rows(&report, ReportFile::KeysCsv) {
                let is_disabled = row["kind"] == "kms_key" && row["state"] == "Disabled";
                if is_disabled {
                    since.entry(identity(&row)).or_insert(row["scan_date"].clone());
                } else {
                    since.remove(&identity(&row));
                }
                let expected = since.get(&identity(&row)).map_or("", String::as_str);
                prop_assert_eq!(&row["disabled_since"], expected);
            }
            for row in rows(&report, ReportFile::UnseenCsv) {
                let expected = since.get(&identity(&row)).map_or("", String::as_str);
                prop_assert_eq!(&row["disabled_since"], expected);
            }
        }
    }

    #[test]
    fn the_counts_are_those_of_the_rows(nights in vec(any_night(), 2..4)) {
        for report in reports(&nights) {
            let changes = rows(&report, ReportFile::ChangesCsv);
            let count = |change: &str| changes.iter().filter(|row| row["change"] == change).count() as u64;
            let counts = &report.summary.changes;
            prop_assert_eq!(counts.new, count("new"));
            prop_assert_eq!(counts.newly_flagged, count("newly_flagged"));
            prop_assert_eq!(counts.used_again, count("used_again"));
            prop_assert_eq!(counts.state_changed, count("state_changed"));
            prop_assert_eq!(counts.gone, count("gone"));
            prop_assert_eq!(counts.total(), changes.len() as u64);
            prop_assert_eq!(counts.unseen, rows(&report, ReportFile::UnseenCsv).len() as u64);
        }
    }
}
