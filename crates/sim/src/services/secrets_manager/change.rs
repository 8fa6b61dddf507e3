//! `DeleteSecret` and `RestoreSecret`, for simulators that allow changes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{deletion, find, invalid};
use crate::{call::Call, state::State, wire::AwsError, world::Secret};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>
const SHORTEST_WINDOW: i64 = 7;
const LONGEST_WINDOW: usize = 30;

/// A primary secret that is replicated is not deleted, and a replica only by way of its primary secret
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>).
pub(super) fn delete_secret(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let secret = find(state, call)?;
    let account = &call.caller.account;
    if deletion(state, secret, account).is_some() {
        return Err(invalid(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ));
    }
    let is_replica = |of: &Secret| {
        of.primary_region
            .as_ref()
            .is_some_and(|primary| *primary != of.region)
    };
    if is_replica(secret) {
        return Err(invalid(
            "InvalidParameterException",
            "Operation not permitted on a replica secret. Call must be made in primary secret's region.",
        ));
    }
    let secrets = state.account(account).into_iter();
    let mut secrets = secrets.flat_map(|account| &account.secrets);
    if secrets.any(|other| other.id == secret.id && is_replica(other)) {
        return Err(invalid(
            "InvalidParameterException",
            "You can't delete a secret that still has replica regions.",
        ));
    }
    let window = call
        .input
        .limit("RecoveryWindowInDays", LONGEST_WINDOW, LONGEST_WINDOW);
    let days = window.map(|days| i64::try_from(days).unwrap_or(i64::MAX));
    let days = days.ok().filter(|days| *days >= SHORTEST_WINDOW);
    let days = days.ok_or_else(|| {
        invalid(
            "InvalidParameterException",
            "RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        )
    })?;
    let wait = SignedDuration::from_hours(24 * days);
    let date = state.clock.now().saturating_add(wait);
    let date = date.unwrap_or(Timestamp::MAX);
    let changes = &state.changes;
    changes.set_deletion_of_secret(account, secret, Some(date));
    let mut body = named(secret, account);
    body["DeletionDate"] = date.as_second().into();
    Ok(body)
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>
pub(super) fn restore_secret(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let secret = find(state, call)?;
    let account = &call.caller.account;
    state.changes.set_deletion_of_secret(account, secret, None);
    Ok(named(secret, account))
}

fn named(secret: &Secret, account: &str) -> Value {
    json!({"ARN": secret.arn(account), "Name": secret.name})
}
