//! The policies of the world's buckets: their denials hold whether or not policies are enforced.

use std::collections::HashMap;

use super::{condition_keys, needs::Need};
use crate::{
    call::Call,
    policy::{Because, Policy, Principal, Request, ResourceIn, decide},
    state::State,
    world::World,
};

/// The policies of buckets, by the bucket's name.
#[derive(Debug)]
pub(crate) struct BucketPolicies(HashMap<Box<str>, Policy>);

impl BucketPolicies {
    /// Of a world that has been checked.
    pub(crate) fn new(world: &World) -> Self {
        let policies = world.buckets.iter().filter_map(|bucket| {
            let policy = bucket.parsed_policy().ok()??;
            Some((bucket.name.as_str().into(), policy))
        });
        Self(policies.collect())
    }

    /// Whether the policy of the bucket that a call needs denies the call.
    pub(super) fn deny(&self, state: &State, call: &Call<'_>, need: &Need<'_>) -> bool {
        let Some((_, object)) = need.resource.split_once(":s3:::") else {
            return false;
        };
        let bucket = object.split('/').next().unwrap_or(object);
        let Some(policy) = self.0.get(bucket) else {
            return false;
        };
        let request = Request {
            principal: Principal {
                account: &call.caller.account,
                arn: &call.caller.arn,
            },
            action: need.action,
            resource: &need.resource,
            context: &condition_keys::of(state, call, need, &call.caller.arn),
        };
        let decision = decide(&request, [], ResourceIn::OwnAccount(Some(policy)));
        decision == Err(Because::DenyInResourcePolicy)
    }
}
