//! Complete answers with wrong contents: empty, contradictory, or about another resource.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    aws::operation::Operation,
    call::Call,
    services,
    state::{
        State,
        sessions::{Caller, Holder},
    },
    wire::Reply,
    world::{AccessKey, Effect},
};

/// A reply with the contents that a fault gives it; unchanged where the effect does not apply.
pub(crate) fn spoil(effect: Option<Effect>, state: &State, call: &Call<'_>, reply: Reply) -> Reply {
    match effect {
        Some(Effect::EmptyAnswer) => emptied(reply),
        Some(Effect::NullAnswer) => nulled(reply),
        Some(Effect::Contradiction) => contradicted(call.operation, state.requests_so_far(), reply),
        Some(Effect::AboutAnother) => about_another(state, call).unwrap_or(reply),
        _ => reply,
    }
}

/// Whether an effect makes contents that no service model describes.
pub(crate) fn spoils(effect: Effect) -> bool {
    matches!(
        effect,
        Effect::EmptyAnswer
            | Effect::NullAnswer
            | Effect::Contradiction
            | Effect::AboutAnother
            | Effect::LateError
    )
}

fn emptied(reply: Reply) -> Reply {
    match reply {
        Reply::Json(_) | Reply::Empty => Reply::Json(json!({})),
        Reply::Query(_) => Reply::Query(json!({})),
        Reply::Xml(_) => Reply::Xml(String::new()),
        http @ Reply::Http(_) => http,
    }
}

fn nulled(reply: Reply) -> Reply {
    match reply {
        Reply::Json(mut members) => {
            for member in members
                .as_object_mut()
                .into_iter()
                .flat_map(|all| all.values_mut())
            {
                *member = Value::Null;
            }
            Reply::Json(members)
        }
        other => other,
    }
}

/// 2100-01-01, in seconds since 1970.
const FAR_FUTURE: i64 = 4_102_444_800;

/// A reply that lacks a member that AWS always sends, or has two that contradict each other. `number` selects one of
/// several such errors.
fn contradicted(operation: Operation, number: u64, mut reply: Reply) -> Reply {
    let is = |kind: u64, of: u64| number % of == kind;
    match &mut reply {
        Reply::Json(body) | Reply::Query(body) => match operation {
            Operation::DescribeKey => {
                let key = &mut body["KeyMetadata"];
                match () {
                    () if is(0, 3) => drop(take(key, "KeyManager")),
                    () if is(1, 3) => drop(take(key, "KeyState")),
                    () => key["Enabled"] = (key["KeyState"] != "Enabled").into(),
                }
            }
            Operation::GetKeyLastUsage => {
                let last = &mut body["KeyLastUsage"];
                match () {
                    () if is(0, 3) && take(last, "Timestamp").is_none() => {
                        last["Operation"] = "Decrypt".into();
                    }
                    () if is(1, 3) => last["Timestamp"] = FAR_FUTURE.into(),
                    () if is(2, 3) => body["TrackingStartDate"] = 0.into(),
                    () => {}
                }
            }
            Operation::GetAccessKeyLastUsed => {
                let last = &mut body["AccessKeyLastUsed"];
                match () {
                    () if is(0, 2) => *last = json!({}),
                    () if take(last, "LastUsedDate").is_none() => {
                        last["ServiceName"] = "s3".into();
                    }
                    () => {}
                }
            }
            Operation::ListAccessKeys => {
                let missing = ["AccessKeyId", "Status", "CreateDate"];
                let missing = missing[usize::try_from(number % 3).unwrap_or(0)];
                take_of_first(body, "AccessKeyMetadata", missing);
            }
            Operation::ListAccounts => {
                take_of_first(body, "Accounts", "State");
                take_of_first(body, "Accounts", "Status");
            }
            Operation::ListSecrets => {
                let missing = ["ARN", "Name", "CreatedDate"];
                let missing = missing[usize::try_from(number % 3).unwrap_or(0)];
                take_of_first(body, "SecretList", missing);
            }
            Operation::ListRegions => take_of_first(body, "Regions", "RegionOptStatus"),
            Operation::GetCredentialReport => drop(take(body, "GeneratedTime")),
            Operation::ListKeys if is(0, 2) => take_of_first(body, "Keys", "KeyId"),
            Operation::ListUsers if is(0, 2) => take_of_first(body, "Users", "UserName"),
            // A page that is marked as the last and has a token, or the reverse.
            Operation::ListKeys
            | Operation::ListAliases
            | Operation::ListResourceTags
            | Operation::ListKeyRotations
            | Operation::ListGrants => contradict_page(body, "Truncated", "NextMarker"),
            Operation::ListServiceSpecificCredentials if is(0, 2) => {
                let missing = ["ServiceSpecificCredentialId", "Status", "CreateDate"];
                let missing = missing[usize::try_from(number % 3).unwrap_or(0)];
                take_of_first(body, "ServiceSpecificCredentials", missing);
            }
            Operation::ListUsers
            | Operation::ListUserTags
            | Operation::ListServiceSpecificCredentials => {
                contradict_page(body, "IsTruncated", "Marker");
            }
            _ => {}
        },
        Reply::Xml(body) if operation == Operation::AssumeRole => {
            *body = without_text(body, "SecretAccessKey");
        }
        Reply::Xml(body) if operation == Operation::GetCallerIdentity => {
            *body = without_text(body, "Account");
        }
        Reply::Xml(_) | Reply::Empty | Reply::Http(_) => {}
    }
    reply
}

fn take(from: &mut Value, name: &str) -> Option<Value> {
    from.as_object_mut()?.remove(name)
}

/// Takes a member from the first entry of a list; the whole list where it is empty.
fn take_of_first(body: &mut Value, list: &str, name: &str) {
    match body.get_mut(list).and_then(|entries| entries.get_mut(0)) {
        Some(first) => drop(take(first, name)),
        None => drop(take(body, list)),
    }
}

fn contradict_page(page: &mut Value, truncated: &str, marker: &str) {
    page[truncated] = page.get(marker).is_none().into();
}

/// XML whose first element of this name is empty.
fn without_text(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml
        .split_once(&open)
        .and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    match parts {
        Some((before, after)) => format!("{before}{open}{close}{after}"),
        None => xml.to_owned(),
    }
}

/// The correct answer to the same call about another key of the cell, another user, account or unit; `None` where there
/// is no other, or the call would be refused.
fn about_another(state: &State, call: &Call<'_>) -> Option<Reply> {
    let other = match call.operation {
        Operation::DescribeKey | Operation::GetKeyLastUsage | Operation::ListGrants => {
            with(call, "KeyId", other_key(state, call)?)?
        }
        Operation::ListAccessKeys => with(call, "UserName", other_user(state, call)?)?,
        Operation::GetAccessKeyLastUsed => {
            with(call, "AccessKeyId", other_access_key(state, call)?)?
        }
        Operation::DescribeOrganizationalUnit => {
            let asked = call.input.text("OrganizationalUnitId")?;
            let units = &state.world.organizational_units;
            let other = units.iter().find(|unit| unit.id != asked)?;
            with(call, "OrganizationalUnitId", other.id.clone())?
        }
        Operation::AssumeRole => {
            let arn = call.input.text("RoleArn")?;
            let asked = arn.split(':').nth(4)?;
            let other = other_account(state, asked)?;
            with(call, "RoleArn", arn.replace(asked, &other))?
        }
        Operation::ListKeys
        | Operation::ListSecrets
        | Operation::ListUsers
        | Operation::GetCredentialReport => Call {
            caller: Arc::new(Caller {
                account: account_with_others(state, call)?,
                arn: call.caller.arn.clone(),
                user_id: call.caller.user_id.clone(),
                is_session: call.caller.is_session,
                holder: Holder::Member,
            }),
            ..call.clone()
        },
        _ => return None,
    };
    services::answer(state, &other).ok()
}

/// The same call with another parameter.
fn with<'a>(call: &Call<'a>, name: &str, text: String) -> Option<Call<'a>> {
    Some(Call {
        input: call.input.with_text(name, text)?,
        ..call.clone()
    })
}

fn other_key(state: &State, call: &Call<'_>) -> Option<String> {
    let asked = call.input.text("KeyId")?;
    let account = state.account(&call.caller.account)?;
    let mut keys = account.keys.iter().filter(|key| key.region == call.region);
    // An empty list of grants could be any key's.
    let needs_grants = call.operation == Operation::ListGrants;
    let other =
        keys.find(|key| !asked.ends_with(&key.id) && (!needs_grants || !key.grants.is_empty()))?;
    Some(other.id.clone())
}

fn other_user(state: &State, call: &Call<'_>) -> Option<String> {
    let asked = call.input.text("UserName")?;
    let account = state.account(&call.caller.account)?;
    // An empty list of keys could be any user's.
    let mut others = account.users.iter().filter(|user| user.name != asked);
    let other = others.find(|user| !user.access_keys.is_empty())?;
    Some(other.name.clone())
}

/// A key of another user: AWS's answer names the user and no key, so another key of the same user would not show.
fn other_access_key(state: &State, call: &Call<'_>) -> Option<String> {
    let asked = call.input.text("AccessKeyId")?;
    let account = state.account(&call.caller.account)?;
    let has_it = |keys: &[AccessKey]| keys.iter().any(|key| key.id == asked);
    let mut users = account
        .users
        .iter()
        .filter(|user| !has_it(&user.access_keys));
    Some(users.find_map(|user| user.access_keys.first())?.id.clone())
}

/// Another account whose listing is not empty: an empty list could be any account's.
fn account_with_others(state: &State, call: &Call<'_>) -> Option<String> {
    let mut accounts = state.world.accounts.iter();
    let other = accounts.find(|account| {
        let has_some = match call.operation {
            Operation::ListKeys => account.keys.iter().any(|key| key.region == call.region),
            Operation::ListSecrets => account.secrets.iter().any(|it| it.region == call.region),
            Operation::ListUsers => !account.users.is_empty(),
            _ => true,
        };
        account.id != call.caller.account && has_some
    })?;
    Some(other.id.clone())
}

fn other_account(state: &State, asked: &str) -> Option<String> {
    let mut accounts = state.world.accounts.iter();
    let other = accounts.find(|account| account.id != asked && !account.role.is_empty())?;
    Some(other.id.clone())
}
