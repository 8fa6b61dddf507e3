//! AWS Identity and Access Management. It is global: the Region of a call's signature makes no difference to it.

mod access_keys;
mod change;
mod credential_report;
mod csv;
mod service_credentials;
mod users;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    aws::operation::Operation,
    call::{Call, Subject, Target},
    services::page::{add_next, page_of},
    state::State,
    wire::{AwsError, Reply},
    world::{Account, User, partition_of},
};

/// What a call is about: the user or access key that it names, if it exists.
pub(crate) fn subject<'a>(state: &'a State, call: &'a Call<'_>) -> Subject<'a> {
    let account = &call.caller.account;
    let (named, target) = if let Some(id) = call.input.text("AccessKeyId") {
        let found = state.index.access_key(state.account(account), id);
        (id, found.map(|(user, key)| Target::AccessKey(user, key)))
    } else {
        let name = call.input.text("UserName").unwrap_or_default();
        let found = state.index.user(state.account(account), name);
        (name, found.map(Target::User))
    };
    Subject {
        account,
        target,
        resource: named,
    }
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let body = match call.operation {
        Operation::GenerateCredentialReport => credential_report::generate(state, call),
        Operation::GetCredentialReport => credential_report::get(state, call)?,
        Operation::ListUsers => users::list_users(state, call)?,
        Operation::ListUserTags => users::list_user_tags(state, call)?,
        Operation::ListServiceSpecificCredentials => service_credentials::list(state, call)?,
        Operation::UpdateServiceSpecificCredential => service_credentials::update(state, call)?,
        Operation::DeleteServiceSpecificCredential => service_credentials::delete(state, call)?,
        Operation::UpdateAccessKey => change::update_access_key(state, call)?,
        Operation::DeleteAccessKey => change::delete_access_key(state, call)?,
        Operation::ListAccessKeys => access_keys::list_access_keys(state, call)?,
        _ => access_keys::get_access_key_last_used(state, call)?,
    };
    Ok(Reply::Query(body))
}

/// IAM's answer when an access key, service-specific credential or user of this name does not exist, or does not any more.
pub(crate) fn no_such_entity(operation: Operation, name: &str) -> AwsError {
    let message = match operation {
        Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => {
            format!("The Access Key with id {name} cannot be found.")
        }
        Operation::UpdateServiceSpecificCredential | Operation::DeleteServiceSpecificCredential => {
            format!("The Service Specific Credential with id {name} cannot be found.")
        }
        _ => format!("The user with name {name} cannot be found."),
    };
    AwsError::new("NoSuchEntity", 404, message)
}

/// The user that a call names.
fn named_user<'a>(state: &'a State, call: &Call<'_>, name: &str) -> Result<&'a User, AwsError> {
    let account = state.account(&call.caller.account);
    let found = state.index.user(account, name);
    found.ok_or_else(|| no_such_entity(call.operation, name))
}

/// The page of a listing that a call asks for.
fn listing(call: &Call<'_>, name: &str, all: Vec<Value>) -> Result<Value, AwsError> {
    let size = call.input.limit("MaxItems", 1000, 100)?;
    let page = page_of(call, "Marker", all.len(), size).ok_or_else(|| {
        let marker = call.input.text("Marker").unwrap_or_default();
        let message = format!("Invalid Marker: {marker}");
        AwsError::new("ValidationError", 400, message)
    })?;
    let mut body = json!({
        "IsTruncated": page.next.is_some(),
        name: all.get(page.items),
    });
    add_next(&mut body, "Marker", page.next);
    Ok(body)
}

/// The ARN of a user, with its path.
pub(crate) fn user_arn(account: Option<&Account>, id: &str, user: &User) -> String {
    arn(account, id, &format!("user{}{}", user.path, user.name))
}

/// The ARN of something in an account: `root`, or a user with its path.
fn arn(account: Option<&Account>, id: &str, resource: &str) -> String {
    let partition = partition_of(account);
    format!("arn:{partition}:iam::{id}:{resource}")
}

/// A moment as IAM's XML writes it, to the second.
fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
