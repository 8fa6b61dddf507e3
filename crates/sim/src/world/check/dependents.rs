//! Checks what depends on the keys of an account, and its event history.

use std::collections::HashSet;

use super::{WorldError, check_region_of, ensure, invalid};
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
        check_region_of(&thing, account, region)?;
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

#[cfg(test)]
mod tests {
    use crate::world::World;

    /// An account with one key.
    const KEY: &str = "[[account]]\nid = \"222222222222\"\n[[account.key]]\nregion = \"us-east-1\"\naliases = [\"alias/one\"]\n";

    #[test]
    fn what_is_wrong_with_what_depends_on_a_key_is_named() {
        for (mistake, says) in [
            (
                "[[account.key.grant]]\nid = \"g\"",
                "grant g must have a `grantee` or a `grantee_service`, and not both",
            ),
            (
                "[[account.key.grant]]\ngrantee = \"a\"\ngrantee_service = \"b\"",
                "and not both",
            ),
            (
                "[[account.key.grant]]\ngrantee = \"a\"\nid = \"g\"\n[[account.key.grant]]\ngrantee = \"b\"\nid = \"g\"",
                "there are two grants with the `id` g",
            ),
            ("[[account.volume]]", "missing field `region`"),
            (
                "[[account.volume]]\nregion = \"us-east-1\"\nkms_key = \"alias/none\"\nid = \"vol-1\"",
                "volume vol-1 of account 222222222222 in us-east-1: no key of its account and Region has the `id` or alias `alias/none`",
            ),
            (
                "[[account.volume]]\nregion = \"us-east-1\"\nid = \"vol-1\"\n[[account.volume]]\nregion = \"us-east-1\"\nid = \"vol-1\"",
                "there are two volumes with this `id`",
            ),
            (
                "[[account.snapshot]]\nregion = \"eu-west-1\"",
                "its Region is not among the account's `regions` (us-east-1)",
            ),
            (
                "[[account.snapshot]]\nregion = \"Virginia\"",
                "a Region looks like `eu-west-1`, not `Virginia`",
            ),
            (
                "[[account.trail_event]]\nregion = \"us-east-1\"",
                "missing field `time`",
            ),
            (
                "[[account.trail_event]]\nregion = \"us-east-1\"\ntime = \"1d\"\nkey = \"two\"",
                "has the `id` or alias `two`",
            ),
            (
                "[[account.trail_event]]\nregion = \"us-east-1\"\ntime = \"1d\"\nid = \"e\"\nparameters = \"{\"",
                "trail event e of account 222222222222: its `parameters` are not JSON",
            ),
        ] {
            let error = World::parse(&format!("{KEY}{mistake}"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{mistake:?} says {error}");
        }
    }

    #[test]
    fn what_depends_on_a_key_has_ids_and_reads_back_as_it_is() {
        let further = "policy = '{}'\n[[account.key.grant]]\ngrantee = \"rds.amazonaws.com\"\n[[account.volume]]\nregion = \"us-east-1\"\nkms_key = \"alias/one\"\n[[account.volume]]\nregion = \"us-east-1\"\n[[account.snapshot]]\nregion = \"us-east-1\"\nkms_key = \"arn:aws:kms:us-east-1:333333333333:key/theirs\"\n[[account.trail_event]]\nregion = \"us-east-1\"\ntime = \"1d\"\nparameters = '{\"a\": null}'";
        let world = World::parse(&format!("{KEY}{further}")).unwrap();
        let account = &world.accounts[0];
        assert_eq!(account.keys[0].grants[0].id.len(), 64);
        assert_eq!(account.volumes[0].id.len(), 21);
        assert_ne!(account.volumes[0].id, account.volumes[1].id);
        assert!(account.snapshots[0].id.starts_with("snap-"));
        assert_eq!(account.trail_events[0].id.len(), 36);
        assert_eq!(World::parse(&world.to_toml()).unwrap(), world);
    }
}
