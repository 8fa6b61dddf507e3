//! Generated service-specific credentials.

use super::{Generator, MANAGEMENT, dice::Dice, keys::ago};
use crate::world::{AccountState, Moment, ServiceCredential, ServiceCredentialStatus, World};

/// Separates these draws from those of keys, so that neither changes the other.
const DICE: u64 = 0x7370_6563_0000_0000;

/// Long-term API keys of Bedrock are the most frequent.
const SERVICES: [&str; 4] = [
    "bedrock.amazonaws.com",
    "bedrock.amazonaws.com",
    "codecommit.amazonaws.com",
    "logs.amazonaws.com",
];

impl Generator {
    /// Gives some users credentials, of which AWS records no use.
    pub(super) fn add_service_credentials(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed ^ DICE);
        for account in &mut world.accounts {
            let is_read = account.id == MANAGEMENT || !account.role.is_empty();
            if account.state != AccountState::Active {
                continue;
            }
            for user in &mut account.users {
                for _ in 0..self.service_credentials_per_user {
                    if dice.percent(40) {
                        let mut credential = credential(&mut dice);
                        credential.expect = is_read.then(|| "not_recorded".to_owned());
                        user.service_credentials.push(credential);
                    }
                }
            }
        }
        world.complete();
    }
}

fn credential(dice: &mut Dice) -> ServiceCredential {
    let expires = dice.percent(40).then(|| dice.days(1, 300));
    ServiceCredential {
        id: String::new(),
        service: dice.pick(&SERVICES).to_owned(),
        status: match dice.percent(15) {
            true => ServiceCredentialStatus::Inactive,
            false => ServiceCredentialStatus::Active,
        },
        created: Some(ago(dice.days(0, 400))),
        expires: expires.map(|days| Moment::days_and_hours(-days, 0)),
        deleted: None,
        expect: None,
    }
}
