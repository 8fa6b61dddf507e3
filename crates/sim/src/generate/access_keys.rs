//! Generated users, their access keys and those of root users.

use super::{
    Generator, MANAGEMENT,
    dice::Dice,
    keys::ago,
    names::{PRODUCTS, REASONS, SERVICES, TEAMS, USERS},
    verdict::{EXEMPT, access_key_verdict, is_unused},
};
use crate::world::{
    AccessKey, AccessKeyStatus, Account, AccountState, CredentialReport, Moment, Refusal, User,
    World,
};

/// Separates these draws from those of KMS keys, so that neither changes the other.
const DICE: u64 = 0x6961_6d00_0000_0000;

/// Keys older than this were created before IAM began to record last uses, in any world of the next years.
const ANCIENT: i64 = 4300;
const MOST_ANCIENT: i64 = 4700;

impl Generator {
    /// Gives every active account its users, a few a root access key, and sets the expected verdicts.
    pub(super) fn add_access_keys(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed ^ DICE);
        let active = |account: &&mut Account| account.state == AccountState::Active;
        for account in world.accounts.iter_mut().filter(active) {
            account.credential_report = credential_report(&mut dice);
            if dice.percent(10) {
                let count = 1 + usize::from(dice.percent(20));
                account.root_access_keys = (0..count)
                    .map(|_| access_key(&mut dice, &account.regions).0)
                    .collect();
            }
            account.users = (0..self.users_per_account)
                .map(|number| user(&mut dice, &account.regions, number))
                .collect();
        }
        // Refusals name keys by their IDs.
        world.complete();
        if self.refusals {
            deny_reports(world);
        }
        self.set_verdicts_of_access_keys(&mut dice, world);
    }

    /// Denies single keys and sets the expected verdict of each.
    fn set_verdicts_of_access_keys(&self, dice: &mut Dice, world: &mut World) {
        let World {
            accounts, refusals, ..
        } = world;
        for account in accounts {
            if account.id != MANAGEMENT && account.role.is_empty() {
                continue;
            }
            let without_report = refusals.iter().any(|refusal| {
                refusal.account.as_ref() == Some(&account.id)
                    && refusal.operation == "iam:GetCredentialReport"
            });
            if !without_report {
                for key in &mut account.root_access_keys {
                    let verdict = access_key_verdict(key, self.now, false);
                    expect(key, verdict, is_unused(verdict));
                }
            }
            for user in &mut account.users {
                let exempt = user.tags.contains_key(EXEMPT);
                for key in &mut user.access_keys {
                    let denied = self.refusals && dice.percent(1);
                    let verdict = access_key_verdict(key, self.now, denied);
                    expect(key, verdict, is_unused(verdict) && !exempt);
                    if denied {
                        refusals.push(Refusal {
                            account: Some(account.id.clone()),
                            operation: "iam:GetAccessKeyLastUsed".to_owned(),
                            key: Some(key.id.clone()),
                            ..Refusal::default()
                        });
                    }
                }
            }
        }
    }
}

fn expect(key: &mut AccessKey, verdict: &str, flagged: bool) {
    key.expect = Some(verdict.to_owned());
    key.expect_flagged = Some(flagged);
}

/// In some accounts a policy denies credential reports: then root access keys cannot be read.
fn deny_reports(world: &mut World) {
    let denied = world
        .accounts
        .iter()
        .enumerate()
        .filter(|(number, account)| number % 20 == 3 && account.state == AccountState::Active);
    for (_, account) in denied {
        for operation in ["iam:GenerateCredentialReport", "iam:GetCredentialReport"] {
            world.refusals.push(Refusal {
                account: Some(account.id.clone()),
                operation: operation.to_owned(),
                ..Refusal::default()
            });
        }
    }
}

/// Most accounts have no report yet; some have a valid one, some an expired one.
fn credential_report(dice: &mut Dice) -> CredentialReport {
    let hours = match dice.below(100) {
        0..25 => Some(dice.days(1, 3)),
        25..35 => Some(dice.days(5, 48)),
        _ => None,
    };
    CredentialReport {
        age: hours.map(|hours| Moment::days_and_hours(0, hours)),
        takes_ms: dice.below(3000),
        ..CredentialReport::default()
    }
}

/// The `number`th user of an account with these Regions.
fn user(dice: &mut Dice, regions: &[String], number: usize) -> User {
    let mut user = User::new(format!(
        "{}-{}-{number}",
        dice.pick(&USERS),
        dice.pick(&PRODUCTS)
    ));
    let count = match dice.below(100) {
        0..25 => 0,
        25..75 => 1,
        _ => 2,
    };
    let mut oldest = dice.days(30, 60);
    for _ in 0..count {
        let (key, age) = access_key(dice, regions);
        user.access_keys.push(key);
        oldest = oldest.max(age);
    }
    user.created = ago(oldest + dice.days(0, 30));
    match dice.below(100) {
        0..10 => user.path = "/ci/".to_owned(),
        10..30 => user.path = "/service/".to_owned(),
        _ => {}
    }
    let mut tag = |name: &str, value: &str| user.tags.insert(name.to_owned(), value.to_owned());
    match dice.below(100) {
        0..40 => drop(tag("owner", dice.pick(&TEAMS))),
        40..55 => drop(tag("team", dice.pick(&TEAMS))),
        _ => {}
    }
    if dice.percent(3) {
        tag(EXEMPT, dice.pick(&REASONS));
    }
    user
}

/// An access key with dates, and how many days ago it was created.
fn access_key(dice: &mut Dice, regions: &[String]) -> (AccessKey, i64) {
    let mut key = AccessKey::default();
    if dice.percent(15) {
        key.status = AccessKeyStatus::Inactive;
    }
    let idle = match dice.below(100) {
        0..25 => Some(0),
        25..45 => Some(dice.days(1, 6)),
        45..60 => Some(dice.days(7, 89)),
        60..75 => Some(dice.days(90, 900)),
        _ => None,
    };
    let age = match (idle, dice.below(100)) {
        (Some(idle), _) => dice.days(idle + 1, idle + 1200),
        (None, 0..45) => dice.days(90, 1500),
        (None, 45..60) => dice.days(ANCIENT, MOST_ANCIENT),
        (None, _) => dice.days(0, 60),
    };
    key.created = Some(ago(age));
    if let Some(idle) = idle {
        key.last_used = Some(ago(idle));
        key.service = Some(dice.pick(&SERVICES).to_owned());
        let regions: Vec<&String> = regions.iter().collect();
        key.last_used_region = Some(dice.pick(&regions).clone());
    }
    (key, age)
}

#[cfg(test)]
mod tests;
