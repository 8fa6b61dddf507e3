//! What depends on generated keys: volumes, snapshots and grants.

use super::{
    Generator,
    dice::Dice,
    keys::ago,
    names::{GRANTEES, TEAMS},
};
use crate::world::{Account, Grant, Key, KeyManager, Snapshot, Volume, World};

/// Separates these draws from those of keys, so that neither changes the other.
const DICE: u64 = 0x6562_7300_0000_0000;

impl Generator {
    /// Gives keys that a report should flag, and a few others, what a deletion would break.
    pub(super) fn add_dependents(&self, world: &mut World) {
        let mut dice = Dice::new(self.seed ^ DICE);
        for account in &mut world.accounts {
            let Account {
                id,
                keys,
                volumes,
                snapshots,
                ..
            } = account;
            for key in keys.iter_mut().filter(|key| may_have_dependents(key)) {
                let is_flagged = key.expect_flagged == Some(true);
                if dice.percent(if is_flagged { 20 } else { 3 }) {
                    volumes.extend((0..1 + dice.below(3)).map(|_| volume(&mut dice, key)));
                }
                if dice.percent(if is_flagged { 25 } else { 3 }) {
                    snapshots.extend((0..1 + dice.below(6)).map(|_| snapshot(&mut dice, key)));
                }
                if dice.percent(if is_flagged { 20 } else { 3 }) {
                    key.grants = (0..1 + dice.below(3))
                        .map(|_| grant(&mut dice, id))
                        .collect();
                }
            }
        }
        // New volumes, snapshots and grants have no IDs yet.
        world.complete();
    }
}

/// EBS and the services behind grants take keys for symmetric encryption only.
fn may_have_dependents(key: &Key) -> bool {
    key.manager == KeyManager::Customer && key.is_for_symmetric_encryption()
}

fn volume(dice: &mut Dice, key: &Key) -> Volume {
    let attached_to = dice
        .percent(70)
        .then(|| format!("i-{:017x}", dice.below(1 << 60)));
    Volume {
        kms_key: Some(key.id.clone()),
        created: ago(dice.days(0, 1500)),
        attached_to,
        ..Volume::new(&key.region)
    }
}

fn snapshot(dice: &mut Dice, key: &Key) -> Snapshot {
    Snapshot {
        kms_key: Some(key.id.clone()),
        created: ago(dice.days(0, 1500)),
        ..Snapshot::new(&key.region)
    }
}

fn grant(dice: &mut Dice, account: &str) -> Grant {
    let grantee = match dice.below(100) {
        0..70 => dice.pick(&GRANTEES).to_owned(),
        // A role that was deleted since.
        70..80 => format!("AROAEXAMPLE{:010}", dice.below(1_000_000)),
        _ => format!("arn:aws:iam::{account}:role/{}", dice.pick(&TEAMS)),
    };
    Grant {
        created: ago(dice.days(0, 1500)),
        ..Grant::new(grantee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_flagged_keys_have_dependents_and_most_have_none() {
        let world = Generator {
            accounts: 30,
            keys: 2000,
            ..Generator::default()
        }
        .generate();
        let flagged = world
            .keys()
            .filter(|(_, key)| key.expect_flagged == Some(true));
        let (mut all, mut with_storage, mut with_grants) = (0, 0, 0);
        for (account, key) in flagged {
            let is_its = |named: &Option<String>| named.as_ref() == Some(&key.id);
            all += 1;
            with_storage += usize::from(account.volumes.iter().any(|v| is_its(&v.kms_key)));
            with_grants += usize::from(!key.grants.is_empty());
        }
        assert!(all > 300, "{all}");
        for some in [with_storage, with_grants] {
            assert!((all / 10..all / 3).contains(&some), "{some} of {all}");
        }
    }
}
