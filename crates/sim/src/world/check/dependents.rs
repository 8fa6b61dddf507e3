//! Checks what depends on the keys of an account, and its event history.

use std::collections::HashSet;

use super::{WorldError, ensure, invalid, region_name};
use crate::world::{Account, Grant, Key};

/// Checks volumes, snapshots and events.
pub(super) fn check_storage_and_trail(account: &Account) -> Result<(), WorldError> {
    let mut ids = HashSet::new();
    let volumes = account
        .volumes
        .iter()
        .map(|v| ("volume", &v.id, &v.region, &v.kms_key));
    let snapshots = account
        .snapshots
        .iter()
        .map(|s| ("snapshot", &s.id, &s.region, &s.kms_key));
    let events = account
        .trail_events
        .iter()
        .map(|e| ("trail event", &e.id, &e.region, &e.key));
    for (kind, id, region, key) in volumes.chain(snapshots).chain(events) {
        let thing = || format!("{kind} {id} of account {} in {region}", account.id);
        check_place(&thing, account, region)?;
        ensure(ids.insert((kind, id.as_str())), || {
            invalid(thing(), format!("there are two {kind}s with this `id`"))
        })?;
        check_named_key(&thing, account, region, key.as_deref())?;
    }
    for event in &account.trail_events {
        let right = event
            .parameters
            .as_deref()
            .is_none_or(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
        ensure(right, || {
            invalid(
                format!("trail event {} of account {}", event.id, account.id),
                "its `parameters` are not JSON, such as `{\"secretId\": \"db\"}`",
            )
        })?;
    }
    Ok(())
}

/// Checks the grants of a key.
pub(super) fn check_grants(thing: &dyn Fn() -> String, key: &Key) -> Result<(), WorldError> {
    let mut ids = HashSet::new();
    for grant in &key.grants {
        let Grant {
            id,
            grantee,
            grantee_service,
            ..
        } = grant;
        ensure(grantee.is_empty() != grantee_service.is_empty(), || {
            invalid(
                thing(),
                format!("grant {id} must have a `grantee` or a `grantee_service`, and not both"),
            )
        })?;
        ensure(ids.insert(id.as_str()), || {
            invalid(thing(), format!("there are two grants with the `id` {id}"))
        })?;
    }
    Ok(())
}

fn check_place(
    thing: &dyn Fn() -> String,
    account: &Account,
    region: &String,
) -> Result<(), WorldError> {
    region_name(&thing(), region)?;
    ensure(account.regions.contains(region), || {
        invalid(
            thing(),
            format!(
                "its Region is not among the account's `regions` ({})",
                account.regions.join(", ")
            ),
        )
    })
}

fn check_named_key(
    thing: &dyn Fn() -> String,
    account: &Account,
    region: &str,
    named: Option<&str>,
) -> Result<(), WorldError> {
    let Some(name) = named else { return Ok(()) };
    let right = name.starts_with("arn:") || account.key_called(region, name).is_some();
    ensure(right, || {
        invalid(
            thing(),
            format!("no key of its account and Region has the `id` or alias `{name}`"),
        )
    })
}
