//! AWS Secrets Manager: the listing of secrets, without their values.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
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

/// What a call is about: no secret of its own.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject::of_caller(call, "")
}

/// Answers `ListSecrets`, the secrets of the Region by their creation
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>).
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
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
            && (with_deleted || !secret.is_deleted(epoch, now))
    };
    let mut listed: Vec<&Secret> = secrets.iter().filter(is_listed).collect();
    listed.sort_by_cached_key(|secret| (secret.created.resolve(epoch), secret.id()));
    let size = call.input.limit("MaxResults", MOST_SECRETS, MOST_SECRETS);
    let size = size.map_err(|error| invalid("InvalidParameterException", error.message))?;
    let page = page_of(call, "NextToken", listed.len(), size)
        .ok_or_else(|| invalid("InvalidNextTokenException", "Invalid next token"))?;
    let entries = listed[page.items].iter();
    let entries: Vec<Value> = entries
        .map(|secret| entry(secret, &call.caller.account, epoch, now))
        .collect();
    let mut body = json!({"SecretList": entries});
    add_next(&mut body, "NextToken", page.next);
    Ok(Reply::Json(body))
}

/// A secret as it is listed. `LastAccessedDate` has no time of day, and is absent where the secret was not retrieved in
/// its Region (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>).
fn entry(secret: &Secret, account: &str, epoch: Timestamp, now: Timestamp) -> Value {
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
    if secret.is_deleted(epoch, now) {
        let deleted = secret.deleted.map(|at| at.resolve(epoch).as_second());
        entry["DeletedDate"] = deleted.into();
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

fn invalid(code: &'static str, message: impl Into<String>) -> AwsError {
    AwsError::new(code, 400, message)
}
