//! What is said of a key is what its world has of it, and was read.

use std::collections::{BTreeMap, BTreeSet};

use keycensus_sim::{LoggedCall, World, world::KeyManager};

use super::{Row, kind_of, place, selection::is_gap};
use crate::Run;

/// What a world says of a key.
struct Truth<'a> {
    /// The verdict that a report should give, where it should have the key.
    expect: Option<&'a str>,
    is_managed_by_aws: bool,
}

/// What a world says of each of its keys, by account, Region, kind and ID.
fn truth(world: &World) -> BTreeMap<(&str, &str, &str, &str), Truth<'_>> {
    let kms = world.keys().map(|(account, key)| {
        let place = (
            account.id.as_str(),
            key.region.as_str(),
            "kms_key",
            key.id.as_str(),
        );
        let truth = Truth {
            expect: key.expect.as_deref(),
            is_managed_by_aws: key.manager == KeyManager::Aws,
        };
        (place, truth)
    });
    let iam = world.access_keys().map(|held| {
        let place = (held.account.id.as_str(), "global", kind_of(held), held.id);
        let truth = Truth {
            expect: held.key.expect.as_deref(),
            is_managed_by_aws: false,
        };
        (place, truth)
    });
    kms.chain(iam).collect()
}

pub(super) fn are_true(world: &World, keys: &[Row], broken: &mut Vec<String>) {
    let truth = truth(world);
    for row in keys {
        let verdict = row["verdict"].as_str();
        let Some(key) = truth.get(&place(row)) else {
            broken.push(format!("{:?} does not exist", place(row)));
            continue;
        };
        let expected = key.expect;
        if verdict != "unreadable" && expected.is_some_and(|e| e != verdict && e != "unreadable") {
            broken.push(format!("{:?} is {verdict}, but {expected:?}", place(row)));
        }
        if row["flagged"] == "true" && (row["idle_days"].is_empty() || key.is_managed_by_aws) {
            broken.push(format!(
                "{:?} is flagged without having been read",
                place(row)
            ));
        }
    }
}

/// AWS was asked about every flagged key, and answered.
pub(super) fn of_flagged_keys_were_read(run: &Run, keys: &[Row], broken: &mut Vec<String>) {
    let log = run.aws.log();
    let answered: BTreeSet<(&str, &str, &str, &str)> = log
        .iter()
        .filter(|call| call.status == 200)
        .map(|call| {
            let LoggedCall {
                operation,
                account,
                region,
                resource,
                ..
            } = call;
            (&**operation, &**account, &**region, &**resource)
        })
        .collect();
    for row in keys.iter().filter(|row| row["flagged"] == "true") {
        let (account, region, kind, id) = place(row);
        let question = match kind {
            "kms_key" => ("kms:GetKeyLastUsage", account, region, id),
            "iam_access_key" => ("iam:GetAccessKeyLastUsed", account, "us-east-1", id),
            _ => ("iam:GetCredentialReport", account, "us-east-1", ""),
        };
        if !answered.contains(&question) {
            broken.push(format!(
                "{:?} is flagged and was not asked about",
                place(row)
            ));
        }
    }
}

/// Where a key is flagged that is exempt, its cell is a gap.
pub(super) fn of_exempt_keys_are_no_silent_flags(
    world: &World,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let kms = world
        .keys()
        .filter(|(_, key)| key.tags.contains_key(EXEMPT));
    let kms = kms.map(|(account, key)| (&*account.id, &*key.region, "kms_key", &*key.id));
    let iam = world.access_keys().filter(|held| {
        let user = held.user;
        user.is_some_and(|user| user.tags.contains_key(EXEMPT))
    });
    let iam = iam.map(|held| (&*held.account.id, "global", "iam_access_key", held.id));
    let exempt: BTreeSet<_> = kms.chain(iam).collect();
    for row in keys.iter().filter(|row| row["flagged"] == "true") {
        let (account, region, kind, _) = place(row);
        let is_told = coverage.iter().any(|cell| {
            (&*cell["account_id"], &*cell["region"], &*cell["kind"]) == (account, region, kind)
                && is_gap(cell)
        });
        if exempt.contains(&place(row)) && !is_told {
            broken.push(format!("{:?} is exempt, and flagged", place(row)));
        }
    }
}

const EXEMPT: &str = "keycensus:exempt";
