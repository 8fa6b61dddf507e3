//! Every key and every account is in the report, once, and where it is not, its coverage
//! says why.

use std::collections::BTreeSet;

use keycensus_sim::{World, world::AccountState};

use super::{Row, kind_of, place};

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

pub(super) fn have_every_key(
    world: &World,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for account in &world.accounts {
        let has_row = coverage.iter().any(|row| row["account_id"] == account.id);
        if !has_row {
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
            is_about_it && row["status"] != "scanned"
        });
        let regions_are_doubtful = coverage.iter().any(|row| {
            row["account_id"] == account.id && row["detail"].contains("account:ListRegions")
        });
        let is_open =
            account.state == AccountState::Active && account.regions.contains(&key.region);
        if is_open && !says_why_not && !regions_are_doubtful {
            broken.push(format!(
                "{} {} {} is nowhere",
                account.id, key.region, key.id
            ));
        }
    }
}

pub(super) fn have_every_access_key(
    world: &World,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for held in world.access_keys() {
        let account = held.account;
        let kind = kind_of(held);
        if rows.contains(&(&account.id, "global", kind, held.id)) {
            continue;
        }
        let says_why_not = coverage.iter().any(|row| {
            let is_about_it =
                row["account_id"] == account.id && ["global", "*"].contains(&&*row["region"]);
            is_about_it
                && (row["status"] != "scanned"
                    || row["detail"].contains("users deleted during the census"))
        });
        if account.state == AccountState::Active && !says_why_not {
            broken.push(format!("{} {kind} {} is nowhere", account.id, held.id));
        }
    }
}
