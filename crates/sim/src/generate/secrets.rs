//! Generated secrets, some of them replicated to other Regions.

use super::{
    Generator, MANAGEMENT,
    dice::Dice,
    keys::ago,
    names::{PURPOSES, REASONS, TEAMS},
    verdict::{EXEMPT, is_unused, secret_verdict},
};
use crate::world::{Account, AccountState, Secret, World};

/// Separates these draws from those of keys, so that neither changes the other.
const DICE: u64 = 0x7365_6372_0000_0000;

impl Generator {
    /// Gives the accounts secrets, and sets the expected verdicts.
    pub(super) fn add_secrets(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed ^ DICE);
        for account in &mut world.accounts {
            if account.state != AccountState::Active {
                continue;
            }
            for number in 0..self.secrets_per_account {
                add_secret(&mut dice, account, number);
            }
            if account.id != MANAGEMENT && account.role.is_empty() {
                continue;
            }
            for secret in &mut account.secrets {
                let verdict = secret_verdict(secret, self.now);
                let is_flagged = is_unused(verdict) && !secret.tags.contains_key(EXEMPT);
                secret.expect = Some(verdict.to_owned());
                secret.expect_flagged = Some(is_flagged);
            }
        }
        world.complete();
    }
}

fn add_secret(dice: &mut Dice, account: &mut Account, number: usize) {
    let regions: Vec<&str> = account.regions.iter().map(String::as_str).collect();
    let region = dice.pick(&regions).to_owned();
    let mut secret = Secret::new(region, format!("{}/{number}", dice.pick(&PURPOSES)));
    give_a_past(dice, &mut secret);
    secret.rotation = dice.percent(15);
    if dice.percent(10) {
        secret.owning_service = Some("rds".to_owned());
    }
    if dice.percent(50) {
        let team = dice.pick(&TEAMS).to_owned();
        secret.tags.insert("owner".to_owned(), team);
    }
    if dice.percent(5) {
        let reason = dice.pick(&REASONS).to_owned();
        secret.tags.insert(EXEMPT.to_owned(), reason);
    }
    if regions.len() > 1 && dice.percent(15) {
        let at = regions.iter().position(|region| *region == secret.region);
        let other = regions[(at.unwrap_or(0) + 1) % regions.len()];
        let mut replica = Secret {
            region: other.to_owned(),
            primary_region: Some(secret.region.clone()),
            ..secret.clone()
        };
        give_a_past(dice, &mut replica);
        secret.primary_region = dice.percent(50).then(|| secret.region.clone());
        account.secrets.push(replica);
    }
    account.secrets.push(secret);
}

/// When it was created and last retrieved.
fn give_a_past(dice: &mut Dice, secret: &mut Secret) {
    let used = match dice.below(100) {
        0..40 => Some(dice.days(0, 80)),
        40..65 => Some(dice.days(92, 900)),
        _ => None,
    };
    secret.last_accessed = used.map(ago);
    secret.created = ago(match used {
        Some(used) => dice.days(used + 1, used + 1200),
        None if dice.percent(60) => dice.days(90, 1500),
        None => dice.days(0, 80),
    });
}
