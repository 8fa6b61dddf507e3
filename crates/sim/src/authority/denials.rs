//! What the policies of the world's buckets deny, whether or not the callers' permissions are enforced.

use std::collections::HashMap;

use super::{check_keys, circumstances, needs::Need};
use crate::{
    policy::{Because, Place, Policy, PolicyError, Principal, Request, decide},
    state::{Call, State},
    world::{Bucket, World},
};

/// The policies of buckets, by the bucket's name.
#[derive(Debug)]
pub(crate) struct Denials(HashMap<Box<str>, Policy>);

impl Denials {
    /// Of a world that has been checked.
    pub(crate) fn new(world: &World) -> Self {
        let policies = world.buckets.iter().filter_map(|bucket| {
            let policy = bucket_policy(bucket).ok()??;
            Some((bucket.name.as_str().into(), policy))
        });
        Self(policies.collect())
    }

    /// Whether the bucket of what a call needs denies it.
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
            context: &circumstances::of(state, call, need, &call.caller.arn),
        };
        let decision = decide(&request, [], Place::OwnAccount(Some(policy)));
        decision == Err(Because::DenyInResourcePolicy)
    }
}

/// The policy of a bucket, if it has one.
///
/// # Errors
/// It is none, or asks for a condition key that no call carries.
pub(crate) fn bucket_policy(bucket: &Bucket) -> Result<Option<Policy>, PolicyError> {
    let Some(text) = &bucket.policy else {
        return Ok(None);
    };
    let document =
        serde_json::from_str(text).map_err(|error: serde_json::Error| PolicyError::Malformed {
            at: bucket.name.clone(),
            problem: error.to_string(),
        })?;
    let policy = Policy::on_resource(&document)?;
    check_keys(&bucket.name, &policy)?;
    Ok(Some(policy))
}
