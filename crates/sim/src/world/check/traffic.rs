//! Checks the rules about calls: refusals, faults, stalls and neighbours.

use std::collections::HashSet;

use super::{WorldError, ensure, invalid, region_name};
use crate::{
    aws::{
        operation::{Operation, Service},
        request_rates::quota,
    },
    world::{Account, FaultRule, Neighbour, Refusal, Stall, World},
};

impl World {
    pub(super) fn check_traffic(&self) -> Result<(), WorldError> {
        let accounts: HashSet<_> = self
            .accounts
            .iter()
            .map(|account| account.id.as_str())
            .chain([self.scanner.account.as_str()])
            .collect();
        for (position, refusal) in self.refusals.iter().enumerate() {
            let thing = format!("refusal {} ({})", position + 1, refusal.operation);
            check_account(&thing, &accounts, refusal.account.as_deref())?;
            self.check_refusal(&thing, refusal)?;
        }
        for (position, rule) in self.faults.iter().enumerate() {
            let name = rule.effect.name();
            let thing = format!("fault {} ({name}, {})", position + 1, rule.operation);
            check_account(&thing, &accounts, rule.account.as_deref())?;
            self.check_fault(&thing, rule)?;
        }
        for (position, stall) in self.stalls.iter().enumerate() {
            let thing = format!("stall {}", position + 1);
            check_account(&thing, &accounts, stall.account.as_deref())?;
            check_stall(&thing, stall)?;
        }
        for (position, neighbour) in self.neighbours.iter().enumerate() {
            let thing = format!("neighbour {} ({})", position + 1, neighbour.operation);
            check_account(&thing, &accounts, neighbour.account.as_deref())?;
            check_neighbour(&thing, neighbour)?;
        }
        Ok(())
    }

    fn check_refusal(&self, thing: &str, refusal: &Refusal) -> Result<(), WorldError> {
        check_pattern(thing, &refusal.operation)?;
        self.check_key(thing, refusal.account.as_deref(), refusal.key.as_deref())?;
        let status = refusal.status.unwrap_or(400);
        ensure((400..=599).contains(&status), || {
            invalid(thing, format!("`status` is 400 to 599, not {status}"))
        })
    }

    fn check_fault(&self, thing: &str, rule: &FaultRule) -> Result<(), WorldError> {
        check_pattern(thing, &rule.operation)?;
        check_region(thing, rule.region.as_deref())?;
        self.check_key(thing, rule.account.as_deref(), rule.key.as_deref())?;
        let can_strike: Vec<_> = Operation::ALL
            .into_iter()
            .filter(|operation| rule.effect.applies_to(*operation))
            .collect();
        let strikes = can_strike
            .iter()
            .any(|operation| operation.is_covered_by(&rule.operation));
        ensure(strikes, || {
            let names: Vec<_> = can_strike.into_iter().map(Operation::name).collect();
            invalid(
                thing,
                format!("this `effect` is for {} only", names.join(", ")),
            )
        })?;
        ensure(rule.nth != Some(0) && rule.first != Some(0), || {
            invalid(thing, "`nth` and `first` are at least 1")
        })?;
        ensure(rule.nth.is_none() || rule.first.is_none(), || {
            invalid(thing, "there can be `nth` or `first`, not both")
        })?;
        let probability = rule.probability.unwrap_or(1.0);
        ensure((0.0..=1.0).contains(&probability), || {
            invalid(thing, format!("`probability` is 0 to 1, not {probability}"))
        })
    }

    fn check_key(
        &self,
        thing: &str,
        account: Option<&str>,
        key: Option<&str>,
    ) -> Result<(), WorldError> {
        let Some(name) = key else { return Ok(()) };
        let known = self
            .accounts
            .iter()
            .filter(|candidate| account.is_none_or(|id| id == candidate.id))
            .any(|candidate| is_anything_called(candidate, name));
        ensure(known, || {
            invalid(
                thing,
                format!(
                    "no key it could mean has the `id` or alias `{name}`, and no user that `name`"
                ),
            )
        })
    }
}

/// Whether an account has a KMS key, an access key or a user of this name.
fn is_anything_called(account: &Account, name: &str) -> bool {
    account.keys.iter().any(|key| key.is_called(name))
        || account
            .users
            .iter()
            .any(|user| user.name == name || user.access_keys.iter().any(|key| key.id == name))
}

fn check_stall(thing: &str, stall: &Stall) -> Result<(), WorldError> {
    check_region(thing, stall.region.as_deref())?;
    let names = Service::ALL.map(Service::prefix);
    if let Some(service) = &stall.service {
        ensure(names.contains(&service.as_str()), || {
            invalid(thing, format!("`service` is one of {}", names.join(", ")))
        })?;
    }
    ensure(stall.for_ms > 0, || {
        invalid(thing, "`for_ms` is at least 1")
    })?;
    ensure(
        stall.every_ms.is_none_or(|every| every > stall.for_ms),
        || invalid(thing, "`every_ms` is more than `for_ms`, or it never ends"),
    )
}

fn check_neighbour(thing: &str, neighbour: &Neighbour) -> Result<(), WorldError> {
    check_region(thing, neighbour.region.as_deref())?;
    let limited = Operation::ALL
        .into_iter()
        .filter(|operation| quota(*operation).is_some());
    let names: Vec<_> = limited.map(Operation::name).collect();
    ensure(names.contains(&neighbour.operation.as_str()), || {
        invalid(
            thing,
            format!(
                "`operation` must be one that has a quota: {}",
                names.join(", ")
            ),
        )
    })?;
    let rps = neighbour.rps;
    // Not a number is not positive either.
    ensure(rps > 0.0 && rps <= 10_000.0, || {
        invalid(thing, format!("`rps` is above 0 up to 10000, not {rps}"))
    })
}

fn check_pattern(thing: &str, pattern: &str) -> Result<(), WorldError> {
    ensure(Operation::pattern_is_known(pattern), || {
        invalid(
            thing,
            format!(
                "`operation` must be `*`, `service:*` or one of {}",
                Operation::ALL.map(Operation::name).join(", ")
            ),
        )
    })
}

fn check_account(
    thing: &str,
    accounts: &HashSet<&str>,
    account: Option<&str>,
) -> Result<(), WorldError> {
    match account {
        Some(id) => ensure(accounts.contains(id), || {
            invalid(thing, format!("`account` {id} is none of the accounts"))
        }),
        None => Ok(()),
    }
}

fn check_region(thing: &str, region: Option<&str>) -> Result<(), WorldError> {
    region.map_or(Ok(()), |region| region_name(thing, region))
}
