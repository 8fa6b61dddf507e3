//! What must hold of dependents, guards and days of deletion, whatever happens.

use std::collections::BTreeMap;

use keycensus_sim::{
    World,
    world::{Account, Key},
};

use super::{Row, identity};

/// What a row has of a key's dependents is what the world has, where everything could be
/// asked; never more; and nothing of keys that are not asked about.
pub(super) fn are_true(world: &World, keys: &[Row], broken: &mut Vec<String>) {
    let truth: BTreeMap<(&str, &str, &str), (&Account, &Key)> = world
        .keys()
        .map(|(account, key)| ((&*account.id, &*key.region, &*key.id), (account, key)))
        .collect();
    for row in keys {
        let is_asked_about = row["kind"] == "kms_key"
            && (row["flagged"] == "true" || row["verdict"] == "pending_deletion");
        let [found, checked] = row.values(["dependents", "dependents_checked"]);
        if is_asked_about == checked.is_empty() || !is_asked_about && !found.is_empty() {
            broken.push(format!(
                "{:?}: dependents checked: {checked:?}",
                identity(row)
            ));
        }
        let deletes = row["recommendation"] == "schedule_deletion";
        // No caller can use a grant to a principal that was deleted.
        let is_needed = parts(found).any(|(what, _)| what != "grants deleted");
        let may_be_deleted = match &*row["kind"] {
            // Nothing is asked about it, and AWS keeps it for some days; of a set, one
            // looks by hand.
            "secret" => row["flagged"] == "true" && row["multi_region_role"].is_empty(),
            _ => !is_needed && checked == "yes" && row["state"] == "Disabled",
        };
        if deletes && !may_be_deleted {
            broken.push(format!("{:?} is to be deleted", identity(row)));
        }
        let [account, region, _, id] = identity(row);
        let Some((account, key)) = truth.get(&(account, region, id)) else {
            continue;
        };
        let expected = dependents(account, key);
        let is_right = match checked {
            "yes" => *found == expected.join(";"),
            _ => parts(found).all(|(what, n)| {
                let most = expected.iter().flat_map(|part| parts(part));
                most.into_iter().any(|(w, m)| w == what && n <= m)
            }),
        };
        if is_asked_about && !is_right {
            broken.push(format!("{:?}: {found:?}, not {expected:?}", identity(row)));
        }
        // Worlds of these tests have no policies of their own.
        if !["", "0"].contains(&&*row["guard_days"]) {
            broken.push(format!("{:?} is guarded", identity(row)));
        }
        let has_date = row["state"] == "PendingDeletion";
        if has_date == row["deletion_date"].is_empty() {
            let date = &row["deletion_date"];
            broken.push(format!("{:?} is deleted on {date:?}", identity(row)));
        }
    }
}

fn dependents(account: &Account, key: &Key) -> Vec<String> {
    let is_its = |region: &str, named: &Option<String>| {
        region == key.region && named.as_deref().is_some_and(|name| key.is_called(name))
    };
    let volumes = account.volumes.iter();
    let volumes = volumes.filter(|one| is_its(&one.region, &one.kms_key));
    let snapshots = account.snapshots.iter();
    let snapshots = snapshots.filter(|one| is_its(&one.region, &one.kms_key));
    let mut grants: BTreeMap<&str, usize> = BTreeMap::new();
    for grant in &key.grants {
        let grantee = match grant.grantee.as_str() {
            arn if arn.starts_with("arn:") => "iam",
            id if id.starts_with("AROA") => "deleted",
            service => service,
        };
        *grants.entry(grantee).or_default() += 1;
    }
    let mut all = Vec::new();
    for (what, n) in [
        ("ebs_volumes", volumes.count()),
        ("ebs_snapshots", snapshots.count()),
    ] {
        if n > 0 {
            all.push(format!("{what}={n}"));
        }
    }
    if !grants.is_empty() {
        let grants: Vec<String> = grants.iter().map(|(who, n)| format!("{who}:{n}")).collect();
        all.push(format!("grants={}", grants.join(",")));
    }
    all
}

/// The names and numbers in what a row says: `ebs_volumes`, 3.
fn parts(found: &str) -> impl Iterator<Item = (String, u64)> {
    let parts = found.split(';').flat_map(|part| {
        let (what, rest) = part.split_once('=').unwrap_or_default();
        rest.split(',').map(move |one| match one.split_once(':') {
            Some((who, n)) => (format!("{what} {who}"), n),
            None => (what.to_owned(), one),
        })
    });
    parts.filter_map(|(what, n)| Some((what, n.parse().ok()?)))
}
