//! What is reported of a key is what its world has of it, and was read.

use std::collections::{BTreeMap, BTreeSet};

use keycensus_sim::{LoggedCall, World, world::KeyManager};

use super::{KeyIdentity, Row, identity, kind_of, selection::is_gap};
use crate::{Run, expected::password_identity};

/// The tag that exempts a key.
const EXEMPT: &str = "keycensus:exempt";

/// What a world says of a key.
struct Truth<'a> {
    /// The verdict that a report should give, where it should have the key.
    expect: Option<&'a str>,
    is_managed_by_aws: bool,
    is_exempt: bool,
}

/// What a world says of each of its keys.
fn truth(world: &World) -> BTreeMap<KeyIdentity<'_>, Truth<'_>> {
    let kms = world.keys().map(|(account, key)| {
        let truth = Truth {
            expect: key.expect.as_deref(),
            is_managed_by_aws: key.manager == KeyManager::Aws,
            is_exempt: key.tags.contains_key(EXEMPT),
        };
        ([&*account.id, &*key.region, "kms_key", &*key.id], truth)
    });
    let iam = world.access_keys().map(|held| {
        let truth = Truth {
            expect: held.key.expect.as_deref(),
            is_managed_by_aws: false,
            is_exempt: held.user.is_some_and(|user| user.tags.contains_key(EXEMPT)),
        };
        ([&*held.account.id, "global", kind_of(held), held.id], truth)
    });
    let passwords = world.passwords().map(|held| {
        let truth = Truth {
            expect: held.password.expect.as_deref(),
            is_managed_by_aws: false,
            is_exempt: held.user.is_some_and(|user| user.tags.contains_key(EXEMPT)),
        };
        let (kind, id) = password_identity(held);
        ([&*held.account.id, "global", kind, id], truth)
    });
    let secrets = world.secrets().map(|(account, secret)| {
        let truth = Truth {
            expect: secret.expect.as_deref(),
            is_managed_by_aws: secret.owning_service.is_some(),
            is_exempt: secret.tags.contains_key(EXEMPT),
        };
        let identity = [&*account.id, &*secret.region, "secret", &*secret.id];
        (identity, truth)
    });
    let credentials = world
        .service_credentials()
        .map(|(account, user, credential)| {
            let truth = Truth {
                expect: credential.expect.as_deref(),
                is_managed_by_aws: false,
                is_exempt: user.tags.contains_key(EXEMPT),
            };
            let identity = [
                &*account.id,
                "global",
                "service_credential",
                &*credential.id,
            ];
            (identity, truth)
        });
    let of_iam = iam.chain(passwords).chain(credentials);
    kms.chain(secrets).chain(of_iam).collect()
}

/// Where a key is flagged that is exempt, its cell is a gap.
pub(super) fn are_true(world: &World, keys: &[Row], coverage: &[Row], broken: &mut Vec<String>) {
    let truth = truth(world);
    for row in keys {
        let identity = identity(row);
        let [verdict, flagged, idle_days] = row.values(["verdict", "flagged", "idle_days"]);
        let Some(key) = truth.get(&identity) else {
            broken.push(format!("{identity:?} does not exist"));
            continue;
        };
        let expected = key.expect;
        if verdict != "unreadable" && expected.is_some_and(|e| e != verdict && e != "unreadable") {
            broken.push(format!("{identity:?} is {verdict}, but {expected:?}"));
        }
        if (verdict == "not_recorded") != (identity[2] == "service_credential") {
            broken.push(format!("{identity:?} is {verdict}"));
        }
        if flagged == "true" && (idle_days.is_empty() || key.is_managed_by_aws) {
            broken.push(format!("{identity:?} is flagged without having been read"));
        }
        let [account, region, kind, _] = identity;
        let kind = match kind {
            "kms_key" | "secret" => kind,
            _ => "iam_access_key",
        };
        let of_cell = [account, region, kind];
        let mut cells = coverage.iter();
        let has_gap = cells
            .any(|cell| cell.values(["account_id", "region", "kind"]) == of_cell && is_gap(cell));
        if flagged == "true" && key.is_exempt && !has_gap {
            broken.push(format!("{identity:?} is exempt, and flagged"));
        }
    }
}

/// AWS was asked about every flagged key, and answered.
pub(super) fn of_flagged_keys_were_read(run: &Run, keys: &[Row], broken: &mut Vec<String>) {
    let log = run.aws.log();
    let answered = log.iter().filter(|call| call.status == 200);
    let answered: BTreeSet<[&str; 4]> = answered
        .map(|call| {
            let LoggedCall {
                operation,
                account,
                region,
                resource,
                ..
            } = call;
            [operation, account, region, resource].map(|text| &**text)
        })
        .collect();
    for row in keys.iter().filter(|row| row["flagged"] == "true") {
        let [account, region, kind, id] = identity(row);
        let question = match kind {
            "kms_key" => ["kms:GetKeyLastUsage", account, region, id],
            "secret" => ["secretsmanager:ListSecrets", account, region, ""],
            "iam_access_key" => ["iam:GetAccessKeyLastUsed", account, "us-east-1", id],
            _ => ["iam:GetCredentialReport", account, "us-east-1", ""],
        };
        if !answered.contains(&question) {
            broken.push(format!(
                "{:?} is flagged and was not asked about",
                identity(row)
            ));
        }
    }
}
