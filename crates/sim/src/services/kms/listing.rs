//! `ListKeys`, `ListAliases`, `ListResourceTags`, `ListKeyRotations` and `ListGrants`.

use serde_json::{Value, json};

use super::{Names, find, resource_arn, seconds};
use crate::{
    aws::regions::partition,
    call::Call,
    services::page::{Page, add_next, page_of},
    state::{
        State,
        index::{alias_at, key_at},
    },
    wire::AwsError,
};

pub(super) fn list_keys(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let account_id = &call.caller.account;
    let found = state
        .account(account_id)
        .zip(state.index.cell(account_id, call.region));
    let total = found.map_or(0, |(_, cell)| cell.keys.len());
    let page = listing_page(call, total, 1000, 100)?;
    let keys: Vec<_> = found.map_or_else(Vec::new, |(account, cell)| {
        let positions = cell.keys[page.items.clone()].iter();
        let keys = positions.map(|position| key_at(account, *position));
        keys.map(|key| json!({"KeyId": key.id, "KeyArn": key.arn(account_id)}))
            .collect()
    });
    Ok(listing(json!({"Keys": keys}), page))
}

pub(super) fn list_aliases(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let account_id = &call.caller.account;
    let Some((account, cell)) = state
        .account(account_id)
        .zip(state.index.cell(account_id, call.region))
    else {
        let page = listing_page(call, 0, 100, 50)?;
        return Ok(listing(json!({"Aliases": []}), page));
    };
    let only = call
        .input
        .text("KeyId")
        .map(|named| find(state, call, named, Names::Ids))
        .transpose()?;
    let of_key: Vec<(u32, u32)>;
    let aliases = match only {
        None => cell.aliases.as_slice(),
        Some(key) => {
            let matching = cell
                .aliases
                .iter()
                .filter(|alias| std::ptr::eq(alias_at(account, **alias).0, key));
            of_key = matching.copied().collect();
            &of_key
        }
    };
    let page = listing_page(call, aliases.len(), 100, 50)?;
    let epoch = state.clock.epoch();
    let entries: Vec<_> = aliases[page.items.clone()]
        .iter()
        .map(|alias| {
            let (key, name) = alias_at(account, *alias);
            let created = seconds(key.created.resolve(epoch));
            json!({
                "AliasName": name,
                "AliasArn": resource_arn(account_id, &key.region, name),
                "TargetKeyId": key.id,
                "CreationDate": created,
                "LastUpdatedDate": created,
            })
        })
        .collect();
    Ok(listing(json!({"Aliases": entries}), page))
}

pub(super) fn list_resource_tags(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    let page = listing_page(call, key.tags.len(), 50, 50)?;
    let tags: Vec<_> = key
        .tags
        .iter()
        .skip(page.items.start)
        .take(page.items.len())
        .map(|(name, value)| json!({"TagKey": name, "TagValue": value}))
        .collect();
    Ok(listing(json!({"Tags": tags}), page))
}

/// The rotations that are completed, oldest first. Material that was imported is rotated on demand alone.
///
/// AWS documents `UnsupportedOperationException` without saying for which keys. Some that cannot rotate may answer an
/// empty listing instead; the simulator answers the error for all of them.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
pub(super) fn list_key_rotations(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    if !key.is_for_symmetric_encryption() {
        let arn = key.arn(&call.caller.account);
        let message = format!("{arn} is not a symmetric encryption key.");
        return Err(AwsError::new("UnsupportedOperationException", 400, message));
    }
    let (epoch, now) = (state.clock.epoch(), state.clock.now());
    let dates = key.rotations.iter().map(|moment| moment.resolve(epoch));
    let mut completed: Vec<_> = dates.filter(|date| *date <= now).collect();
    completed.sort_unstable();
    let page = listing_page(call, completed.len(), 1000, 100)?;
    let kind = match key.origin.as_deref() {
        Some("EXTERNAL") => "ON_DEMAND",
        _ => "AUTOMATIC",
    };
    let rotations: Vec<_> = completed[page.items.clone()]
        .iter()
        .map(|date| json!({"KeyId": key.id, "RotationDate": seconds(*date), "RotationType": kind}))
        .collect();
    Ok(listing(json!({"Rotations": rotations}), page))
}

/// The grants of a key, oldest first. Of one that was made for a service, `GranteePrincipal` is the service's name; where
/// it was named as the grantee service itself, `GranteeServicePrincipal` is.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
pub(super) fn list_grants(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let key = find(state, call, call.input.required("KeyId")?, Names::Ids)?;
    let account = &call.caller.account;
    let epoch = state.clock.epoch();
    let is_asked_for = |name: &str, field: &str| {
        let asked = call.input.text(name);
        asked.is_none_or(|asked| asked == field)
    };
    let mut grants: Vec<_> = key
        .grants
        .iter()
        .filter(|grant| is_asked_for("GrantId", &grant.id))
        .filter(|grant| is_asked_for("GranteePrincipal", &grant.grantee))
        .collect();
    grants.sort_by_key(|grant| grant.created.resolve(epoch));
    let page = listing_page(call, grants.len(), 100, 50)?;
    let entries: Vec<_> = grants[page.items.clone()]
        .iter()
        .map(|grant| {
            let mut entry = json!({
                "KeyId": key.arn(account),
                "GrantId": grant.id,
                "Name": grant.name,
                "CreationDate": seconds(grant.created.resolve(epoch)),
                "IssuingAccount": format!("arn:{}:iam::{account}:root", partition(&key.region)),
                "Operations": grant.operations,
            });
            for (name, principal) in [
                ("GranteePrincipal", &grant.grantee),
                ("GranteeServicePrincipal", &grant.grantee_service),
                ("RetiringPrincipal", &grant.retiring),
            ] {
                if !principal.is_empty() {
                    entry[name] = principal.as_str().into();
                }
            }
            entry
        })
        .collect();
    Ok(listing(json!({"Grants": entries}), page))
}

fn listing_page(
    call: &Call<'_>,
    total: usize,
    most: usize,
    default: usize,
) -> Result<Page, AwsError> {
    let size = call.input.limit("Limit", most, default)?;
    page_of(call, "Marker", total, size)
        .ok_or_else(|| AwsError::new("InvalidMarkerException", 400, "The marker is not valid."))
}

fn listing(mut body: Value, page: Page) -> Value {
    body["Truncated"] = page.next.is_some().into();
    add_next(&mut body, "NextMarker", page.next);
    body
}
