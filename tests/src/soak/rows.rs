//! Every key and every account is in the report, once, and where it is not, its coverage
//! says why.

use std::collections::BTreeSet;

use keycensus_sim::world::Account;

use super::{
    Row, identity, kind_of,
    selection::{has_account, has_region, is_gap},
};
use crate::{Scenario, expected::password_identity};

/// Region and kind of the one cell of an account that is in no Region.
const IAM_CELL: [&str; 2] = ["global", "iam_access_key"];

pub(super) fn are_sorted_and_unique(keys: &[Row], broken: &mut Vec<String>) {
    for (row, next) in keys.iter().zip(keys.iter().skip(1)) {
        if identity(row) >= identity(next) {
            broken.push(format!(
                "{:?} comes before {:?}",
                identity(row),
                identity(next)
            ));
        }
    }
}

/// Whether an account was listed, as far as the coverage says: it has a row, or the listing
/// of accounts has no gap.
fn is_listed(account: &Account, coverage: &[Row]) -> bool {
    let is_incomplete = |row: &Row| {
        row["account_id"].is_empty() && ["failed", "deferred"].contains(&&*row["status"])
    };
    has_row(account, coverage) || !coverage.iter().any(is_incomplete)
}

fn has_row(account: &Account, coverage: &[Row]) -> bool {
    coverage.iter().any(|row| row["account_id"] == account.id)
}

/// Whether a row of an account and this cell, or of all, is as `says_why`.
fn says_why_not(
    account: &Account,
    [region, kind]: [&str; 2],
    coverage: &[Row],
    says_why: impl Fn(&Row) -> bool,
) -> bool {
    let mut rows = coverage.iter();
    rows.any(|row| {
        let is_its = row["account_id"] == account.id
            && [region, "*"].contains(&&*row["region"])
            && [kind, "*"].contains(&&*row["kind"]);
        is_its && says_why(row)
    })
}

pub(super) fn have_every_key(
    scenario: &Scenario,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let world = scenario.aws.world();
    let rows: BTreeSet<_> = keys.iter().map(identity).collect();
    for account in &world.accounts {
        if !has_row(account, coverage) && is_listed(account, coverage) {
            broken.push(format!("account {} is in no coverage row", account.id));
        }
    }
    let kms = world.keys().map(|(account, key)| {
        let is_asked_for =
            account.regions.contains(&key.region) && has_region(scenario, &key.region);
        let says_why = says_why_not(account, [&key.region, "kms_key"], coverage, is_gap);
        let identity = [&*account.id, &*key.region, "kms_key", &*key.id];
        (account, identity, is_asked_for && !says_why)
    });
    let iam = world.access_keys().map(|held| {
        let says_why = says_why_not(held.account, IAM_CELL, coverage, |row| {
            is_gap(row) || row["detail"].contains("users deleted during the census")
        });
        let identity = [&*held.account.id, "global", kind_of(held), held.id];
        (held.account, identity, !says_why)
    });
    let passwords = world.passwords().map(|held| {
        let says_why = says_why_not(held.account, IAM_CELL, coverage, |row| {
            is_gap(row) || row["detail"].contains("users deleted during the census")
        });
        let (kind, id) = password_identity(held);
        let identity = [&*held.account.id, "global", kind, id];
        (
            held.account,
            identity,
            held.password.expect.is_some() && !says_why,
        )
    });
    let secrets = world.secrets().map(|(account, secret)| {
        let is_asked_for =
            account.regions.contains(&secret.region) && has_region(scenario, &secret.region);
        let says_why = says_why_not(account, [&secret.region, "secret"], coverage, is_gap);
        let identity = [&*account.id, &*secret.region, "secret", &*secret.id];
        (account, identity, is_asked_for && !says_why)
    });
    let credentials = world.service_credentials().map(|(account, _, credential)| {
        let says_why = says_why_not(account, IAM_CELL, coverage, is_gap);
        let identity = [
            &*account.id,
            "global",
            "service_credential",
            &*credential.id,
        ];
        (account, identity, credential.expect.is_some() && !says_why)
    });
    let of_iam = iam.chain(passwords).chain(credentials);
    for (account, identity, is_due) in kms.chain(secrets).chain(of_iam) {
        let is_due = is_due && has_account(scenario, account) && is_listed(account, coverage);
        if is_due && !rows.contains(&identity) {
            broken.push(format!("{identity:?} is nowhere"));
        }
    }
}
