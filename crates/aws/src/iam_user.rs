//! Reading the access keys of one IAM user.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_iam::types::Tag;
use futures_util::future::join_all;
use keycensus_core::reading::{Cause, KeyKind, KeyReading, Manager, Usage};

use crate::{
    iam_answers::ListedKey,
    iam_cell::{IamCell, Unknown, answered},
};

/// What was found of a user.
pub(crate) struct UserReading {
    /// The user's name; free text.
    pub(crate) name: String,
    /// The user's keys.
    pub(crate) keys: Vec<KeyReading>,
    /// How listing them ended.
    pub(crate) listing: Result<Listed, Unknown>,
}

/// How a listing of a user's keys ended that told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// With all of them.
    All,
    /// The user was deleted since it was listed, and its keys with it.
    Deleted,
}

/// Reads the keys of the user `name`, whose ARN may be empty where it is not known.
pub(crate) async fn read(cell: &IamCell<'_>, name: String, arn: String) -> UserReading {
    let keys = cell.iam.access_keys(&name, cell.now);
    let listed = cell.stop.or(Box::pin(keys)).await;
    let listed = match listed {
        Ok(Err(error)) if error.cause == Cause::Gone => {
            cell.iam.requests.key_done();
            return UserReading {
                name,
                keys: Vec::new(),
                listing: Ok(Listed::Deleted),
            };
        }
        listed => answered(listed, "a user's access keys could not be listed"),
    };
    let reading = match listed {
        Ok(listed) => UserReading {
            keys: Box::pin(read_keys(cell, &name, &arn, listed)).await,
            listing: Ok(Listed::All),
            name,
        },
        Err(unknown) => UserReading {
            name,
            keys: Vec::new(),
            listing: Err(unknown),
        },
    };
    cell.iam.requests.key_done();
    reading
}

/// Reads the keys that were listed, and the user's tags where there is a key.
async fn read_keys(
    cell: &IamCell<'_>,
    user: &str,
    arn: &str,
    listed: Vec<ListedKey>,
) -> Vec<KeyReading> {
    // Pages can repeat a key.
    let listed: BTreeMap<String, ListedKey> = listed
        .into_iter()
        .map(|key| (key.key_id.clone(), key))
        .collect();
    if listed.is_empty() {
        return Vec::new();
    }
    let tags = async { cell.stop.or(Box::pin(cell.iam.tags(user))).await };
    let keys = listed.into_values().map(|listed| {
        cell.progress.key_listed();
        read_key(cell, user, arn, listed)
    });
    let (tags, mut keys) = tokio::join!(tags, join_all(keys));
    let settings = cell.settings;
    match answered(tags, "a user's tags could not be read") {
        Ok(tags) => {
            let owner = first_of(&tags, &settings.owner_tags);
            let exemption = first_of(&tags, std::slice::from_ref(&settings.exempt_tag));
            for key in &mut keys {
                key.owner.clone_from(&owner);
                key.exemption.clone_from(&exemption);
            }
        }
        Err(unknown) => {
            for key in &mut keys {
                key.tags_gap = Some(unknown.gap());
            }
        }
    }
    keys
}

async fn read_key(cell: &IamCell<'_>, user: &str, arn: &str, listed: ListedKey) -> KeyReading {
    let ListedKey {
        key_id,
        state,
        created_at,
    } = listed;
    let usage = cell.iam.last_used(&key_id, user, created_at, cell.now);
    let usage = cell.stop.or(Box::pin(usage)).await;
    let usage = answered(usage, "an access key's last use could not be read")
        .unwrap_or_else(|unknown| Usage::Unreadable(unknown.gap()));
    cell.progress.key_read();
    KeyReading {
        account: Arc::clone(cell.account),
        region: None,
        kind: KeyKind::IamAccessKey,
        key_id,
        arn: arn.to_owned(),
        names: vec![user.to_owned()],
        owner: None,
        exemption: None,
        manager: Some(Manager::Customer),
        state: Some(state),
        created_at: Some(created_at),
        usage,
        told_at: None,
        tags_gap: None,
        multi_region: None,
        rotations: None,
        before_deletion: None,
    }
}

/// The value of the first of `keys` that is among `tags`.
fn first_of(tags: &[Tag], keys: &[String]) -> Option<String> {
    let value = |key: &String| tags.iter().find(|tag| tag.key == *key);
    keys.iter().find_map(value).map(|tag| tag.value.clone())
}
