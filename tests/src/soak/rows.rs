//! Every key and every account is in the report, once, and where it is not, its coverage
//! says why.

use std::collections::BTreeSet;

use keycensus_sim::world::AccountState;

use super::{
    Row, kind_of, place,
    selection::{has_account, has_region, is_gap},
};
use crate::Scenario;

pub(super) fn are_sorted_and_unique(keys: &[Row], broken: &mut Vec<String>) {
    for pair in keys.windows(2) {
        if place(&pair[0]) >= place(&pair[1]) {
            broken.push(format!(
                "{:?} comes before {:?}",
                place(&pair[0]),
                place(&pair[1])
            ));
        }
    }
}

/// Whether the report does not say that some accounts were not listed.
fn are_all_accounts(coverage: &[Row]) -> bool {
    let says_not = |row: &Row| {
        row["account_id"].is_empty() && ["failed", "deferred"].contains(&&*row["status"])
    };
    !coverage.iter().any(says_not)
}

pub(super) fn have_every_key(
    scenario: &Scenario,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let world = scenario.aws.world();
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for account in &world.accounts {
        let has_row = coverage.iter().any(|row| row["account_id"] == account.id);
        if !has_row && are_all_accounts(coverage) {
            broken.push(format!("account {} is in no coverage row", account.id));
        }
    }
    for (account, key) in world.keys() {
        if rows.contains(&(&account.id, &key.region, "kms_key", &key.id)) {
            continue;
        }
        let says_why_not = coverage.iter().any(|row| {
            let is_about_it = row["account_id"] == account.id
                && (row["region"] == key.region || row["region"] == "*");
            is_about_it && is_gap(row)
        });
        let is_open =
            account.state == AccountState::Active && account.regions.contains(&key.region);
        let is_asked_for = has_account(scenario, account) && has_region(scenario, &key.region);
        let has_row = coverage.iter().any(|row| row["account_id"] == account.id);
        let is_listed = has_row || are_all_accounts(coverage);
        if is_open && is_asked_for && is_listed && !says_why_not {
            broken.push(format!(
                "{} {} {} is nowhere",
                account.id, key.region, key.id
            ));
        }
    }
}

pub(super) fn have_every_access_key(
    scenario: &Scenario,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for held in scenario.aws.world().access_keys() {
        let account = held.account;
        let kind = kind_of(held);
        if rows.contains(&(&account.id, "global", kind, held.id)) {
            continue;
        }
        let says_why_not = coverage.iter().any(|row| {
            let is_about_it =
                row["account_id"] == account.id && ["global", "*"].contains(&&*row["region"]);
            is_about_it
                && (is_gap(row) || row["detail"].contains("users deleted during the census"))
        });
        let is_asked_for = account.state == AccountState::Active && has_account(scenario, account);
        let has_row = coverage.iter().any(|row| row["account_id"] == account.id);
        let is_listed = has_row || are_all_accounts(coverage);
        if is_asked_for && is_listed && !says_why_not {
            broken.push(format!("{} {kind} {} is nowhere", account.id, held.id));
        }
    }
}
