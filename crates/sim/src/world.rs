//! The world file: an organization, its accounts and keys, and what fails in it.
//!
//! Everything here is plain data. [`World::parse`] reads TOML, fills in defaults and checks references; the simulator
//! never changes a world once it runs.

mod account;
mod check;
mod complete;
mod earlier;
mod entries;
mod fault;
mod grant;
mod iam;
mod key;
mod moment;
mod neighbour;
mod quota_model;
mod secret;
mod stall;
mod storage;
mod trail_event;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    account::partition_of,
    complete::{iam_id, multi_region_id, tracking_began, uuid},
    iam::ROOT_ACCESS_KEYS,
};
pub use self::{
    account::{Account, AccountState},
    check::WorldError,
    entries::{
        AccountStateFields, Bucket, EventBus, Organization, OrganizationalUnit, Refusal, Scanner,
        SecurityHub, Topic,
    },
    fault::{Effect, FaultRule},
    grant::Grant,
    iam::{
        AccessKey, AccessKeyStatus, CredentialReport, Password, ServiceCredential,
        ServiceCredentialStatus, User,
    },
    key::{Key, KeyManager, KeyState, MultiRegion},
    moment::{Moment, MomentError},
    neighbour::Neighbour,
    quota_model::QuotaModel,
    secret::Secret,
    stall::Stall,
    storage::{Snapshot, Volume},
    trail_event::TrailEvent,
};

/// A whole simulated organization, as its world file describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// What the simulator's clock shows when it starts; absent means the machine's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
    /// Seed of what is random while the world runs: jitter, and faults with a `probability`.
    pub seed: u64,
    /// How long every answer takes, in milliseconds. Half of it passes before the request arrives.
    pub latency_ms: u64,
    /// How much longer an answer may take, in milliseconds: every call draws 0 to this.
    pub jitter_ms: u64,
    /// Whether every call is logged. Calls are counted in any case; a log of millions needs memory.
    pub log: bool,
    /// Whether it has names, tags, messages or error codes that AWS would not accept or answer: they are then not checked
    /// against AWS's service models.
    pub beyond_aws: bool,
    /// Whether `ListServiceSpecificCredentials` of all users must name a service. AWS does not document it.
    pub service_credentials_by_service: bool,
    /// Which model of AWS's request quotas is enforced.
    pub quotas: QuotaModel,
    /// The organization itself.
    pub organization: Organization,
    /// The scanner's credentials.
    pub scanner: Scanner,
    /// Organizational units below the root.
    #[serde(rename = "organizational_unit", skip_serializing_if = "Vec::is_empty")]
    pub organizational_units: Vec<OrganizationalUnit>,
    /// S3 buckets.
    #[serde(rename = "bucket", skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
    /// SNS topics.
    #[serde(rename = "topic", skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// Event buses besides `default`, which every account has in every Region.
    #[serde(rename = "event_bus", skip_serializing_if = "Vec::is_empty")]
    pub event_buses: Vec<EventBus>,
    /// Where Security Hub is enabled.
    #[serde(rename = "security_hub", skip_serializing_if = "Vec::is_empty")]
    pub security_hubs: Vec<SecurityHub>,
    /// Calls that are refused; the first match in file order decides.
    #[serde(rename = "refuse", skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Faults; of several rules that match a call, the first in file order applies.
    #[serde(rename = "fault", skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRule>,
    /// Times at which endpoints receive nothing.
    #[serde(rename = "stall", skip_serializing_if = "Vec::is_empty")]
    pub stalls: Vec<Stall>,
    /// Other clients that use part of the same quotas.
    #[serde(rename = "neighbour", skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<Neighbour>,
    /// The accounts, in the order of `ListAccounts`.
    #[serde(rename = "account", skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            now: None,
            seed: 0,
            latency_ms: 0,
            jitter_ms: 0,
            log: true,
            beyond_aws: false,
            service_credentials_by_service: false,
            quotas: QuotaModel::default(),
            organization: Organization::default(),
            scanner: Scanner::default(),
            organizational_units: Vec::new(),
            buckets: Vec::new(),
            topics: Vec::new(),
            event_buses: Vec::new(),
            security_hubs: Vec::new(),
            refusals: Vec::new(),
            faults: Vec::new(),
            stalls: Vec::new(),
            neighbours: Vec::new(),
            accounts: Vec::new(),
        }
    }
}

impl World {
    /// Reads a world file, fills in every default and checks that what it refers to exists.
    ///
    /// # Errors
    /// When the text is no TOML, has a field no world has, or names something that is not there. The message says
    /// which thing is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, WorldError> {
        let mut world: Self = toml::from_str(text).map_err(|source| WorldError::Syntax {
            message: source.to_string(),
        })?;
        world.complete();
        world.check()?;
        Ok(world)
    }

    /// The world as TOML that [`World::parse`] reads back as an equal world.
    pub fn to_toml(&self) -> String {
        // Every map key is a string and no value is a bare enum of a shape TOML lacks, so this has no way to fail;
        // the message stands in for the text if that ever stops being true.
        toml::to_string(self)
            .unwrap_or_else(|error| format!("# this world cannot be written as TOML: {error}\n"))
    }

    /// The account with this ID.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Every key with its account, in file order.
    pub fn keys(&self) -> impl Iterator<Item = (&Account, &Key)> {
        self.accounts
            .iter()
            .flat_map(|account| account.keys.iter().map(move |key| (account, key)))
    }

    /// Every access key with its account and user, in file order; an account's root keys come before its users'.
    pub fn access_keys(&self) -> impl Iterator<Item = HeldAccessKey<'_>> {
        self.accounts.iter().flat_map(|account| {
            let of_root = ROOT_ACCESS_KEYS.into_iter().zip(&account.root_access_keys);
            let of_root = of_root.map(move |(id, key)| HeldAccessKey {
                account,
                user: None,
                id,
                key,
            });
            let of_users = account.users.iter().flat_map(move |user| {
                user.access_keys.iter().map(move |key| HeldAccessKey {
                    account,
                    user: Some(user),
                    id: &key.id,
                    key,
                })
            });
            of_root.chain(of_users)
        })
    }

    /// Every password with its account and user, in file order; an account's root password comes before its users'.
    pub fn passwords(&self) -> impl Iterator<Item = HeldPassword<'_>> {
        self.accounts.iter().flat_map(|account| {
            let of_root = account
                .root_password
                .iter()
                .map(|password| (None, password));
            let of_users = account
                .users
                .iter()
                .filter_map(|user| Some((Some(user), user.password.as_ref()?)));
            of_root
                .chain(of_users)
                .map(move |(user, password)| HeldPassword {
                    account,
                    user,
                    password,
                })
        })
    }

    /// Every service-specific credential with its account and user, in file order.
    pub fn service_credentials(
        &self,
    ) -> impl Iterator<Item = (&Account, &User, &ServiceCredential)> {
        self.accounts.iter().flat_map(|account| {
            account.users.iter().flat_map(move |user| {
                let credentials = user.service_credentials.iter();
                credentials.map(move |credential| (account, user, credential))
            })
        })
    }

    /// Every secret with its account, in file order.
    pub fn secrets(&self) -> impl Iterator<Item = (&Account, &Secret)> {
        self.accounts
            .iter()
            .flat_map(|account| account.secrets.iter().map(move |secret| (account, secret)))
    }
}

/// A password with its account and user.
#[derive(Clone, Copy, Debug)]
pub struct HeldPassword<'a> {
    /// The account.
    pub account: &'a Account,
    /// The user; `None` for the root user.
    pub user: Option<&'a User>,
    /// The password itself.
    pub password: &'a Password,
}

/// An access key with its account and user.
#[derive(Clone, Copy, Debug)]
pub struct HeldAccessKey<'a> {
    /// The account.
    pub account: &'a Account,
    /// The user; `None` for a key of the root user.
    pub user: Option<&'a User>,
    /// Its ID; `root_access_key_1` or `root_access_key_2` for a key of the root user.
    pub id: &'a str,
    /// The key itself.
    pub key: &'a AccessKey,
}

#[cfg(test)]
mod tests;
