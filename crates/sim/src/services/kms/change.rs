//! `DisableKey`, `EnableKey`, `ScheduleKeyDeletion` and `CancelKeyDeletion`, for simulators that allow changes.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Names, find, seconds};
use crate::{
    call::Call,
    state::{State, key_changes::KeyLifecycle},
    wire::{AwsError, Reply},
    world::{Key, KeyManager, KeyState},
};

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
const SHORTEST_WINDOW: i64 = 7;
const LONGEST_WINDOW: usize = 30;

/// Disables or enables a key.
pub(super) fn switch(state: &State, call: &Call<'_>, to: KeyState) -> Result<Reply, AwsError> {
    let (key, mut lifecycle) = changeable_key(state, call)?;
    match lifecycle.state {
        KeyState::Enabled | KeyState::Disabled => lifecycle.state = to,
        // It succeeds, and the state does not change until the key is available.
        KeyState::Unavailable => return Ok(Reply::Empty),
        _ => return Err(invalid_state(call, key, lifecycle.state)),
    }
    state
        .changes
        .set_lifecycle(&call.caller.account, key, lifecycle);
    Ok(Reply::Empty)
}

/// A primary whose replicas still exist waits for their deletion; its own waiting period begins after that.
pub(super) fn schedule_key_deletion(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let (key, lifecycle) = changeable_key(state, call)?;
    if is_pending(lifecycle.state) {
        return Err(invalid_state(call, key, lifecycle.state));
    }
    let days = call
        .input
        .limit("PendingWindowInDays", LONGEST_WINDOW, LONGEST_WINDOW)?;
    let window_days = i64::try_from(days).unwrap_or(i64::MAX);
    if window_days < SHORTEST_WINDOW {
        return Err(AwsError::validation(format!(
            "PendingWindowInDays must be at least {SHORTEST_WINDOW}"
        )));
    }
    let now = state.clock.now();
    let wait = SignedDuration::from_hours(24 * window_days);
    let lifecycle = KeyLifecycle {
        state: match key.multi_region_replicas.is_empty() {
            false if key.is_primary() => KeyState::PendingReplicaDeletion,
            _ => KeyState::PendingDeletion,
        },
        deletion_date: now.saturating_add(wait).unwrap_or(Timestamp::MAX),
        window_days,
    };
    state
        .changes
        .set_lifecycle(&call.caller.account, key, lifecycle);
    let mut body = json!({
        "KeyId": key.arn(&call.caller.account),
        "KeyState": lifecycle.state.as_str(),
        "PendingWindowInDays": window_days,
    });
    if lifecycle.state == KeyState::PendingDeletion {
        body["DeletionDate"] = seconds(lifecycle.deletion_date).into();
    }
    Ok(body)
}

/// The key is left disabled.
pub(super) fn cancel_key_deletion(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let (key, mut lifecycle) = changeable_key(state, call)?;
    if !is_pending(lifecycle.state) {
        return Err(invalid_state(call, key, lifecycle.state));
    }
    lifecycle.state = KeyState::Disabled;
    state
        .changes
        .set_lifecycle(&call.caller.account, key, lifecycle);
    Ok(json!({"KeyId": key.arn(&call.caller.account)}))
}

fn is_pending(state: KeyState) -> bool {
    matches!(
        state,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    )
}

/// The key that a call changes. AWS managed keys cannot be changed.
fn changeable_key<'a>(
    state: &'a State,
    call: &Call<'_>,
) -> Result<(&'a Key, KeyLifecycle), AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    let account = &call.caller.account;
    if key.manager == KeyManager::Aws {
        return Err(call.denied(&key.arn(account)));
    }
    let lifecycle = state.changes.lifecycle(account, key, state.clock.epoch());
    Ok((key, lifecycle))
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
fn invalid_state(call: &Call<'_>, key: &Key, is: KeyState) -> AwsError {
    let arn = key.arn(&call.caller.account);
    let message = match is {
        KeyState::PendingDeletion => format!("{arn} is pending deletion."),
        KeyState::PendingReplicaDeletion => format!("{arn} is pending replica deletion."),
        KeyState::PendingImport => format!("{arn} is pending import."),
        KeyState::Creating => format!("{arn} is creating."),
        KeyState::Updating => format!("{arn} is updating."),
        _ => format!("{arn} is not pending deletion."),
    };
    AwsError::new("KMSInvalidStateException", 400, message)
}
