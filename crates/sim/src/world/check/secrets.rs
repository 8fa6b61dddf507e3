//! Checks the secrets of an account.

use std::collections::HashSet;

use super::{WorldError, check_region_of, ensure, invalid};
use crate::world::{Account, Secret};

/// Checks each secret, and that replicas are of secrets that are there.
pub(super) fn check_secrets(account: &Account) -> Result<(), WorldError> {
    let mut names = HashSet::new();
    for secret in &account.secrets {
        let Secret { region, name, .. } = secret;
        let thing = || format!("secret {name} of account {} in {region}", account.id);
        check_region_of(&thing, account, region)?;
        ensure(!name.is_empty(), || invalid(thing(), "its `name` is empty"))?;
        let suffix = secret.id.strip_prefix(name.as_str());
        ensure(
            suffix.is_some_and(|rest| rest.len() == 7 && rest.starts_with('-')),
            || {
                invalid(
                    thing(),
                    format!(
                        "its `id` is not its name, a hyphen and six characters, such as `{name}-a1b2c3`"
                    ),
                )
            },
        )?;
        ensure(names.insert((region, name)), || {
            invalid(thing(), "there are two secrets with this `name`")
        })?;
        let Some(primary) = secret.primary_region.as_ref().filter(|at| *at != region) else {
            continue;
        };
        let is_primary = |other: &Secret| other.region == *primary && other.name == *name;
        ensure(account.secrets.iter().any(is_primary), || {
            invalid(
                thing(),
                format!("there is no secret of this `name` in its `primary_region` {primary}"),
            )
        })?;
    }
    Ok(())
}
