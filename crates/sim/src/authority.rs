//! Who may do what, once [`crate::Simulator::enforce`] has said so.

mod circumstances;
mod denials;
mod needs;
mod uses;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use self::needs::Need;
pub use self::uses::{Holder, Use};
pub(crate) use self::{
    denials::{Denials, bucket_policy},
    uses::Uses,
};
use crate::{
    cloudformation::Role,
    kms,
    operation::Operation,
    policy::{Because, CONTEXT_KEYS, Place, Policy, PolicyError, Principal, Request, decide},
    state::{Call, State},
    wire::Fault,
    world::World,
};

/// Under which policies callers act.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The scanner's role.
    pub scanner: Role,
    /// The role to assume in each account, by account ID; whoever has none cannot be entered.
    pub members: BTreeMap<String, Role>,
    /// The policies of buckets and topics, by ARN. Keys have theirs in the world.
    pub on_resources: BTreeMap<String, Policy>,
}

/// Policies, prepared for many calls.
#[derive(Debug)]
pub(crate) struct Authority {
    scanner: Grants,
    members: HashMap<Box<str>, Grants>,
    on_resources: HashMap<Box<str>, Policy>,
}

/// What one role may do.
#[derive(Debug)]
struct Grants {
    arn: Box<str>,
    trust: Policy,
    /// The statements about each action that calls may need.
    by_action: HashMap<&'static str, Policy>,
}

impl Grants {
    fn new(role: Role) -> Self {
        let of_operations = Operation::ALL.into_iter().map(needs::action);
        let actions = of_operations.chain(needs::BY_SERVICES);
        let about = |action: &'static str| {
            let policies = role.policies.iter().map(|named| &named.policy);
            let statements = policies.flat_map(|policy| policy.about(action));
            let statements = statements.cloned().collect();
            (action, Policy { statements })
        };
        Self {
            by_action: actions.map(about).collect(),
            arn: role.arn.into(),
            trust: role.trust,
        }
    }
}

impl Authority {
    /// Prepares policies for `world`.
    pub(crate) fn new(world: &World, policies: Policies) -> Result<Self, PolicyError> {
        let mut on_resources: HashMap<Box<str>, Policy> = HashMap::new();
        for (arn, policy) in policies.on_resources {
            check_keys(&arn, &policy)?;
            on_resources.insert(arn.into(), policy);
        }
        for role in policies.members.values().chain([&policies.scanner]) {
            check_keys(&role.arn, &role.trust)?;
            for named in &role.policies {
                check_keys(&role.arn, &named.policy)?;
            }
        }
        for (account, key) in world.keys() {
            if let Some(policy) = key.policy.as_deref().and_then(kms::policy::read) {
                on_resources.insert(kms::key_arn(&account.id, key).into(), policy);
            }
        }
        let members = policies.members.into_iter();
        Ok(Self {
            scanner: Grants::new(policies.scanner),
            members: members
                .map(|(id, role)| (id.into(), Grants::new(role)))
                .collect(),
            on_resources,
        })
    }

    /// What the caller's role may do; `None` for one that is not known any more.
    fn grants(&self, call: &Call<'_>) -> Option<&Grants> {
        match call.caller.holder {
            Holder::Scanner => Some(&self.scanner),
            Holder::Member => self.members.get(call.caller.account.as_str()),
        }
    }

    fn decide(&self, state: &State, call: &Call<'_>, need: &Need<'_>) -> Result<(), Because> {
        let grants = self.grants(call).ok_or(Because::NoIdentityPolicy)?;
        let account = call.caller.account.as_str();
        let request = Request {
            principal: Principal {
                account,
                arn: match call.caller.is_session {
                    true => &grants.arn,
                    false => &call.caller.arn,
                },
            },
            action: need.action,
            resource: &need.resource,
            context: &circumstances::of(state, call, need, &grants.arn),
        };
        let is_own = need.account == account;
        let policy = self.on_resources.get(carrier(&need.resource));
        let place = match need.action {
            "sts:AssumeRole" => {
                let role = self.members.get(need.account);
                let role = role.filter(|role| *role.arn == *need.resource);
                match role {
                    Some(role) if is_own => Place::OwnGuarded(&role.trust),
                    role => Place::OtherAccount(role.map(|role| &role.trust)),
                }
            }
            // KMS's default policy of a key leaves it to the account
            // (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>).
            _ if need.is_about_key => policy.map_or(Place::OwnAccount(None), Place::OwnGuarded),
            _ if is_own => Place::OwnAccount(policy),
            _ => Place::OtherAccount(policy),
        };
        decide(&request, grants.by_action.get(need.action), place)
    }
}

/// What carries the policy that is about a resource: of an object, its bucket.
fn carrier(resource: &str) -> &str {
    match resource.split_once(":s3:::") {
        Some(_) => resource
            .split_once('/')
            .map_or(resource, |(bucket, _)| bucket),
        None => resource,
    }
}

/// A key that no call carries would silently never match.
fn check_keys(at: &str, policy: &Policy) -> Result<(), PolicyError> {
    let unknown = policy.condition_keys().find(|key| {
        !CONTEXT_KEYS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(key))
    });
    match unknown {
        Some(key) => Err(PolicyError::Unsupported {
            at: at.to_owned(),
            what: format!("the condition key {key}"),
        }),
        None => Ok(()),
    }
}

impl State {
    /// Refuses a call for which the caller's permissions are not enough, as its service would.
    pub(crate) fn check_permissions(&self, call: &Call<'_>) -> Result<(), Fault> {
        for need in needs::of(self, call) {
            self.check_need(call, &need)?;
        }
        Ok(())
    }

    /// Whether the caller may list what a bucket has: who may not is not told that an object is missing.
    pub(crate) fn check_listing(&self, call: &Call<'_>, bucket: &str) -> Result<(), Fault> {
        self.check_need(call, &needs::to_list_bucket(call, bucket))
    }

    fn check_need(&self, call: &Call<'_>, need: &Need<'_>) -> Result<(), Fault> {
        let decision = match self.authority() {
            Some(authority) => {
                let decision = authority.decide(self, call, need);
                self.uses.record(call.caller.holder, need, decision);
                decision
            }
            None => Ok(()),
        };
        let decision = match self.denials.deny(self, call, need) {
            true => Err(Because::DenyInResourcePolicy),
            false => decision,
        };
        decision.map_err(|because| {
            let shown = need.shown.as_deref().unwrap_or(&need.resource);
            Fault::not_authorized(
                call.operation,
                need.action,
                &call.caller.arn,
                shown,
                because,
            )
        })
    }

    /// What is enforced; `None` where everybody may do everything.
    pub(crate) fn authority(&self) -> Option<Arc<Authority>> {
        let authority = self.authority.read();
        authority.unwrap_or_else(|e| e.into_inner()).clone()
    }
}
