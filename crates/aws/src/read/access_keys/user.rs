//! Reading the access keys of one IAM user.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;
use keycensus_core::model::{
    cause::Cause,
    reading::{KeyKind, KeyReading, Usage},
};

use crate::{
    deadline::unanswered::{Unanswered, answer_or_log},
    read::access_keys::{context::IamContext, user_tags::UserTags},
    services::iam_answers::ListedKey,
};

/// What was found of a user.
pub(crate) struct UserReading {
    /// The user's name; free text.
    pub(crate) name: String,
    /// The user's keys.
    pub(crate) keys: Vec<KeyReading>,
    /// How listing them ended.
    pub(crate) listing: Result<ListedKeys, Unanswered>,
}

/// How a listing of a user's keys ended that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListedKeys {
    /// With all of them.
    All,
    /// The user was deleted since it was listed, and its keys with it.
    Deleted,
}

/// Reads the keys of the user `name`, whose ARN may be empty where it is not known.
pub(crate) async fn read(context: &IamContext<'_>, name: String, arn: String) -> UserReading {
    let keys = context.iam.access_keys(&name, context.now);
    let listed = context.deadline.or(Box::pin(keys)).await;
    let listed = match listed {
        Ok(Err(error)) if error.cause == Cause::Gone => {
            context.iam.requests.key_done();
            return UserReading {
                name,
                keys: Vec::new(),
                listing: Ok(ListedKeys::Deleted),
            };
        }
        listed => answer_or_log(listed, "a user's access keys could not be listed"),
    };
    let reading = match listed {
        Ok(listed) => UserReading {
            keys: Box::pin(read_keys(context, &name, &arn, listed)).await,
            listing: Ok(ListedKeys::All),
            name,
        },
        Err(unknown) => UserReading {
            name,
            keys: Vec::new(),
            listing: Err(unknown),
        },
    };
    context.iam.requests.key_done();
    reading
}

/// Reads the keys that were listed, and the user's tags, unless the last report has all that is needed
/// of every key.
async fn read_keys(
    context: &IamContext<'_>,
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
    let last = context.last.as_ref();
    let (mut known, mut due) = (Vec::new(), Vec::new());
    for listed in listed.into_values() {
        context.progress.key_listed();
        let mut key = unread_key(context, user, arn, &listed);
        match last.and_then(|cell| cell.usage_of(&key)) {
            Some(last) => {
                key.take_over(last);
                context.progress.key_read();
                known.push(key);
            }
            None => due.push(read_key(context, user, key, listed.created_at)),
        }
    }
    if due.is_empty() {
        return known;
    }
    let (tags, mut keys) = tokio::join!(UserTags::read(context, user), join_all(due));
    keys.append(&mut known);
    keys.iter_mut().for_each(|key| tags.add_to(key));
    keys
}

/// A key as it was listed.
fn unread_key(context: &IamContext<'_>, user: &str, arn: &str, listed: &ListedKey) -> KeyReading {
    let key_id = listed.key_id.clone();
    KeyReading {
        state: Some(listed.state.clone()),
        created_at: Some(listed.created_at),
        ..context.key_of(user, KeyKind::IamAccessKey, key_id, arn.to_owned())
    }
}

async fn read_key(
    context: &IamContext<'_>,
    user: &str,
    key: KeyReading,
    created_at: Timestamp,
) -> KeyReading {
    let usage = context
        .iam
        .last_used(&key.key_id, user, created_at, context.now);
    let usage = context.deadline.or(Box::pin(usage)).await;
    let usage = answer_or_log(usage, "an access key's last use could not be read")
        .unwrap_or_else(|unknown| Usage::Unreadable(unknown.gap()));
    context.progress.key_read();
    KeyReading { usage, ..key }
}
