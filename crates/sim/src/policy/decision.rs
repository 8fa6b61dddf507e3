//! The decision about a request under all policies that apply to it: an explicit deny overrides, else an allow is needed.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::{
    document::{Evaluation, Policy},
    request::Request,
};

/// The account of a request's resource, relative to its principal.
#[derive(Debug, Clone, Copy)]
pub enum ResourceIn<'a> {
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

/// Decides about a request of a principal that has the policies `identity`.
///
/// # Errors
/// It is refused, for this reason.
pub fn decide<'a>(
    request: &Request<'_>,
    identity: impl IntoIterator<Item = &'a Policy>,
    resource_in: ResourceIn<'_>,
) -> Result<(), Because> {
    let mut by_identity = Evaluation::NoMatch;
    for policy in identity {
        match policy.evaluate(request) {
            Evaluation::Denies => return Err(Because::DenyInIdentityPolicy),
            Evaluation::NoMatch => {}
            Evaluation::Allows | Evaluation::AllowsAccount => by_identity = Evaluation::Allows,
        }
    }
    let on_resource = match resource_in {
        ResourceIn::OwnAccount(policy) | ResourceIn::OtherAccount(policy) => policy,
        ResourceIn::OwnGuarded(policy) => Some(policy),
    };
    let by_resource = on_resource.map_or(Evaluation::NoMatch, |policy| policy.evaluate(request));
    let is_allowed = by_identity == Evaluation::Allows;
    match (resource_in, by_resource) {
        (_, Evaluation::Denies) => Err(Because::DenyInResourcePolicy),
        (ResourceIn::OwnAccount(_) | ResourceIn::OwnGuarded(_), Evaluation::Allows) => Ok(()),
        (ResourceIn::OtherAccount(_), Evaluation::NoMatch) if is_allowed => {
            Err(Because::NoResourcePolicy)
        }
        (ResourceIn::OwnGuarded(_), Evaluation::NoMatch) => Err(Because::NoResourcePolicy),
        _ if is_allowed => Ok(()),
        _ => Err(Because::NoIdentityPolicy),
    }
}
