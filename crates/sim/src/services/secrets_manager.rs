//! AWS Secrets Manager: secrets without their values.

mod change;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    aws::operation::Operation,
    call::{Call, Subject},
    services::page::{add_next, page_of},
    state::State,
    wire::{AwsError, Reply, input::Input},
    world::Secret,
};

/// Secrets of a page at most, and by default
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>).
const MOST_SECRETS: usize = 100;

const SECONDS_A_DAY: i64 = 86_400;

/// What a call is about: the secret that it names.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject::of_caller(call, call.input.text("SecretId").unwrap_or_default())
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let body = match call.operation {
        Operation::DescribeSecret => {
            let secret = find(state, call)?;
            entry(state, secret, &call.caller.account)
        }
        Operation::DeleteSecret => change::delete_secret(state, call)?,
        Operation::RestoreSecret => change::restore_secret(state, call)?,
        _ => list_secrets(state, call)?,
    };
    Ok(Reply::Json(body))
}

/// The secret that a call names by its name or ARN, in the caller's account and the call's Region.
pub(crate) fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Secret, AwsError> {
    let named = call.input.required("SecretId")?;
    let account = &call.caller.account;
    let secrets = state.account(account).into_iter();
    let mut secrets = secrets.flat_map(|account| &account.secrets);
    let is_it = |secret: &&Secret| {
        secret.region == call.region && (secret.name == named || secret.arn(account) == named)
    };
    secrets.find(is_it).ok_or_else(|| {
        invalid(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        )
    })
}

/// Answers `ListSecrets`, the secrets of the Region by their creation
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>).
fn list_secrets(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let (epoch, now) = (state.clock.epoch(), state.clock.now());
    let with_deleted = match &call.input {
        Input::Json(body) => body.get("IncludePlannedDeletion") == Some(&Value::Bool(true)),
        Input::Form(_) | Input::Object(_) => false,
    };
    let account = state.account(&call.caller.account);
    let secrets = account.map_or(&[][..], |account| &account.secrets);
    let is_listed = |secret: &&Secret| {
        secret.region == call.region
            && secret.created.resolve(epoch) <= now
            && (with_deleted || deletion(state, secret, &call.caller.account).is_none())
    };
    let mut listed: Vec<&Secret> = secrets.iter().filter(is_listed).collect();
    listed.sort_by_cached_key(|secret| (secret.created.resolve(epoch), secret.id.as_str()));
    let size = call.input.limit("MaxResults", MOST_SECRETS, MOST_SECRETS);
    let size = size.map_err(|error| invalid("InvalidParameterException", error.message))?;
    let page = page_of(call, "NextToken", listed.len(), size)
        .ok_or_else(|| invalid("InvalidNextTokenException", "Invalid next token"))?;
    let entries = listed[page.items].iter();
    let entries: Vec<Value> = entries
        .map(|secret| entry(state, secret, &call.caller.account))
        .collect();
    let mut body = json!({"SecretList": entries});
    add_next(&mut body, "NextToken", page.next);
    Ok(body)
}

/// A secret as it is listed. `LastAccessedDate` has no time of day, and is absent where the secret was not retrieved in
/// its Region (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>).
fn entry(state: &State, secret: &Secret, account: &str) -> Value {
    let (epoch, now) = (state.clock.epoch(), state.clock.now());
    let created = secret.created.resolve(epoch).as_second();
    let tags = secret.tags.iter();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    let mut entry = json!({
        "ARN": secret.arn(account),
        "Name": secret.name,
        "CreatedDate": created,
        "LastChangedDate": created,
        "Tags": tags,
    });
    let accessed = secret.last_accessed.map(|at| at.resolve(epoch));
    if let Some(accessed) = accessed.filter(|at| *at <= now) {
        let second = accessed.as_second();
        entry["LastAccessedDate"] = (second - second.rem_euclid(SECONDS_A_DAY)).into();
    }
    if let Some(date) = deletion(state, secret, account) {
        entry["DeletedDate"] = date.as_second().into();
    }
    if secret.rotation {
        entry["RotationEnabled"] = true.into();
    }
    for (name, text) in [
        ("OwningService", &secret.owning_service),
        ("PrimaryRegion", &secret.primary_region),
    ] {
        if let Some(text) = text {
            entry[name] = text.as_str().into();
        }
    }
    entry
}

/// When a secret is deleted; `None`: it is not marked for deletion.
fn deletion(state: &State, secret: &Secret, account: &str) -> Option<Timestamp> {
    let moments = (state.clock.epoch(), state.clock.now());
    state.changes.deletion_of_secret(account, secret, moments)
}

fn invalid(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, 400, message)
}
