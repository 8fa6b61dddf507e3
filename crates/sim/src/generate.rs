//! Makes worlds of any size from a seed.
//!
//! A generated organization is as uneven as real ones: a few accounts and Regions have most keys, most accounts few; some
//! accounts are suspended, some lack the role, some Regions and keys are denied, and some root users have access keys.
//! Every key that a report should contain has the expected verdict.

mod access_keys;
mod dependents;
mod dice;
mod keys;
mod names;
mod passwords;
mod secrets;
mod service_credentials;
mod verdict;

use std::collections::HashSet;

use jiff::Timestamp;

use self::{
    dice::Dice,
    names::{PRODUCTS, STAGES, UNITS},
    verdict::{is_flagged, verdict},
};
use crate::{
    aws::regions::{DEFAULT_REGIONS, OPT_IN_REGIONS},
    world::{
        Account, AccountState, Bucket, Key, KeyManager, MultiRegion, OrganizationalUnit, Refusal,
        Topic, World, multi_region_id,
    },
};

/// Makes a world. Everything in it follows from these numbers.
///
/// ```
/// use keycensus_sim::Generator;
///
/// let world = Generator { accounts: 12, keys: 100, seed: 7, ..Generator::default() }.generate();
/// assert_eq!(world.accounts.len(), 12);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generator {
    /// Accounts, the management account (111111111111, which is the scanner's) among them; at least 1.
    pub accounts: usize,
    /// Regions: first the 17 that are enabled by default, then ones that only some accounts opted in to; at least 1.
    pub regions: usize,
    /// Customer managed keys in all active accounts together.
    pub keys: usize,
    /// IAM users in every active account, each with 0 to 2 access keys.
    pub users_per_account: usize,
    /// Secrets in every active account, replicas not counted.
    pub secrets_per_account: usize,
    /// The most service-specific credentials of a user.
    pub service_credentials_per_user: usize,
    /// The same seed gives the same world.
    pub seed: u64,
    /// The world's `now`, for which the expected verdicts hold.
    pub now: Timestamp,
    /// Whether some accounts lack the role, and some Regions, keys and credential reports are denied.
    pub refusals: bool,
}

impl Default for Generator {
    fn default() -> Self {
        const NOW: i64 = 1_795_226_400;
        Self {
            accounts: 20,
            regions: 4,
            keys: 500,
            users_per_account: 5,
            secrets_per_account: 0,
            service_credentials_per_user: 0,
            seed: 1,
            now: Timestamp::from_second(NOW).unwrap_or(Timestamp::UNIX_EPOCH),
            refusals: true,
        }
    }
}

const MANAGEMENT: &str = "111111111111";

impl Generator {
    /// The world.
    pub fn generate(&self) -> World {
        let mut dice = Dice::new(self.seed);
        let mut world = World {
            now: Some(self.now),
            buckets: vec![Bucket {
                name: "keycensus-reports".to_owned(),
                account: MANAGEMENT.to_owned(),
                region: "eu-west-1".to_owned(),
                policy: None,
            }],
            topics: vec![Topic {
                arn: format!("arn:aws:sns:eu-west-1:{MANAGEMENT}:keycensus"),
            }],
            organizational_units: units(),
            ..World::default()
        };
        self.add_accounts(&mut dice, &mut world);
        self.add_keys(&mut dice, &mut world);
        world.complete();
        if self.refusals {
            deny_regions(&mut world);
        }
        self.set_verdicts(&mut dice, &mut world);
        self.add_access_keys(&mut world);
        self.add_passwords(&mut world);
        self.add_dependents(&mut world);
        self.add_secrets(&mut world);
        self.add_service_credentials(&mut world);
        world
    }

    fn add_accounts(&self, dice: &mut Dice, world: &mut World) {
        let regions: Vec<&str> = DEFAULT_REGIONS
            .into_iter()
            .chain(OPT_IN_REGIONS)
            .take(self.regions.max(1))
            .collect();
        let parents: Vec<&str> = world
            .organizational_units
            .iter()
            .map(|unit| unit.id.as_str())
            .collect();
        let mut ids = HashSet::from([MANAGEMENT.to_owned()]);
        for number in 0..self.accounts.max(1) {
            let mut account = Account {
                id: MANAGEMENT.to_owned(),
                name: "management".to_owned(),
                role: "KeycensusReader".to_owned(),
                session_seconds: 3600,
                ..Account::default()
            };
            if number > 0 {
                account.id = loop {
                    let id = format!("{:012}", 200_000_000_000 + dice.below(700_000_000_000));
                    if ids.insert(id.clone()) {
                        break id;
                    }
                };
                account.name = format!("{}-{}", dice.pick(&PRODUCTS), dice.pick(&STAGES));
                if number > PRODUCTS.len() {
                    account.name = format!("{}-{number}", account.name);
                }
                account.parent = dice.pick(&parents).to_owned();
                account.state = match number {
                    n if n % 40 == 7 => AccountState::Suspended,
                    n if n % 100 == 57 => AccountState::PendingClosure,
                    _ => AccountState::Active,
                };
                if self.refusals && number % 50 == 9 {
                    account.role = String::new();
                }
            }
            let enabled = regions
                .iter()
                .filter(|region| !OPT_IN_REGIONS.contains(region) || dice.percent(30));
            account.regions = enabled.map(|region| (*region).to_owned()).collect();
            world.accounts.push(account);
        }
    }

    fn add_keys(&self, dice: &mut Dice, world: &mut World) {
        let mut cells = Vec::new();
        let mut running = Vec::new();
        let mut total = 0;
        for (position, account) in world.accounts.iter_mut().enumerate() {
            if account.state != AccountState::Active {
                continue;
            }
            let weight = 1 << dice.below(8);
            let home =
                usize::try_from(dice.below(account.regions.len().min(3) as u64)).unwrap_or(0);
            for (at, region) in account.regions.iter().enumerate() {
                account
                    .keys
                    .extend(keys::aws_managed(dice, region, at == home));
                total += weight * if at == home { 20 } else { 1 << dice.below(4) };
                cells.push((position, at));
                running.push(total);
            }
        }
        let mut left = self.keys;
        while left > 0 {
            let (position, at) = cells[dice.weighted(&running)];
            let account = &mut world.accounts[position];
            let product = account
                .name
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned();
            let number = account.keys.len();
            let mut key = keys::customer(dice, &account.regions[at], &product, number, self.now);
            if left > 1 && account.regions.len() > 1 && dice.percent(2) {
                let other = &account.regions[(at + 1) % account.regions.len()];
                let replica = make_multi_region(dice, account, &mut key, other, number, self.now);
                account.keys.push(replica);
                left -= 1;
            }
            account.keys.push(key);
            left -= 1;
        }
    }

    /// Denies single keys and sets the expected verdict of each key.
    fn set_verdicts(&self, dice: &mut Dice, world: &mut World) {
        let denied_cells: HashSet<_> = world
            .refusals
            .iter()
            .filter_map(|refusal| Some((refusal.account.clone()?, refusal.region.clone()?)))
            .collect();
        let World {
            accounts, refusals, ..
        } = world;
        for account in accounts {
            let entered = account.id == MANAGEMENT || !account.role.is_empty();
            let mut cell = (account.id.clone(), String::new());
            for key in &mut account.keys {
                cell.1.clone_from(&key.region);
                if !entered || denied_cells.contains(&cell) {
                    continue;
                }
                let customer = key.manager == KeyManager::Customer;
                let denied = self.refusals && customer && dice.below(300) == 0;
                if denied {
                    refusals.push(Refusal {
                        account: Some(account.id.clone()),
                        region: Some(key.region.clone()),
                        operation: "kms:GetKeyLastUsage".to_owned(),
                        key: Some(key.id.clone()),
                        ..Refusal::default()
                    });
                }
                let verdict = verdict(key, self.now, denied);
                key.expect = Some(verdict.to_owned());
                key.expect_flagged = Some(is_flagged(key, verdict));
            }
        }
    }
}

fn units() -> Vec<OrganizationalUnit> {
    let mut units = Vec::new();
    let mut add = |name: &str, parent: &str| {
        let id = format!("ou-exam-{:08}", units.len() + 1);
        units.push(OrganizationalUnit {
            id: id.clone(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        });
        id
    };
    for (name, below) in UNITS {
        let parent = add(name, "");
        for name in below {
            add(name, &parent);
        }
    }
    units
}

/// In some accounts a policy denies KMS in the second Region.
fn deny_regions(world: &mut World) {
    let denied = world
        .accounts
        .iter()
        .enumerate()
        .filter(|(number, account)| {
            number % 30 == 5 && account.state == AccountState::Active && account.regions.len() > 1
        });
    world.refusals = denied
        .map(|(_, account)| Refusal {
            account: Some(account.id.clone()),
            region: Some(account.regions[1].clone()),
            operation: "kms:*".to_owned(),
            message: Some(format!(
                "User: arn:aws:sts::{}:assumed-role/KeycensusReader/keycensus is not authorized to perform this action with an explicit deny in a service control policy",
                account.id
            )),
            ..Refusal::default()
        })
        .collect();
}

/// Makes `key` a primary and answers its replica in another Region, which is used on its own.
fn make_multi_region(
    dice: &mut Dice,
    account: &Account,
    key: &mut Key,
    other: &str,
    number: usize,
    now: Timestamp,
) -> Key {
    key.id = multi_region_id(&format!("{}/{}/{number}", account.id, key.region));
    key.multi_region = Some(MultiRegion::Primary);
    key.multi_region_replicas = vec![other.to_owned()];
    let lone = keys::customer(dice, other, "replica", number, now);
    Key {
        id: key.id.clone(),
        multi_region: Some(MultiRegion::Replica),
        multi_region_primary: Some(key.region.clone()),
        multi_region_replicas: vec![other.to_owned()],
        ..lone
    }
}

#[cfg(test)]
mod tests;
