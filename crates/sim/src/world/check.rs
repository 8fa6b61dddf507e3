//! Checks that a completed world makes sense.

mod access_keys;
mod dependents;
mod keys;
mod secrets;
mod traffic;

use std::collections::{HashMap, HashSet};

use super::{Account, World};
use crate::aws::regions::sts_home;

/// Why a world file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// No TOML, or a field or value that no world has.
    #[error("the world file cannot be read: {message}")]
    Syntax {
        /// The TOML reader's message, which shows the line.
        message: String,
    },
    /// Something that contradicts the rest of the world.
    #[error("{thing}: {problem}")]
    Invalid {
        /// What is wrong, such as ``account 222222222222``.
        thing: String,
        /// Why, and what would be right.
        problem: String,
    },
}

fn invalid(thing: impl Into<String>, problem: impl Into<String>) -> WorldError {
    WorldError::Invalid {
        thing: thing.into(),
        problem: problem.into(),
    }
}

fn ensure(right: bool, error: impl FnOnce() -> WorldError) -> Result<(), WorldError> {
    if right { Ok(()) } else { Err(error()) }
}

impl World {
    /// Checks a completed world.
    pub(crate) fn check(&self) -> Result<(), WorldError> {
        let page_size = self.organization.page_size;
        ensure((1..=20).contains(&page_size), || {
            invalid(
                "organization",
                format!("`page_size` is 1 to 20, not {page_size}"),
            )
        })?;
        account_id(
            "organization.management_account",
            &self.organization.management_account,
        )?;
        account_id("scanner.account", &self.scanner.account)?;
        self.check_tree()?;
        self.check_accounts()?;
        self.check_access_keys()?;
        self.check_buckets_and_topics()?;
        self.check_event_buses()?;
        self.check_security_hubs()?;
        self.check_traffic()
    }

    fn check_tree(&self) -> Result<(), WorldError> {
        let mut parents = HashMap::new();
        for unit in &self.organizational_units {
            let thing = format!("organizational unit {}", unit.id);
            ensure(unit.id.starts_with("ou-"), || {
                invalid(&thing, "its `id` must begin with `ou-`")
            })?;
            ensure(
                parents
                    .insert(unit.id.as_str(), unit.parent.as_str())
                    .is_none(),
                || invalid(&thing, "there are two units with this `id`"),
            )?;
        }
        let root = self.organization.root.as_str();
        let known = || {
            let mut ids = vec![root];
            ids.extend(
                self.organizational_units
                    .iter()
                    .map(|unit| unit.id.as_str()),
            );
            ids.truncate(12);
            ids.join(", ")
        };
        let check_parent = |thing: String, parent: &str| {
            ensure(parent == root || parents.contains_key(parent), || {
                invalid(
                    thing,
                    format!(
                        "there is no root or unit `{parent}` to be its `parent`; there are {}",
                        known()
                    ),
                )
            })
        };
        for unit in &self.organizational_units {
            check_parent(format!("organizational unit {}", unit.id), &unit.parent)?;
        }
        for unit in &self.organizational_units {
            let (mut above, mut steps) = (unit.parent.as_str(), 0);
            while let Some(next) = parents.get(above) {
                (above, steps) = (next, steps + 1);
                ensure(steps <= parents.len(), || {
                    invalid(
                        format!("organizational unit {}", unit.id),
                        "its parents form a circle",
                    )
                })?;
            }
        }
        for account in &self.accounts {
            check_parent(format!("account {}", account.id), &account.parent)?;
        }
        Ok(())
    }

    fn check_accounts(&self) -> Result<(), WorldError> {
        let mut ids = HashSet::new();
        for account in &self.accounts {
            let thing = format!("account {}", account.id);
            account_id(&thing, &account.id)?;
            ensure(ids.insert(account.id.as_str()), || {
                invalid(&thing, "there are two accounts with this `id`")
            })?;
            for region in &account.regions {
                region_name(&thing, region)?;
            }
            for region in &account.sts_deactivated {
                region_name(&thing, region)?;
                ensure(region != sts_home(region), || {
                    let message =
                        format!("AWS lets nobody deactivate STS in {region} (`sts_deactivated`)");
                    invalid(&thing, message)
                })?;
            }
            ensure(account.session_seconds > 0, || {
                invalid(&thing, "`session_seconds` must be at least 1")
            })?;
            keys::check_keys(account)?;
            secrets::check_secrets(account)?;
            dependents::check_storage_and_trail(account)?;
        }
        let management = &self.organization.management_account;
        ensure(
            self.accounts.is_empty() || ids.contains(management.as_str()),
            || {
                invalid(
                    "organization",
                    format!("`management_account` {management} is none of the accounts"),
                )
            },
        )?;
        for delegated in &self.organization.delegated_administrators {
            ensure(ids.contains(delegated.as_str()), || {
                invalid(
                    "organization",
                    format!("delegated administrator {delegated} is none of the accounts"),
                )
            })?;
        }
        Ok(())
    }

    fn check_buckets_and_topics(&self) -> Result<(), WorldError> {
        let mut names = HashSet::new();
        for bucket in &self.buckets {
            let thing = format!("bucket {}", bucket.name);
            ensure(names.insert(bucket.name.as_str()), || {
                invalid(&thing, "there are two buckets with this `name`")
            })?;
            account_id(&thing, &bucket.account)?;
            region_name(&thing, &bucket.region)?;
            bucket
                .parsed_policy()
                .map_err(|error| invalid(&thing, format!("its `policy`: {error}")))?;
        }
        for topic in &self.topics {
            let parts: Vec<_> = topic.arn.split(':').collect();
            let right = parts.len() == 6 && parts[0] == "arn" && parts[2] == "sns";
            ensure(right, || {
                invalid(
                    format!("topic {}", topic.arn),
                    "its `arn` must look like `arn:aws:sns:eu-west-1:111111111111:name`",
                )
            })?;
            ensure(names.insert(topic.arn.as_str()), || {
                invalid(
                    format!("topic {}", topic.arn),
                    "there are two topics with this `arn`",
                )
            })?;
        }
        Ok(())
    }

    fn check_event_buses(&self) -> Result<(), WorldError> {
        let mut places = HashSet::new();
        for bus in &self.event_buses {
            let thing = format!("event bus {}", bus.name);
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            ensure(
                !bus.name.is_empty() && bus.name.chars().all(is_allowed),
                || invalid(&thing, "its `name` is letters, digits, `.`, `-` and `_`"),
            )?;
            account_id(&thing, &bus.account)?;
            region_name(&thing, &bus.region)?;
            let place = (&bus.account, &bus.region, &bus.name);
            ensure(places.insert(place), || {
                invalid(
                    &thing,
                    "there are two with this `name` in its account and Region",
                )
            })?;
        }
        Ok(())
    }

    fn check_security_hubs(&self) -> Result<(), WorldError> {
        let mut places = HashSet::new();
        for hub in &self.security_hubs {
            let thing = "security_hub";
            account_id(thing, &hub.account)?;
            region_name(thing, &hub.region)?;
            ensure(places.insert((&hub.account, &hub.region)), || {
                invalid(thing, "there are two in one account and Region")
            })?;
        }
        Ok(())
    }
}

fn account_id(thing: &str, id: &str) -> Result<(), WorldError> {
    ensure(
        id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()),
        || invalid(thing, format!("an account ID is twelve digits, not `{id}`")),
    )
}

fn region_name(thing: &str, region: &str) -> Result<(), WorldError> {
    let mut parts = region.split('-');
    let number = parts.next_back().unwrap_or_default();
    let right = region.contains('-')
        && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
        && number.len() == 1
        && number.as_bytes()[0].is_ascii_digit();
    ensure(right, || {
        invalid(
            thing,
            format!("a Region looks like `eu-west-1`, not `{region}`"),
        )
    })
}

/// Checks that an account has enabled a Region.
fn check_region_of(
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
