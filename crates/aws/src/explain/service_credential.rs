//! A service-specific credential of a user.

use std::collections::BTreeMap;

use keycensus_core::explain::{Explanation, requested_key::CredentialId};

use super::{Inside, unless_listed};
use crate::{
    explain::ExplainError,
    read::access_keys::{cell::list_users, service_credentials},
};

pub(super) async fn explain(
    inside: &Inside<'_>,
    id: &CredentialId,
) -> Result<Explanation, ExplainError> {
    let context = inside.iam();
    let mut users = BTreeMap::new();
    // Only for their ARNs.
    let _ = list_users(&context, &mut users).await;
    let (key, listing) = service_credentials::read_one(&context, &users, id.as_str()).await;
    match key {
        Some(key) => Ok(inside.judged(key)),
        None => Err(unless_listed(
            inside,
            "service-specific credential",
            listing,
        )),
    }
}
