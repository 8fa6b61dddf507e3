//! AWS Security Token Service.

use std::sync::atomic::Ordering;

use crate::{
    aws::{operation::Operation, regions::OPT_IN_REGIONS},
    call::{Call, Subject},
    state::{
        State,
        sessions::{Caller, Holder, expiration},
    },
    wire::{AwsError, Reply, xml::element},
    world::{Account, AccountState},
};

/// Longest session of any role, and of one that another session assumes
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
const LONGEST: u32 = 43_200;
const LONGEST_CHAINED: u32 = 3_600;
const SHORTEST: u32 = 900;

/// What a call is about: the role's account and ARN.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    let role = call
        .input
        .text("RoleArn")
        .filter(|_| call.operation == Operation::AssumeRole);
    Subject {
        account: role
            .and_then(parse_role)
            .map_or(&call.caller.account, |(account, _)| account),
        target: None,
        resource: role.unwrap_or_default(),
    }
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    match call.operation {
        Operation::AssumeRole => assume_role(state, call),
        Operation::GetAccessKeyInfo => get_access_key_info(state, call),
        _ => Ok(get_caller_identity(call)),
    }
}

/// Refuses a call in a Region in which STS is not active: in the account whose credentials are made, and where the Region
/// must be enabled, in the caller's too
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html>).
pub(crate) fn check_region(state: &State, call: &Call<'_>) -> Result<(), AwsError> {
    let role = call.input.text("RoleArn").and_then(parse_role);
    let made_for = role.map_or(call.caller.account.as_str(), |(account, _)| account);
    for account in [made_for, &call.caller.account] {
        let is_active = state.account(account).is_none_or(|account| {
            is_active(account, call.region)
                || account.id != made_for && !OPT_IN_REGIONS.contains(&call.region)
        });
        if !is_active {
            let message = format!(
                "STS is not activated in this region for account:{account}. Your account administrator can activate STS in this region using the IAM Console."
            );
            return Err(AwsError::new("RegionDisabledException", 403, message));
        }
    }
    Ok(())
}

/// Whether an account has STS in a Region. A world may leave out Regions that are enabled by default.
fn is_active(account: &Account, region: &str) -> bool {
    let is_listed = |regions: &[String]| regions.iter().any(|name| name == region);
    let is_enabled = !OPT_IN_REGIONS.contains(&region) || is_listed(&account.regions);
    is_enabled && !is_listed(&account.sts_deactivated)
}

fn get_caller_identity(call: &Call<'_>) -> Reply {
    let mut inner = String::new();
    element(&mut inner, "Arn", &call.caller.arn);
    element(&mut inner, "UserId", &call.caller.user_id);
    element(&mut inner, "Account", &call.caller.account);
    Reply::Xml(inner)
}

/// The account of an access key, for any caller. AWS derives it from the ID, and may answer for a deleted key; the
/// simulator knows the keys of its world only.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
fn get_access_key_info(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let id = call.input.required("AccessKeyId")?;
    let held = state
        .world
        .access_keys()
        .find(|held| held.id == id && held.user.is_some());
    let Some(held) = held else {
        let message = format!("Access key ID {id} is not valid.");
        return Err(AwsError::new("ValidationError", 400, message));
    };
    let mut inner = String::new();
    element(&mut inner, "Account", &held.account.id);
    Ok(Reply::Xml(inner))
}

fn assume_role(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let role_arn = call.input.required("RoleArn")?;
    let session_name = call.input.required("RoleSessionName")?;
    let (account_id, role) = parse_role(role_arn)
        .ok_or_else(|| AwsError::new("ValidationError", 400, format!("{role_arn} is invalid")))?;
    check_session_name(session_name)?;
    let duration = duration(call)?;
    let account = state
        .account(account_id)
        .filter(|account| may_assume(state, account, role, call))
        .ok_or_else(|| call.denied(role_arn))?;

    let partition = role_arn.split(':').nth(1).unwrap_or("aws");
    let name = role.rsplit('/').next().unwrap_or(role);
    let arn = format!("arn:{partition}:sts::{account_id}:assumed-role/{name}/{session_name}");
    let role_id = format!("AROASIM{account_id:0>14}:{session_name}");
    let caller = Caller {
        account: account.id.clone(),
        arn: arn.clone(),
        user_id: role_id.clone(),
        is_session: true,
        holder: Holder::Member,
    };
    let expires = expiration(state.clock.now(), duration.min(account.session_seconds));
    let credentials = state.sessions.issue(caller, expires);

    let mut inner = "<AssumedRoleUser>".to_owned();
    element(&mut inner, "AssumedRoleId", &role_id);
    element(&mut inner, "Arn", &arn);
    inner.push_str("</AssumedRoleUser><Credentials>");
    element(&mut inner, "AccessKeyId", &credentials.access_key);
    element(&mut inner, "SecretAccessKey", &credentials.secret);
    element(&mut inner, "SessionToken", &credentials.token);
    element(&mut inner, "Expiration", &credentials.expires.to_string());
    inner.push_str("</Credentials>");
    Ok(Reply::Xml(inner))
}

/// Whether the account has this role and trusts the caller. AWS answers the same error either way.
fn may_assume(state: &State, account: &Account, role: &str, call: &Call<'_>) -> bool {
    account.state == AccountState::Active
        && !account.role.is_empty()
        && account.role.trim_start_matches('/') == role
        // Where policies are enforced, the role's trust policy has decided.
        && (state.enforces_policies.load(Ordering::Relaxed) || trusts(account, call))
}

/// Whether the account's role trusts the caller by [`Account::trusts`].
fn trusts(account: &Account, call: &Call<'_>) -> bool {
    let trusted = account.trusts.as_deref().unwrap_or_default();
    trusted
        .iter()
        .any(|trusted| *trusted == call.caller.account)
        && (account.external_id.is_none()
            || account.external_id.as_deref() == call.input.text("ExternalId"))
}

/// Account and name (with path) of a role's ARN.
fn parse_role(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", "", account, resource] => {
            Some((account, resource.strip_prefix("role/")?))
        }
        _ => None,
    }
}

fn check_session_name(name: &str) -> Result<(), AwsError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (2..=64).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(AwsError::new(
        "ValidationError",
        400,
        format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*, with a length of 2 to 64"
        ),
    ))
}

/// Seconds that the caller asks for.
fn duration(call: &Call<'_>) -> Result<u32, AwsError> {
    let Some(text) = call.input.text("DurationSeconds") else {
        return Ok(LONGEST_CHAINED);
    };
    let error = |message: String| AwsError::new("ValidationError", 400, message);
    match text.parse() {
        Ok(seconds @ SHORTEST..=LONGEST) if seconds <= LONGEST_CHAINED || !call.caller.is_session => Ok(seconds),
        Ok(SHORTEST..=LONGEST) => Err(error(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.".to_owned(),
        )),
        _ => Err(error(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member must have value from {SHORTEST} to {LONGEST}"
        ))),
    }
}
