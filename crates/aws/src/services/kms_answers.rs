//! What is believed of KMS's answers: those about the key, account and Region that were
//! asked about, which say what KMS always says and do not contradict themselves. A key
//! that an answer is not believed about is unreadable, never judged.

use aws_sdk_kms::{
    operation::describe_key::DescribeKeyOutput,
    types::{GrantListEntry, KeyListEntry, KeyManagerType, KeyMetadata, KeyState, Tag},
};
use jiff::Timestamp;
use keycensus_core::judge::verdict::is_pending_deletion;

use crate::transport::{answer::Unreadable, call_error::CallSite, timestamps::moment};

/// The answer is about another key, or does not say about which.
pub(crate) const OTHER_KEY: Unreadable = Unreadable("the answer is about another key");

/// Whether `name`, a key's ID or ARN, names the key `key_id` of an account and Region
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN>).
pub(crate) fn names_key(name: &str, site: &CallSite, key_id: &str) -> bool {
    name == key_id || is_arn_of(name, site, key_id)
}

fn is_arn_of(arn: &str, site: &CallSite, key_id: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "kms", region, account, resource] = parts[..] else {
        return false;
    };
    region == site.region.as_str()
        && site.account.is_some_and(|id| id.to_string() == account)
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
    site: &CallSite,
) -> Result<(String, String), Unreadable> {
    let (Some(id), Some(arn)) = (entry.key_id, entry.key_arn) else {
        return Err(Unreadable("a key without ID or ARN is listed"));
    };
    match is_arn_of(&arn, site, &id) {
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
    site: &CallSite,
    key_id: &str,
    now: Timestamp,
) -> Result<Box<KeyMetadata>, Unreadable> {
    let key = answer.key_metadata.ok_or(Unreadable("no KeyMetadata"))?;
    let is_of_account = |id: &str| site.account.is_some_and(|own| own.to_string() == id);
    let is_it = key.key_id == key_id
        && key.arn().is_some_and(|arn| is_arn_of(arn, site, key_id))
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
    site: &CallSite,
    key_id: &str,
) -> Result<GrantListEntry, Unreadable> {
    let is_its = |name: &str| names_key(name, site, key_id);
    match grant.grant_id() {
        None => Err(Unreadable("a grant without ID is listed")),
        Some(_) if !grant.key_id().is_some_and(is_its) => Err(OTHER_KEY),
        Some(_) => Ok(grant),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::{
        operation::describe_key::DescribeKeyOutput,
        types::{GrantListEntry, KeyListEntry, builders::KeyMetadataBuilder},
    };
    use aws_smithy_types::DateTime;
    use jiff::Timestamp;
    use keycensus_core::model::{account::AccountId, region::Region};

    use super::{KeyMetadata, described_key, grant, listed_key};
    use crate::transport::call_error::CallSite;

    const ARN: &str = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd";
    /// ARNs of other keys.
    const OTHERS: [&str; 6] = [
        "arn:aws:kms:eu-west-1:222222222222:key/5678abcd",
        "arn:aws:kms:eu-west-2:222222222222:key/1234abcd",
        "arn:aws:kms:eu-west-1:333333333333:key/1234abcd",
        "arn:aws:kms:eu-west-1:222222222222:alias/1234abcd",
        "arn:aws:iam:eu-west-1:222222222222:key/1234abcd",
        "",
    ];

    fn site() -> CallSite {
        CallSite {
            account: AccountId::parse("222222222222"),
            region: Region::parse("eu-west-1").unwrap(),
        }
    }

    fn is_described(key: KeyMetadataBuilder) -> bool {
        let key = key.build().unwrap();
        let answer = DescribeKeyOutput::builder().key_metadata(key).build();
        let now = Timestamp::from_second(2_000_000).unwrap();
        described_key(answer, &site(), "1234abcd", now).is_ok()
    }

    fn enabled() -> KeyMetadataBuilder {
        KeyMetadata::builder()
            .key_id("1234abcd")
            .arn(ARN)
            .aws_account_id("222222222222")
            .key_manager("CUSTOMER".into())
            .key_state("Enabled".into())
            .enabled(true)
            .creation_date(DateTime::from_secs(1_000_000))
    }

    fn in_state(state: &str) -> KeyMetadataBuilder {
        enabled().key_state(state.into()).enabled(false)
    }

    #[test]
    fn a_key_is_believed_in_every_state_that_kms_has_words_for() {
        let deleted = DateTime::from_secs(3_000_000);
        for key in [
            enabled(),
            enabled().key_manager("AWS".into()),
            enabled().set_aws_account_id(None),
            in_state("Disabled"),
            in_state("PendingImport"),
            in_state("PendingDeletion").deletion_date(deleted),
            in_state("PendingReplicaDeletion"),
            // Whether a key in a state that this version does not know is enabled is not known.
            in_state("Unheard"),
            in_state("Updating").enabled(true),
        ] {
            assert!(is_described(key.clone()), "{key:?}");
        }
    }

    #[test]
    fn a_key_is_not_believed_that_is_another_or_contradicts_itself() {
        let deleted = DateTime::from_secs(3_000_000);
        for key in [
            enabled().key_id("5678abcd"),
            enabled().set_arn(None),
            enabled().aws_account_id("333333333333"),
            enabled().set_key_manager(None),
            enabled().key_manager("NOBODY".into()),
            enabled().set_key_state(None),
            enabled().key_state("".into()),
            enabled().enabled(false),
            in_state("Disabled").enabled(true),
            in_state("PendingDeletion").enabled(true),
            enabled().deletion_date(deleted),
            enabled().set_creation_date(None),
            enabled().creation_date(deleted),
        ] {
            assert!(!is_described(key.clone()), "{key:?}");
        }
        for arn in OTHERS {
            assert!(!is_described(enabled().arn(arn)), "{arn}");
        }
    }

    #[test]
    fn a_listed_key_has_an_id_and_its_own_arn() {
        let listed = |id: Option<&str>, arn: Option<&str>| {
            let entry = KeyListEntry::builder()
                .set_key_id(id.map(str::to_owned))
                .set_key_arn(arn.map(str::to_owned));
            listed_key(entry.build(), &site()).is_ok()
        };
        assert!(listed(Some("1234abcd"), Some(ARN)));
        assert!(!listed(None, Some(ARN)));
        assert!(!listed(Some("1234abcd"), None));
        for arn in OTHERS {
            assert!(!listed(Some("1234abcd"), Some(arn)), "{arn}");
        }
    }

    #[test]
    fn a_grant_has_an_id_and_names_its_key_by_id_or_arn() {
        let granted = |id: Option<&str>, key: Option<&str>| {
            let entry = GrantListEntry::builder()
                .set_grant_id(id.map(str::to_owned))
                .set_key_id(key.map(str::to_owned));
            grant(entry.build(), &site(), "1234abcd").is_ok()
        };
        assert!(granted(Some("g"), Some(ARN)));
        assert!(granted(Some("g"), Some("1234abcd")));
        assert!(!granted(None, Some(ARN)));
        assert!(!granted(Some("g"), None));
        for arn in OTHERS {
            assert!(!granted(Some("g"), Some(arn)), "{arn}");
        }
    }
}
