//! Reading the passwords of an account, which the credential report alone has: those of its users,
//! and that of its root user.

use std::collections::BTreeMap;

use futures_util::stream::{FuturesUnordered, StreamExt};
use keycensus_core::model::{
    access_key::ROOT_USER,
    credential_report::{Password, PasswordUse, UserPassword},
    gap::Gap,
    password::{none_recorded, recorded},
    reading::{KeyKind, KeyReading, Usage},
};

use crate::{
    read::access_keys::{
        cell::USERS_AHEAD, context::IamContext, credential_report::GeneratedReport,
        user_tags::UserTags,
    },
    services::{iam::GET_CREDENTIAL_REPORT, iam_answers::ListedUser},
};

/// The passwords of an account.
#[derive(Default)]
pub(crate) struct PasswordsReading {
    /// Each of them.
    pub(crate) keys: Vec<KeyReading>,
    /// Users of whom the report does not show whether they have one.
    pub(crate) unknown: Vec<String>,
    /// How many users were created after the report.
    pub(crate) created_since: u64,
}

/// Reads the passwords of `users` and of the root user. The tags of a user who has access keys were
/// read with these, which are `access_keys`.
pub(crate) async fn read(
    context: &IamContext<'_>,
    generated: &GeneratedReport,
    users: &BTreeMap<String, ListedUser>,
    access_keys: impl Iterator<Item = &KeyReading>,
) -> PasswordsReading {
    let tags: BTreeMap<&str, UserTags> = access_keys
        .filter(|key| key.usage_read_at.is_none())
        .filter_map(|key| Some((key.names.first()?.as_str(), UserTags::of(key))))
        .collect();
    let mut found = PasswordsReading::default();
    let mut of_users = Vec::new();
    for (name, user) in users {
        // What the report has is of another user who had the same name.
        if user
            .created_at
            .is_some_and(|at| at > generated.generated_at)
        {
            found.created_since += 1;
            continue;
        }
        match generated.report.password_of(name) {
            UserPassword::None => {}
            UserPassword::Unknown => found.unknown.push(name.clone()),
            UserPassword::Some(password) => {
                let usage = usage_of_user(password);
                let key = key(context, generated, name, &user.arn, password, usage);
                of_users.push((name.as_str(), key));
            }
        }
    }
    let mut waiting = of_users.into_iter();
    let mut reading = FuturesUnordered::new();
    loop {
        while reading.len() < USERS_AHEAD
            && let Some((name, key)) = waiting.next()
        {
            reading.push(with_tags(context, name, key, tags.get(name)));
        }
        match reading.next().await {
            Some(key) => found.keys.push(key),
            None => break,
        }
    }
    if let Ok(Some(password)) = &generated.report.root_password {
        let arn = context.root_arn();
        let usage = usage(password);
        let key = key(context, generated, ROOT_USER, &arn, password, usage);
        found.keys.push(KeyReading {
            kind: KeyKind::RootPassword,
            ..key
        });
        context.progress.key_read();
    }
    found
}

/// The password of a user with what the user's tags say, which are read unless they are known, by an
/// access key that was read in this run or by the last report.
async fn with_tags(
    context: &IamContext<'_>,
    user: &str,
    mut key: KeyReading,
    known: Option<&UserTags>,
) -> KeyReading {
    match known {
        Some(tags) => tags.add_to(&mut key),
        None => {
            let last = context.last.as_ref().and_then(|cell| cell.tags_of(&key));
            let tags = match last {
                Some(last) => UserTags::of(&last),
                None => UserTags::read(context, user).await,
            };
            tags.add_to(&mut key);
        }
    }
    context.progress.key_read();
    key
}

fn key(
    context: &IamContext<'_>,
    generated: &GeneratedReport,
    user: &str,
    arn: &str,
    password: &Password,
    usage: Usage,
) -> KeyReading {
    context.progress.key_listed();
    KeyReading {
        created_at: password.changed_at,
        usage,
        usage_read_at: (!generated.is_new).then_some(generated.generated_at),
        ..context.key_of(user, KeyKind::IamPassword, user.to_owned(), arn.to_owned())
    }
}

/// The usage of a user's password. Without the time of its change it may be new, and its last use
/// one of an earlier password: then nothing is known of it.
fn usage_of_user(password: &Password) -> Usage {
    match password.changed_at {
        Some(_) => usage(password),
        None => unreadable(),
    }
}

fn usage(password: &Password) -> Usage {
    match password.last_used {
        PasswordUse::At(at) => recorded(at, password.changed_at),
        PasswordUse::NoneRecorded => none_recorded(password.changed_at),
        PasswordUse::Unknown => unreadable(),
    }
}

fn unreadable() -> Usage {
    Usage::Unreadable(Gap::unreadable_answer(GET_CREDENTIAL_REPORT))
}
