//! AWS Account Management.

use serde_json::{Value, json};

use crate::{
    aws::regions::{known, opt_status},
    call::{Call, Subject},
    services::page::{add_next, page_of},
    state::State,
    wire::{AwsError, Reply, input::Input},
    world::partition_of,
};

/// What a call is about: the account it names, else the caller's.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject {
        account: call.input.text("AccountId").unwrap_or(&call.caller.account),
        target: None,
        resource: "",
    }
}

/// Answers `ListRegions`: every known Region of the partition with its status in the account.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let account_id = listed_account(state, call)?;
    let fallback = ["us-east-1".to_owned()];
    let account = state.account(account_id);
    let enabled = account.map_or(&fallback[..], |account| &account.regions);
    let mut regions: Vec<&str> = known(partition_of(account)).collect();
    regions.extend(enabled.iter().map(String::as_str));
    regions.sort_unstable();
    regions.dedup();

    let wanted = call_filter(call);
    let listed: Vec<_> = regions
        .into_iter()
        .map(|region| {
            (
                region,
                opt_status(region, enabled.iter().any(|name| name == region)),
            )
        })
        .filter(|(_, status)| wanted.as_ref().is_none_or(|wanted| wanted.contains(status)))
        .collect();
    let size = call.input.limit("MaxResults", 50, 50)?;
    let page = page_of(call, "NextToken", listed.len(), size)
        .ok_or_else(|| AwsError::validation("The NextToken is not valid."))?;
    let regions: Vec<_> = listed[page.items]
        .iter()
        .map(|(region, status)| json!({"RegionName": region, "RegionOptStatus": status}))
        .collect();
    let mut body = json!({"Regions": regions});
    add_next(&mut body, "NextToken", page.next);
    Ok(Reply::Json(body))
}

/// The account to list. Only the organization's administrators may name another, and none may name the
/// management account.
fn listed_account<'a>(state: &State, call: &'a Call<'_>) -> Result<&'a str, AwsError> {
    let own = call.caller.account.as_str();
    let Some(named) = call.input.text("AccountId") else {
        return Ok(own);
    };
    let denied = |why: &str| {
        let mut error = call.denied(named);
        error.message = format!(
            "User: {} is not authorized to perform: account:ListRegions{why}",
            call.caller.arn
        );
        error
    };
    let organization = &state.world.organization;
    if !state.may_list_organization(own) || state.account(named).is_none() {
        return Err(denied(""));
    }
    if !organization.account_management {
        return Err(denied(
            " (Your organization must first enable trusted access with AWS Account Management.)",
        ));
    }
    if named == organization.management_account {
        return Err(denied(
            " (The management account can only be managed using the standalone context from the management account)",
        ));
    }
    Ok(named)
}

/// The statuses that `RegionOptStatusContains` asks for.
fn call_filter<'a>(call: &'a Call<'_>) -> Option<Vec<&'a str>> {
    let Input::Json(body) = &call.input else {
        return None;
    };
    let wanted = body.get("RegionOptStatusContains")?.as_array()?;
    Some(wanted.iter().filter_map(Value::as_str).collect())
}
