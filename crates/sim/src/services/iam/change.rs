//! `UpdateAccessKey` and `DeleteAccessKey`, for simulators that allow changes. Credential reports do not show them.

use serde_json::Value;

use super::{named_user, no_such_entity};
use crate::{
    call::Call,
    state::State,
    wire::AwsError,
    world::{AccessKey, AccessKeyStatus},
};

/// Switches a key on or off.
pub(super) fn update_access_key(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = named_key(state, call)?;
    let status = match call.input.required("Status")? {
        "Active" => AccessKeyStatus::Active,
        "Inactive" => AccessKeyStatus::Inactive,
        other => {
            return Err(AwsError::new(
                "ValidationError",
                400,
                format!(
                    "1 validation error detected: Value '{other}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]"
                ),
            ));
        }
    };
    state.changes.set_status(key, status);
    Ok(Value::Null)
}

pub(super) fn delete_access_key(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    state.changes.delete(named_key(state, call)?);
    Ok(Value::Null)
}

/// The key that a call names, which must be there and the named user's. Without a user's name IAM means the user whose
/// key signed the call: no caller here is one.
fn named_key<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a AccessKey, AwsError> {
    let id = call.input.required("AccessKeyId")?;
    let user = named_user(state, call, call.input.required("UserName")?)?;
    user.access_keys
        .iter()
        .find(|key| key.id == id && state.changes.status(key).is_some())
        .ok_or_else(|| no_such_entity(call.operation, id))
}
