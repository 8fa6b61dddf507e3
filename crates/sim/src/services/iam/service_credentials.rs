//! `ListServiceSpecificCredentials`, and for simulators that allow changes `UpdateServiceSpecificCredential` and
//! `DeleteServiceSpecificCredential`.

use serde_json::{Value, json};

use super::{date_time, listing, named_user, no_such_entity};
use crate::{
    call::Call,
    state::State,
    wire::AwsError,
    world::{ServiceCredential, ServiceCredentialStatus, User},
};

/// Services that have such credentials
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>).
const SERVICES: [&str; 4] = [
    "bedrock.amazonaws.com",
    "cassandra.amazonaws.com",
    "codecommit.amazonaws.com",
    "logs.amazonaws.com",
];

/// The credentials of a user, or of all. AWS documents `AllUsers` as "all credentials associated with the specified service",
/// and a listing without a service as one of all services: a world says whether the two go together
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html>).
pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let service = call.input.text("ServiceName");
    if service.is_some_and(|service| !SERVICES.contains(&service)) {
        let message = "The specified service does not support service-specific credentials.";
        return Err(AwsError::new("NotSupportedService", 404, message));
    }
    let of_all = call.input.text("AllUsers") == Some("true");
    let users: Vec<&User> = match (call.input.text("UserName"), of_all) {
        (Some(_), true) => {
            return Err(invalid(
                "UserName and AllUsers cannot be specified together",
            ));
        }
        (Some(name), false) => vec![named_user(state, call, name)?],
        (None, true) if service.is_none() && state.world.service_credentials_by_service => {
            return Err(invalid("AllUsers requires ServiceName"));
        }
        (None, true) => {
            let account = state.account(&call.caller.account);
            account
                .into_iter()
                .flat_map(|account| &account.users)
                .collect()
        }
        (None, false) => {
            return Err(invalid(
                "Must specify userName when calling with non-User credentials",
            ));
        }
    };
    let asked = |credential: &&ServiceCredential| {
        service.is_none_or(|service| service == credential.service)
    };
    let entries = users.into_iter().flat_map(|user| {
        let credentials = user.service_credentials.iter().filter(asked);
        credentials.filter_map(move |credential| entry(state, user, credential))
    });
    listing(call, "ServiceSpecificCredentials", entries.collect())
}

/// An entry of a listing; `None` where the credential was deleted.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServiceSpecificCredentialMetadata.html>
fn entry(state: &State, user: &User, credential: &ServiceCredential) -> Option<Value> {
    let status = state.changes.status_of_credential(credential)?;
    let epoch = state.clock.epoch();
    let mut entry = json!({
        "UserName": user.name,
        "Status": status.as_str(),
        "CreateDate": date_time(credential.created().resolve(epoch)),
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service,
    });
    if let Some(expires) = credential.expires {
        entry["ExpirationDate"] = date_time(expires.resolve(epoch)).into();
    }
    Some(entry)
}

/// Switches a credential on or off.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html>
pub(super) fn update(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let credential = named(state, call)?;
    let status = match call.input.required("Status")? {
        "Active" => ServiceCredentialStatus::Active,
        "Inactive" => ServiceCredentialStatus::Inactive,
        other => {
            return Err(invalid(&format!(
                "Value '{other}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]"
            )));
        }
    };
    let changes = &state.changes;
    changes.set_status_of_credential(credential, Some(status));
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html>
pub(super) fn delete(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let credential = named(state, call)?;
    state.changes.set_status_of_credential(credential, None);
    Ok(Value::Null)
}

/// The credential that a call names, which must be there and the named user's. Without a user's name IAM means the user
/// whose key signed the call: no caller here is one.
fn named<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a ServiceCredential, AwsError> {
    let id = call.input.required("ServiceSpecificCredentialId")?;
    let user = named_user(state, call, call.input.required("UserName")?)?;
    let mut credentials = user.service_credentials.iter();
    credentials
        .find(|one| one.id == id && state.changes.status_of_credential(one).is_some())
        .ok_or_else(|| no_such_entity(call.operation, id))
}

fn invalid(message: &str) -> AwsError {
    AwsError::new("ValidationError", 400, message)
}
