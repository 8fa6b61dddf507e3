//! `GetKeyLastUsage`.

use serde_json::{Value, json};

use super::{Names, find, seconds};
use crate::{
    call::Call,
    state::State,
    wire::AwsError,
    world::{Key, tracking_began, uuid},
};

/// When and how a key was last used. A key with no recorded use has an empty `KeyLastUsage`.
pub(super) fn get_key_last_usage(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    let epoch = state.clock.epoch();
    let created = key.created.resolve(epoch);
    let tracking_start = match key.tracking_start {
        Some(moment) => moment.resolve(epoch),
        None => created.max(tracking_began()),
    };
    let usage = key.last_used.map_or_else(
        || json!({}),
        |moment| {
            let seed = format!("{}/{}/{}", call.caller.account, key.region, key.id);
            json!({
                "Operation": key.operation.as_deref().unwrap_or("Decrypt"),
                "Timestamp": seconds(moment.resolve(epoch)),
                "CloudTrailEventId": event_id(&call.caller.account, key),
                "KmsRequestId": uuid(&format!("{seed}/request")),
            })
        },
    );
    Ok(json!({
        "KeyId": key.id,
        "KeyCreationDate": seconds(created),
        "TrackingStartDate": seconds(tracking_start),
        "KeyLastUsage": usage,
    }))
}

/// The CloudTrail event of the last use of a key.
pub(crate) fn event_id(account: &str, key: &Key) -> String {
    let derived = || uuid(&format!("{account}/{}/{}/event", key.region, key.id));
    key.event_id.clone().unwrap_or_else(derived)
}
