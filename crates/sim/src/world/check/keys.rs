//! Checks the keys of an account.

use std::collections::HashSet;

use super::{WorldError, check_region_of, dependents::check_grants, ensure, invalid};
use crate::world::{Account, Key, MultiRegion};

pub(super) fn check_keys(account: &Account) -> Result<(), WorldError> {
    let mut ids = HashSet::new();
    let mut aliases = HashSet::new();
    for key in &account.keys {
        let thing = || format!("key {} of account {} in {}", key.id, account.id, key.region);
        check_region_of(&thing, account, &key.region)?;
        ensure(ids.insert((key.region.as_str(), key.id.as_str())), || {
            invalid(thing(), "there are two keys with this `id`")
        })?;
        for alias in &key.aliases {
            ensure(alias.len() > 6 && alias.starts_with("alias/"), || {
                invalid(thing(), format!("alias `{alias}` must begin with `alias/`"))
            })?;
            ensure(
                aliases.insert((key.region.as_str(), alias.as_str())),
                || {
                    invalid(
                        thing(),
                        format!("another key of this Region has the alias `{alias}`"),
                    )
                },
            )?;
        }
        ensure(
            key.rotations.is_empty() || key.is_for_symmetric_encryption(),
            || {
                invalid(
                    thing(),
                    "only keys for symmetric encryption have `rotations`",
                )
            },
        )?;
        ensure(
            key.state_before.is_some() == key.state_since.is_some(),
            || {
                invalid(
                    thing(),
                    "`state_before` and `state_since` go together: which state it had, and since when it has not",
                )
            },
        )?;
        check_grants(&thing, key)?;
        check_multi_region(key).map_err(|problem| invalid(thing(), problem))?;
    }
    Ok(())
}

fn check_multi_region(key: &Key) -> Result<(), &'static str> {
    match key.multi_region {
        Some(MultiRegion::Replica) if key.multi_region_primary.is_none() => {
            Err("a replica must name its primary's Region as `multi_region_primary`")
        }
        None if key.multi_region_primary.is_some() || !key.multi_region_replicas.is_empty() => Err(
            "`multi_region_primary` and `multi_region_replicas` need `multi_region = \"PRIMARY\"` or `\"REPLICA\"`",
        ),
        _ => Ok(()),
    }
}
