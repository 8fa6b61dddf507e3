//! What comes of a request under all policies that apply to it: an explicit deny overrides, else there must be an allow.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::{
    document::{Policy, Says},
    request::Request,
};

/// Where a request goes, seen from who makes it.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// To the principal's own account: its own policies or the resource's can allow it.
    OwnAccount(Option<&'a Policy>),
    /// To another account: its own policies and the resource's must allow it.
    OtherAccount(Option<&'a Policy>),
    /// To a KMS key or role of its own account: its policy must allow it, or leave it to the account
    /// (<https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>).
    OwnGuarded(&'a Policy),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// No policy of the caller's allows it.
    NoIdentityPolicy,
    /// A policy of the caller's denies it.
    DenyInIdentityPolicy,
    /// The resource's policy does not allow it.
    NoResourcePolicy,
    /// The resource's policy denies it.
    DenyInResourcePolicy,
}

/// What comes of a request of a principal who has the policies `identity`.
///
/// # Errors
/// It is refused, for this reason.
pub fn decide<'a>(
    request: &Request<'_>,
    identity: impl IntoIterator<Item = &'a Policy>,
    place: Place<'_>,
) -> Result<(), Because> {
    let mut by_identity = Says::Nothing;
    for policy in identity {
        match policy.says(request) {
            Says::Denies => return Err(Because::DenyInIdentityPolicy),
            Says::Nothing => {}
            Says::Allows | Says::AllowsItsAccount => by_identity = Says::Allows,
        }
    }
    let on_resource = match place {
        Place::OwnAccount(policy) | Place::OtherAccount(policy) => policy,
        Place::OwnGuarded(policy) => Some(policy),
    };
    let by_resource = on_resource.map_or(Says::Nothing, |policy| policy.says(request));
    let is_allowed = by_identity == Says::Allows;
    match (place, by_resource) {
        (_, Says::Denies) => Err(Because::DenyInResourcePolicy),
        (Place::OwnAccount(_) | Place::OwnGuarded(_), Says::Allows) => Ok(()),
        (Place::OtherAccount(_), Says::Nothing) if is_allowed => Err(Because::NoResourcePolicy),
        (Place::OwnGuarded(_), Says::Nothing) => Err(Because::NoResourcePolicy),
        _ if is_allowed => Ok(()),
        _ => Err(Because::NoIdentityPolicy),
    }
}
