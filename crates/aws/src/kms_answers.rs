//! What is believed of KMS's answers: those about the key, account and Region that were
//! asked about, which say what KMS always says and do not contradict themselves. A key
//! that an answer is not believed about is unreadable, never judged.

use aws_sdk_kms::{
    operation::describe_key::DescribeKeyOutput,
    types::{GrantListEntry, KeyListEntry, KeyManagerType, KeyMetadata, KeyState, Tag},
};
use jiff::Timestamp;
use keycensus_core::verdict::is_pending_deletion;

use crate::{answer::Unreadable, call_error::Place, usage::moment};

/// The answer is about another key, or does not say about which.
pub(crate) const OTHER_KEY: Unreadable = Unreadable("the answer is about another key");

/// Whether `name`, a key's ID or ARN, names the key `key_id` of an account and Region
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN>).
pub(crate) fn names_key(name: &str, place: &Place, key_id: &str) -> bool {
    name == key_id || is_arn_of(name, place, key_id)
}

fn is_arn_of(arn: &str, place: &Place, key_id: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "kms", region, account, resource] = parts[..] else {
        return false;
    };
    region == place.region.as_str()
        && place.account.is_some_and(|id| id.to_string() == account)
        && resource.strip_prefix("key/") == Some(key_id)
}

/// A key as ListKeys returns it: its ID and ARN. Keys of other accounts are listed only
/// where they are asked for
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>).
///
/// # Errors
/// It has no ID, or its ARN is another's.
pub(crate) fn listed_key(
    entry: KeyListEntry,
    place: &Place,
) -> Result<(String, String), Unreadable> {
    let (Some(id), Some(arn)) = (entry.key_id, entry.key_arn) else {
        return Err(Unreadable("a key without ID or ARN is listed"));
    };
    match is_arn_of(&arn, place, &id) {
        true => Ok((id, arn)),
        false => Err(OTHER_KEY),
    }
}

/// What DescribeKey says of the key `key_id`. Boxed, because it is large and thousands
/// of keys wait for theirs.
///
/// # Errors
/// It is about another key, or not all of manager, state, deletion and creation is said
/// and fits together.
pub(crate) fn described_key(
    answer: DescribeKeyOutput,
    place: &Place,
    key_id: &str,
    now: Timestamp,
) -> Result<Box<KeyMetadata>, Unreadable> {
    let key = answer.key_metadata.ok_or(Unreadable("no KeyMetadata"))?;
    let is_of_account = |id: &str| place.account.is_some_and(|own| own.to_string() == id);
    let is_it = key.key_id == key_id
        && key.arn().is_some_and(|arn| is_arn_of(arn, place, key_id))
        && key.aws_account_id().is_none_or(is_of_account);
    if !is_it {
        return Err(OTHER_KEY);
    }
    match key.key_manager {
        Some(KeyManagerType::Aws | KeyManagerType::Customer) => {}
        _ => return Err(Unreadable("who manages the key is not said")),
    }
    let state = key
        .key_state
        .as_ref()
        .filter(|state| !state.as_str().is_empty());
    let state = state.ok_or(Unreadable("the key's state is not said"))?;
    // A key is enabled in this state, and in no other of which a report says more
    // (<https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>).
    let is_enabled = match state {
        KeyState::Enabled => true,
        KeyState::Disabled | KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => false,
        _ => key.enabled,
    };
    if key.enabled != is_enabled {
        return Err(Unreadable("the key's state contradicts itself"));
    }
    if key.deletion_date.is_some() && !is_pending_deletion(state.as_str()) {
        return Err(Unreadable(
            "a key that is not pending deletion is deleted some day",
        ));
    }
    moment(key.creation_date, now)?.ok_or(Unreadable("when the key was created is not said"))?;
    Ok(Box::new(key))
}

/// A tag. Whether a key is exempt depends on it.
///
/// # Errors
/// It has no name.
pub(crate) fn tag(tag: Tag) -> Result<Tag, Unreadable> {
    match tag.tag_key.is_empty() {
        true => Err(Unreadable("a tag without a name is listed")),
        false => Ok(tag),
    }
}

/// A grant of the key `key_id`.
///
/// # Errors
/// It has no ID, or is another key's.
pub(crate) fn grant(
    grant: GrantListEntry,
    place: &Place,
    key_id: &str,
) -> Result<GrantListEntry, Unreadable> {
    let is_its = |name: &str| names_key(name, place, key_id);
    match grant.grant_id() {
        None => Err(Unreadable("a grant without ID is listed")),
        Some(_) if !grant.key_id().is_some_and(is_its) => Err(OTHER_KEY),
        Some(_) => Ok(grant),
    }
}
