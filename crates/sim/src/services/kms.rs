//! AWS Key Management Service.

mod change;
mod listing;
mod metadata;
mod policy;
mod usage;

use jiff::Timestamp;

pub(crate) use self::usage::event_id;

use crate::{
    aws::{operation::Operation, regions::partition},
    call::{Call, Subject, Target},
    state::State,
    wire::{AwsError, Reply},
    world::{Key, KeyState},
};

/// What a call is about: the key that it names, if it exists.
pub(crate) fn subject<'a>(state: &'a State, call: &'a Call<'_>) -> Subject<'a> {
    let named = call.input.text("KeyId").unwrap_or_default();
    let key = match named {
        "" => None,
        _ => find(state, call, named, Names::IdsAndAliases).ok(),
    };
    Subject {
        account: &call.caller.account,
        target: key.map(Target::Key),
        resource: key.map_or(named, |key| &key.id),
    }
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let body = match call.operation {
        Operation::ListKeys => listing::list_keys(state, call)?,
        Operation::ListAliases => listing::list_aliases(state, call)?,
        Operation::ListResourceTags => listing::list_resource_tags(state, call)?,
        Operation::ListKeyRotations => listing::list_key_rotations(state, call)?,
        Operation::ListGrants => listing::list_grants(state, call)?,
        Operation::DescribeKey => metadata::describe_key(state, call)?,
        Operation::GetKeyPolicy => policy::get_key_policy(state, call)?,
        Operation::DisableKey => return change::switch(state, call, KeyState::Disabled),
        Operation::EnableKey => return change::switch(state, call, KeyState::Enabled),
        Operation::ScheduleKeyDeletion => change::schedule_key_deletion(state, call)?,
        Operation::CancelKeyDeletion => change::cancel_key_deletion(state, call)?,
        _ => usage::get_key_last_usage(state, call)?,
    };
    Ok(Reply::Json(body))
}

/// By which names an operation finds a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Ids,
    IdsAndAliases,
}

/// The key that a call names by ID, ARN or alias, in the caller's account and the call's Region.
fn find<'a>(
    state: &'a State,
    call: &Call<'_>,
    named: &str,
    names: Names,
) -> Result<&'a Key, AwsError> {
    let local = match named.strip_prefix("arn:") {
        None => named,
        Some(_) => {
            let parts: Vec<_> = named.splitn(6, ':').collect();
            match parts[..] {
                [_, _, "kms", region, _, _] if region != call.region => {
                    return Err(not_found(format!("Invalid arn {region}")));
                }
                [_, _, "kms", _, account, _] if account != call.caller.account => {
                    return Err(foreign(call, named));
                }
                [_, _, "kms", _, _, resource]
                    if resource.starts_with("alias/") && names == Names::Ids =>
                {
                    return Err(invalid_arn(format!("{named} is not a key ARN")));
                }
                [_, _, "kms", _, _, resource] => resource.strip_prefix("key/").unwrap_or(resource),
                _ => return Err(invalid_arn(format!("Invalid arn {named}"))),
            }
        }
    };
    let account = state.account(&call.caller.account);
    let cell = state.index.cell(&call.caller.account, call.region);
    let found = account.zip(cell).and_then(|(account, cell)| {
        if local.starts_with("alias/") {
            cell.key_of_alias(account, local)
                .filter(|_| names == Names::IdsAndAliases)
        } else {
            cell.key(account, local)
        }
    });
    found.ok_or_else(|| {
        if local.starts_with("alias/") && names == Names::Ids {
            return not_found(format!("Invalid keyId '{local}'"));
        }
        no_such_key(&call.caller.account, call.region, local)
    })
}

/// KMS's answer when no key has this ID or alias in an account and Region.
pub(crate) fn no_such_key(account: &str, region: &str, local: &str) -> AwsError {
    let arn = resource_arn(account, region, local);
    if local.starts_with("alias/") {
        not_found(format!("Alias {arn} is not found."))
    } else {
        not_found(format!("Key '{arn}' does not exist"))
    }
}

fn not_found(message: String) -> AwsError {
    AwsError::new("NotFoundException", 400, message)
}

fn invalid_arn(message: String) -> AwsError {
    AwsError::new("InvalidArnException", 400, message)
}

/// No key of the world has a policy that lets other accounts in.
fn foreign(call: &Call<'_>, arn: &str) -> AwsError {
    let mut error = call.denied(arn);
    error.message = format!(
        "User: {} is not authorized to perform: {} on resource: {arn} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
        call.caller.arn,
        call.operation.name()
    );
    error
}

/// The ARN of a key ID or alias.
fn resource_arn(account: &str, region: &str, name: &str) -> String {
    let kind = if name.starts_with("alias/") {
        ""
    } else {
        "key/"
    };
    format!(
        "arn:{}:kms:{region}:{account}:{kind}{name}",
        partition(region)
    )
}

/// Seconds since 1970, as AWS's JSON writes times.
fn seconds(instant: Timestamp) -> f64 {
    // Milliseconds of any date in a world are far below 2^53.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for every date before the year 287396"
    )]
    let millis = instant.as_millisecond() as f64;
    millis / 1000.0
}
