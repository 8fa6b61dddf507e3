//! Permissions: what the policies of roles, keys, buckets and topics allow, after [`crate::Simulator::enforce`].

mod bucket_policies;
mod condition_keys;
mod needs;
mod uses;

use std::{
    collections::{BTreeMap, HashMap},
    sync::RwLock,
};

pub use self::uses::Use;
use self::{bucket_policies::BucketPolicies, needs::Need, uses::Uses};
use crate::{
    aws::operation::Operation,
    call::Call,
    cloudformation::Role,
    policy::{Because, Policy, PolicyError, Principal, Request, ResourceIn, decide},
    state::{State, sessions::Holder},
    wire::{AwsError, input::Input},
    world::World,
};

/// Under which policies callers act.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The scanner's role.
    pub scanner: Role,
    /// The role to assume in each account, by account ID; an account without one cannot be entered.
    pub members: BTreeMap<String, Role>,
    /// The policies of buckets and topics, by ARN. Keys have theirs in the world.
    pub on_resources: BTreeMap<String, Policy>,
}

/// [`Policies`] and key policies, prepared for many calls.
#[derive(Debug)]
pub(crate) struct EnforcedPolicies {
    scanner: RolePolicies,
    members: HashMap<Box<str>, RolePolicies>,
    on_resources: HashMap<Box<str>, Policy>,
}

/// What one role may do.
#[derive(Debug)]
struct RolePolicies {
    arn: Box<str>,
    trust: Policy,
    /// The statements about each action that calls may need.
    by_action: HashMap<&'static str, Policy>,
}

impl RolePolicies {
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

impl EnforcedPolicies {
    /// Prepares policies for `world`.
    pub(crate) fn new(world: &World, policies: Policies) -> Result<Self, PolicyError> {
        let mut on_resources: HashMap<Box<str>, Policy> = HashMap::new();
        for (arn, policy) in policies.on_resources {
            policy.check_condition_keys(&arn)?;
            on_resources.insert(arn.into(), policy);
        }
        for role in policies.members.values().chain([&policies.scanner]) {
            role.trust.check_condition_keys(&role.arn)?;
            for named in &role.policies {
                named.policy.check_condition_keys(&role.arn)?;
            }
        }
        for (account, key) in world.keys() {
            if let Some(policy) = key.parsed_policy() {
                on_resources.insert(key.arn(&account.id).into(), policy);
            }
        }
        let members = policies.members.into_iter();
        Ok(Self {
            scanner: RolePolicies::new(policies.scanner),
            members: members
                .map(|(id, role)| (id.into(), RolePolicies::new(role)))
                .collect(),
            on_resources,
        })
    }

    /// The policies of the caller's role; `None` for a role that was left out of [`Policies`].
    fn role(&self, call: &Call<'_>) -> Option<&RolePolicies> {
        match call.caller.holder {
            Holder::Scanner => Some(&self.scanner),
            Holder::Member => self.members.get(call.caller.account.as_str()),
        }
    }

    fn decide(&self, state: &State, call: &Call<'_>, need: &Need<'_>) -> Result<(), Because> {
        let own = self.role(call).ok_or(Because::NoIdentityPolicy)?;
        let account = call.caller.account.as_str();
        let request = Request {
            principal: Principal {
                account,
                arn: match call.caller.is_session {
                    true => &own.arn,
                    false => &call.caller.arn,
                },
            },
            action: need.action,
            resource: &need.resource,
            context: &condition_keys::of(state, call, need, &own.arn),
        };
        let is_own = need.account == account;
        let policy = self.on_resources.get(policy_owner(&need.resource));
        let resource_in = match need.action {
            "sts:AssumeRole" => {
                let role = self.members.get(need.account);
                let role = role.filter(|role| *role.arn == *need.resource);
                match role {
                    Some(role) if is_own => ResourceIn::OwnGuarded(&role.trust),
                    role => ResourceIn::OtherAccount(role.map(|role| &role.trust)),
                }
            }
            // KMS's default policy of a key leaves it to the account
            // (<https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>).
            _ if need.is_about_key => {
                policy.map_or(ResourceIn::OwnAccount(None), ResourceIn::OwnGuarded)
            }
            _ if is_own => ResourceIn::OwnAccount(policy),
            _ => ResourceIn::OtherAccount(policy),
        };
        decide(&request, own.by_action.get(need.action), resource_in)
    }
}

/// The resource whose policy decides about `resource`: of an object, its bucket.
fn policy_owner(resource: &str) -> &str {
    match resource.split_once(":s3:::") {
        Some(_) => resource
            .split_once('/')
            .map_or(resource, |(bucket, _)| bucket),
        None => resource,
    }
}

/// Checks the permissions of calls, and records their use.
#[derive(Debug)]
pub(crate) struct Permissions {
    enforced: RwLock<Option<EnforcedPolicies>>,
    bucket_policies: BucketPolicies,
    uses: Uses,
}

impl Permissions {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            enforced: RwLock::default(),
            bucket_policies: BucketPolicies::new(world),
            uses: Uses::default(),
        }
    }

    /// From now on, callers may do no more than these policies allow.
    pub(crate) fn enforce(&self, world: &World, policies: Policies) -> Result<(), PolicyError> {
        let policies = EnforcedPolicies::new(world, policies)?;
        *self.enforced.write().unwrap_or_else(|e| e.into_inner()) = Some(policies);
        Ok(())
    }

    /// How permissions were used since policies are enforced.
    pub(crate) fn uses(&self) -> Vec<Use> {
        self.uses.snapshot()
    }

    /// Refuses a call for which the caller's permissions are not enough, as its service would.
    pub(crate) fn check(&self, state: &State, call: &Call<'_>) -> Result<(), AwsError> {
        for need in needs::of(state, call) {
            self.check_need(state, call, &need)?;
        }
        Ok(())
    }

    /// Refuses a read of an object that does not exist to a caller that may not list its bucket
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>, on permissions).
    pub(crate) fn check_missing_object(
        &self,
        state: &State,
        call: &Call<'_>,
    ) -> Result<(), AwsError> {
        match &call.input {
            Input::Object(request) => {
                self.check_need(state, call, &needs::to_list_bucket(call, &request.bucket))
            }
            Input::Json(_) | Input::Form(_) => Ok(()),
        }
    }

    fn check_need(&self, state: &State, call: &Call<'_>, need: &Need<'_>) -> Result<(), AwsError> {
        let enforced = self.enforced.read().unwrap_or_else(|e| e.into_inner());
        let decision = match enforced.as_ref() {
            Some(policies) => {
                let decision = policies.decide(state, call, need);
                self.uses.record(call.caller.holder, need, decision);
                decision
            }
            None => Ok(()),
        };
        let decision = match self.bucket_policies.deny(state, call, need) {
            true => Err(Because::DenyInResourcePolicy),
            false => decision,
        };
        decision.map_err(|because| {
            let shown = need.shown.as_deref().unwrap_or(&need.resource);
            AwsError::not_authorized(
                call.operation,
                need.action,
                &call.caller.arn,
                shown,
                because,
            )
        })
    }
}
