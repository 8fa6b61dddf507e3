//! `ListAccessKeys` and `GetAccessKeyLastUsed`.

use serde_json::{Value, json};

use super::{date_time, listing, named_user};
use crate::{call::Call, state::State, wire::AwsError};

/// A user's access keys. Without a user's name IAM lists the caller's, which is no user here.
pub(super) fn list_access_keys(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let name = call.input.text("UserName").ok_or_else(|| {
        AwsError::new(
            "ValidationError",
            400,
            "Must specify userName when calling with non-User credentials",
        )
    })?;
    let user = named_user(state, call, name)?;
    let epoch = state.clock.epoch();
    let entries = user.access_keys.iter().filter_map(|key| {
        let status = state.changes.status(key)?;
        Some(json!({
            "UserName": user.name,
            "AccessKeyId": key.id,
            "Status": status.as_str(),
            "CreateDate": date_time(key.created().resolve(epoch)),
        }))
    });
    listing(call, "AccessKeyMetadata", entries.collect())
}

/// When and for what a key was last used. Without a recorded use there is no date, and service and Region are `N/A`.
pub(super) fn get_access_key_last_used(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let id = call.input.required("AccessKeyId")?;
    let account = state.account(&call.caller.account);
    // IAM answers the same for a key that does not exist as for one of another account.
    let (user, key) = state
        .index
        .access_key(account, id)
        .filter(|(_, key)| state.changes.status(key).is_some())
        .ok_or_else(|| call.denied(&format!("access key {id}")))?;
    let last_used = match key.last_used {
        None => json!({"ServiceName": "N/A", "Region": "N/A"}),
        Some(used) => json!({
            "LastUsedDate": date_time(used.resolve(state.clock.epoch())),
            "ServiceName": key.service(),
            "Region": key.last_used_region(),
        }),
    };
    Ok(json!({"UserName": user.name, "AccessKeyLastUsed": last_used}))
}
