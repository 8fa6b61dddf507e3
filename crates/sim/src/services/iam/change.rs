//! `UpdateAccessKey` and `DeleteAccessKey`, for simulators that allow changes. Credential reports do not tell of them.

use serde_json::Value;

use super::{named_user, no_such_entity};
use crate::{
    call::Call,
    state::State,
    wire::Fault,
    world::{AccessKey, AccessKeyStatus},
};

/// Switches a key on or off.
pub(super) fn update_access_key(state: &State, call: &Call<'_>) -> Result<Value, Fault> {
    let key = named_key(state, call)?;
    let status = match call.input.required("Status")? {
        "Active" => AccessKeyStatus::Active,
        "Inactive" => AccessKeyStatus::Inactive,
        other => {
            return Err(Fault::new(
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

pub(super) fn delete_access_key(state: &State, call: &Call<'_>) -> Result<Value, Fault> {
    state.changes.delete(named_key(state, call)?);
    Ok(Value::Null)
}

/// The key that a call names, which must be there and the named user's. Without a user's name IAM means the user whose key
/// signed the call: nobody here.
fn named_key<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a AccessKey, Fault> {
    let id = call.input.required("AccessKeyId")?;
    let user = named_user(state, call, call.input.required("UserName")?)?;
    user.access_keys
        .iter()
        .find(|key| key.id == id && state.changes.status(key).is_some())
        .ok_or_else(|| no_such_entity(call.operation, id))
}
