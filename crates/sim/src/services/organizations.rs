//! AWS Organizations.

use serde_json::{Value, json};

use crate::{
    aws::operation::Operation,
    call::{Call, Subject},
    services::page::{Page, add_next, page_of},
    state::State,
    wire::{AwsError, Reply},
    world::{Account, AccountStateFields, OrganizationalUnit, partition_of},
};

/// Every account joined then: nothing depends on it.
const JOINED: f64 = 1_577_836_800.0;

/// What a call is about: the unit, parent or child it names.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    let named = ["ParentId", "ChildId", "OrganizationalUnitId"];
    Subject::of_caller(
        call,
        named
            .into_iter()
            .find_map(|name| call.input.text(name))
            .unwrap_or_default(),
    )
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let caller = &call.caller.account;
    if state.account(caller).is_none() {
        return Err(AwsError::new(
            "AWSOrganizationsNotInUseException",
            400,
            "Your account is not a member of an organization.",
        ));
    }
    if call.operation == Operation::DescribeOrganization {
        return Ok(Reply::Json(describe_organization(state)));
    }
    if !state.may_list_organization(caller) {
        return Err(call.denied(""));
    }
    let body = match call.operation {
        Operation::ListAccounts => list_accounts(state, call)?,
        Operation::ListAccountsForParent => list_accounts_for_parent(state, call)?,
        Operation::ListOrganizationalUnitsForParent => list_units_for_parent(state, call)?,
        Operation::DescribeOrganizationalUnit => describe_unit(state, call)?,
        Operation::ListParents => list_parents(state, call)?,
        _ => list_roots(state),
    };
    Ok(Reply::Json(body))
}

fn describe_organization(state: &State) -> Value {
    let organization = &state.world.organization;
    let management = &organization.management_account;
    json!({"Organization": {
        "Id": organization.id,
        "Arn": arn(state, &format!("organization/{}", organization.id)),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(state, &format!("account/{}/{management}", organization.id)),
        "MasterAccountId": management,
        "MasterAccountEmail": state.account(management).map(|account| account.email.as_str()),
        "AvailablePolicyTypes": [],
    }})
}

fn list_roots(state: &State) -> Value {
    let organization = &state.world.organization;
    json!({"Roots": [{
        "Id": organization.root,
        "Arn": arn(state, &format!("root/{}/{}", organization.id, organization.root)),
        "Name": "Root",
        "PolicyTypes": [],
    }]})
}

fn list_accounts(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let accounts = &state.world.accounts;
    let page = listing_page(state, call, accounts.len())?;
    let entries: Vec<_> = accounts[page.items.clone()]
        .iter()
        .map(|account| account_entry(state, account))
        .collect();
    Ok(listing("Accounts", entries, page))
}

fn list_accounts_for_parent(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let positions = state.index.accounts_below(parent(state, call)?);
    let page = page_below(state, call, positions.len())?;
    let entries: Vec<_> = positions[page.items.clone()]
        .iter()
        .map(|position| account_entry(state, &state.world.accounts[*position]))
        .collect();
    Ok(listing("Accounts", entries, page))
}

fn list_units_for_parent(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let positions = state.index.units_below(parent(state, call)?);
    let page = page_below(state, call, positions.len())?;
    let entries: Vec<_> = positions[page.items.clone()]
        .iter()
        .map(|position| unit_entry(state, &state.world.organizational_units[*position]))
        .collect();
    Ok(listing("OrganizationalUnits", entries, page))
}

fn describe_unit(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let id = call.input.required("OrganizationalUnitId")?;
    let position = state.index.unit(id).ok_or_else(|| {
        AwsError::new(
            "OrganizationalUnitNotFoundException",
            400,
            "You specified an organizational unit that doesn't exist.",
        )
    })?;
    let unit = &state.world.organizational_units[position];
    Ok(json!({"OrganizationalUnit": unit_entry(state, unit)}))
}

fn list_parents(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let child = call.input.required("ChildId")?;
    let of_account = state.account(child).map(|account| &account.parent);
    let of_unit = || {
        state
            .index
            .unit(child)
            .map(|position| &state.world.organizational_units[position].parent)
    };
    let parent = of_account.or_else(of_unit).ok_or_else(|| {
        AwsError::new(
            "ChildNotFoundException",
            400,
            "You specified a child that doesn't exist in this organization.",
        )
    })?;
    let kind = if *parent == state.world.organization.root {
        "ROOT"
    } else {
        "ORGANIZATIONAL_UNIT"
    };
    Ok(json!({"Parents": [{"Id": parent, "Type": kind}]}))
}

/// The root or unit that a call lists.
fn parent<'a>(state: &State, call: &'a Call<'_>) -> Result<&'a str, AwsError> {
    let parent = call.input.required("ParentId")?;
    if parent == state.world.organization.root || state.index.unit(parent).is_some() {
        return Ok(parent);
    }
    Err(AwsError::new(
        "ParentNotFoundException",
        400,
        "You specified parent that doesn't exist.",
    ))
}

fn listing_page(state: &State, call: &Call<'_>, total: usize) -> Result<Page, AwsError> {
    let most = state.world.organization.page_size;
    let size = call.input.limit("MaxResults", 20, most)?.min(most);
    page_of(call, "NextToken", total, size).ok_or_else(|| {
        AwsError::new(
            "InvalidInputException",
            400,
            "You specified an invalid value for the NextToken parameter.",
        )
    })
}

/// As [`listing_page`], with an empty page first in worlds that have it.
fn page_below(state: &State, call: &Call<'_>, total: usize) -> Result<Page, AwsError> {
    if state.world.organization.empty_first_page && call.input.text("NextToken").is_none() {
        return Ok(Page {
            items: 0..0,
            next: Some(format!("sim-{}-0", call.operation.word())),
        });
    }
    listing_page(state, call, total)
}

fn listing(name: &str, items: Vec<Value>, page: Page) -> Value {
    let mut body = json!({name: items});
    add_next(&mut body, "NextToken", page.next);
    body
}

fn account_entry(state: &State, account: &Account) -> Value {
    let organization = &state.world.organization;
    let mut body = json!({
        "Id": account.id,
        "Arn": arn(state, &format!("account/{}/{}", organization.id, account.id)),
        "Email": account.email,
        "Name": account.name,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": JOINED,
    });
    if organization.account_state != AccountStateFields::Status {
        body["State"] = account.state.state().into();
    }
    if organization.account_state != AccountStateFields::State {
        body["Status"] = account.state.status().into();
    }
    if organization.paths {
        body["Paths"] = json!([format!(
            "{}{}/",
            path_of(state, &account.parent),
            account.id
        )]);
    }
    body
}

fn unit_entry(state: &State, unit: &OrganizationalUnit) -> Value {
    let organization = &state.world.organization;
    let mut body = json!({
        "Id": unit.id,
        "Arn": arn(state, &format!("ou/{}/{}", organization.id, unit.id)),
        "Name": unit.name,
    });
    if organization.paths {
        body["Path"] = path_of(state, &unit.id).into();
    }
    body
}

/// `o-…/r-…/ou-…/` down to a root or unit, slash at the end.
fn path_of(state: &State, id: &str) -> String {
    let mut ids = vec![id];
    let mut above = id;
    // A world's units form a tree, but one built by hand was never checked for circles.
    while let Some(position) = state.index.unit(above).filter(|_| ids.len() < 64) {
        above = &state.world.organizational_units[position].parent;
        ids.push(above);
    }
    ids.push(&state.world.organization.id);
    ids.reverse();
    ids.join("/") + "/"
}

/// The ARN of the unit, root or account that a call names.
pub(crate) fn arn_of_named(state: &State, call: &Call<'_>) -> String {
    let id = subject(call).resource;
    let kind = match id.split('-').next() {
        Some("r") => "root",
        Some("ou") => "ou",
        _ => return arn_of_account(state, id),
    };
    arn(
        state,
        &format!("{kind}/{}/{id}", state.world.organization.id),
    )
}

/// The ARN of an account of the organization.
pub(crate) fn arn_of_account(state: &State, id: &str) -> String {
    arn(
        state,
        &format!("account/{}/{id}", state.world.organization.id),
    )
}

fn arn(state: &State, resource: &str) -> String {
    let management = &state.world.organization.management_account;
    let partition = partition_of(state.account(management));
    format!("arn:{partition}:organizations::{management}:{resource}")
}
