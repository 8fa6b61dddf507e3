//! Reading the service-specific credentials of an account: those of its users.

use std::collections::BTreeMap;

use futures_util::stream::{FuturesUnordered, StreamExt};
use keycensus_core::model::{
    partial_reading::Extent,
    reading::{KeyKind, KeyReading},
};

use crate::{
    deadline::unanswered::{Unanswered, answer_or_log},
    read::{
        access_keys::{
            cell::{USERS_AHEAD, list_users},
            context::IamContext,
            coverage::{CELL, untagged},
            user_tags::UserTags,
        },
        cell_reading::CellReading,
        coverage_of_listing::{self, ListedKeys},
    },
    services::iam_answers::{ListedCredential, ListedUser},
    transport::call_error::CallError,
};

/// Services that have such credentials
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html>).
const SERVICES: [&str; 4] = [
    "bedrock.amazonaws.com",
    "cassandra.amazonaws.com",
    "codecommit.amazonaws.com",
    "logs.amazonaws.com",
];

/// The service-specific credentials of an account.
pub(crate) struct CredentialsReading {
    /// Each of them.
    pub(crate) keys: Vec<KeyReading>,
    /// How their listing ended.
    pub(crate) listing: Result<(), Unanswered>,
}

/// Reads the credentials of all users. The tags of a user who has other keys were read with these,
/// which are `others`, unless the last report had all that was needed of them.
pub(crate) async fn read(
    context: &IamContext<'_>,
    users: &BTreeMap<String, ListedUser>,
    others: impl Iterator<Item = &KeyReading>,
) -> CredentialsReading {
    let was_read = |key: &&KeyReading| {
        let is_read = key.kind == KeyKind::IamAccessKey && key.usage_read_at.is_none();
        context.last.is_none() || is_read
    };
    let tags: BTreeMap<&str, UserTags> = others
        .filter(was_read)
        .filter_map(|key| Some((key.names.first()?.as_str(), UserTags::of(key))))
        .collect();
    let (listed, listing) = list(context).await;
    let mut by_user: BTreeMap<String, Vec<(String, ListedCredential)>> = BTreeMap::new();
    for (id, credential) in listed {
        let of_user = by_user.entry(credential.user.clone()).or_default();
        of_user.push((id, credential));
    }
    let mut waiting = by_user.into_iter();
    let mut reading = FuturesUnordered::new();
    let mut keys = Vec::new();
    loop {
        while reading.len() < USERS_AHEAD
            && let Some((user, credentials)) = waiting.next()
        {
            let arn = users.get(&user).map(|user| user.arn.clone());
            let known = tags.get(user.as_str()).cloned();
            reading.push(of_user(
                context,
                user,
                arn.unwrap_or_default(),
                credentials,
                known,
            ));
        }
        match reading.next().await {
            Some(mut of_user) => keys.append(&mut of_user),
            None => return CredentialsReading { keys, listing },
        }
    }
}

/// Reads the cell where nothing else of IAM is read: no credential report is asked for.
pub(crate) async fn read_alone(context: &IamContext<'_>) -> CellReading {
    let mut users = BTreeMap::new();
    let listed = list_users(context, &mut users).await;
    let found = read(context, &users, [].iter()).await;
    let listing = listed.and(found.listing);
    let keys = ListedKeys {
        listed: found.keys.len() as u64,
        details: untagged(found.keys.iter()).into_iter().collect(),
        ..ListedKeys::default()
    };
    let coverage = coverage_of_listing::coverage(context.account, CELL, keys, &listing);
    let (extent, keys, unread_keys) = match context.deadline.is_reached() {
        true => (Extent::Cut, Vec::new(), found.keys),
        false => (Extent::Whole, found.keys, Vec::new()),
    };
    CellReading {
        keys,
        unread_keys,
        coverage,
        extent,
        listing_error: None,
    }
}

/// Reads the credential with this ID of one of the `users`, if it is listed.
pub(crate) async fn read_one(
    context: &IamContext<'_>,
    users: &BTreeMap<String, ListedUser>,
    id: &str,
) -> (Option<KeyReading>, Result<(), Unanswered>) {
    let (mut listed, listing) = list(context).await;
    let Some(credential) = listed.remove(id) else {
        return (None, listing);
    };
    let user = credential.user.clone();
    let arn = users.get(&user).map(|user| user.arn.clone());
    let credentials = vec![(id.to_owned(), credential)];
    let read = of_user(context, user, arn.unwrap_or_default(), credentials, None).await;
    (read.into_iter().next(), listing)
}

/// Lists the credentials of all users, or as many as can be listed.
async fn list(
    context: &IamContext<'_>,
) -> (BTreeMap<String, ListedCredential>, Result<(), Unanswered>) {
    let mut listed = BTreeMap::new();
    let listing = list_into(context, &mut listed);
    let listing = context.deadline.or(Box::pin(listing)).await;
    let listing = answer_or_log(listing, "service-specific credentials could not be listed");
    (listed, listing)
}

/// Lists the credentials of all users at once. Whether that takes the name of a service is not
/// documented: where IAM refuses it without one, it is asked for each
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html>).
async fn list_into(
    context: &IamContext<'_>,
    listed: &mut BTreeMap<String, ListedCredential>,
) -> Result<(), CallError> {
    let now = context.now;
    let of_all = context.iam.service_credentials(None, listed, now).await;
    match of_all {
        Err(error) if ["ValidationError", "InvalidInput"].contains(&&*error.code) => {}
        ended => return ended,
    }
    for service in SERVICES {
        let of_service = context.iam.service_credentials(Some(service), listed, now);
        match Box::pin(of_service).await {
            // One that this partition does not have.
            Err(error) if &*error.code == "NotSupportedService" => {}
            ended => ended?,
        }
    }
    Ok(())
}

/// The credentials of a user, with what the user's tags say, which are read unless they are known.
async fn of_user(
    context: &IamContext<'_>,
    user: String,
    arn: String,
    credentials: Vec<(String, ListedCredential)>,
    known: Option<UserTags>,
) -> Vec<KeyReading> {
    let tags = match known {
        Some(tags) => tags,
        None => UserTags::read(context, &user).await,
    };
    let credentials = credentials.into_iter();
    let keys = credentials.map(|(id, credential)| {
        context.progress.key_listed();
        context.progress.key_read();
        let mut key = KeyReading {
            names: vec![user.clone(), credential.service],
            state: Some(credential.status),
            created_at: Some(credential.created_at),
            expires_at: credential.expires_at,
            ..context.key_of(&user, KeyKind::ServiceCredential, id, arn.clone())
        };
        tags.add_to(&mut key);
        key
    });
    keys.collect()
}
