//! Reading the one IAM cell of an account: every access key and password of its users, and of
//! its root user.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use keycensus_core::{
    judge::flagged::AssessedKey,
    model::{
        access_key::{ROOT_USER, none_recorded, root_key_id, tracked_since},
        credential_report::{LastUsed, RootKey, UserKeys},
        gap::Gap,
        kind::Family,
        partial_reading::Extent,
        reading::{KeyKind, KeyReading, LastUse, Usage},
    },
};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{
    deadline::unanswered::{Unanswered, answer_or_log},
    read::{
        access_keys::{
            context::IamContext,
            coverage::{CellSources, coverage},
            credential_report::{GeneratedReport, credential_report},
            passwords, service_credentials,
            user::{self, ListedKeys, UserReading},
        },
        cell_reading::CellReading,
        rotation,
    },
    services::{iam::GET_CREDENTIAL_REPORT, iam_answers::ListedUser},
};

/// How many users are worked on at once: enough to keep the pace through slow
/// answers.
pub(crate) const USERS_AHEAD: usize = 32;

/// How long users wait for the credential report, which may say that most of them
/// need not be asked about. It is usually there within seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lists the users of an account, or as many as can be listed.
pub(crate) async fn list_users(
    context: &IamContext<'_>,
    listed: &mut BTreeMap<String, ListedUser>,
) -> Result<(), Unanswered> {
    let listing = Box::pin(context.iam.list_users(listed));
    let listing = context.deadline.or(listing).await;
    answer_or_log(listing, "the users of an account could not be listed")
}

/// Reads an IAM cell, or what is left of it where earlier slices have `kept` keys of users. Users are read
/// by a permit of `cells`, and it is set when `users_are_read`: until then there may be a long wait for
/// the credential report.
pub(crate) async fn read(
    context: &IamContext<'_>,
    kept: Vec<KeyReading>,
    cells: &Semaphore,
    users_are_read: &AtomicBool,
) -> CellReading {
    if !reads(context, Family::Iam) && !reads(context, Family::Passwords) {
        users_are_read.store(true, Ordering::Relaxed);
        let _permit = context.deadline.or(cells.acquire()).await;
        return Box::pin(service_credentials::read_alone(context)).await;
    }
    let kept_users = names_of(&kept);
    let generated = OnceLock::new();
    let (announce, mut is_here) = watch::channel(false);
    let report = async {
        let report = context
            .deadline
            .or(Box::pin(credential_report(&context.iam)))
            .await;
        let _ = generated.set(answer_or_log(report, "there is no credential report"));
        let _ = announce.send(true);
    };
    let users = async {
        // Thousands of cells wait for their report, and hold nothing else meanwhile.
        let report_is_here = is_here.wait_for(|is_here| *is_here);
        let _ = timeout(PATIENCE, report_is_here).await;
        users_are_read.store(true, Ordering::Relaxed);
        let permit = context.deadline.or(cells.acquire()).await;
        let mut listed = BTreeMap::new();
        let listing = list_users(context, &mut listed).await;
        // Without a listing, only the report can name users.
        if listing.is_err() {
            let _ = is_here.wait_for(|is_here| *is_here).await;
        }
        let known = known_users(generated.get(), &listing, listed);
        let mut users = users_to_ask(context, generated.get(), &known);
        users.retain(|name, _| !kept_users.contains(name));
        let read = read_users(context, users).await;
        drop(permit);
        (listing, known, read)
    };
    // Concurrently to the end: each may hold the permit that the other waits for.
    let ((), (listing, mut known, read)) = tokio::join!(Box::pin(report), Box::pin(users));
    let report = generated
        .into_inner()
        .unwrap_or(Err(Unanswered::NoTimeLeft));
    let (mut keys, mut unread_keys): (Vec<KeyReading>, Vec<KeyReading>) = Default::default();
    let of_kept = kept_users
        .into_iter()
        .map(|name| (name, Ok(ListedKeys::All)));
    let mut users: Vec<_> = of_kept.collect();
    for (mut user, extent) in read {
        match extent {
            Extent::Cut => unread_keys.append(&mut user.keys),
            _ => keys.append(&mut user.keys),
        }
        // What the report has of a deleted user is gone with it.
        if matches!(user.listing, Ok(ListedKeys::Deleted)) {
            known.remove(&user.name);
        }
        users.push((user.name, user.listing));
    }
    let passwords = match &report {
        Ok(generated) if reads(context, Family::Passwords) => {
            let access_keys = kept.iter().chain(&keys).chain(&unread_keys);
            Some(Box::pin(passwords::read(context, generated, &known, access_keys)).await)
        }
        Ok(_) | Err(_) => None,
    };
    let credentials = match reads(context, Family::ServiceCredentials) {
        true => {
            let of_passwords = passwords.iter().flat_map(|found| &found.keys);
            let others = kept.iter().chain(&keys).chain(&unread_keys);
            let others = others.chain(of_passwords);
            Some(Box::pin(service_credentials::read(context, &known, others)).await)
        }
        false => None,
    };
    // Only a cell that was read to its end keeps what a credential report says.
    let extent = match context.deadline.is_reached() {
        true => Extent::Cut,
        false => Extent::Whole,
    };
    let of_report = match extent {
        Extent::Cut => &mut unread_keys,
        _ => &mut keys,
    };
    if let Ok(generated) = &report
        && reads(context, Family::Iam)
    {
        of_report.extend(root_keys(context, generated));
    }
    let passwords = passwords.map(|mut found| {
        of_report.append(&mut found.keys);
        found
    });
    let credentials = credentials.map(|mut found| {
        of_report.append(&mut found.keys);
        found.listing
    });
    let found = CellSources {
        report,
        listing,
        users,
        passwords,
        credentials,
        kinds: &context.settings.kinds,
    };
    let stale_after_days = context.settings.stale_after_days;
    let all: Vec<&KeyReading> = kept.iter().chain(&keys).chain(&unread_keys).collect();
    let exemption_gaps: Vec<&Gap> = all
        .iter()
        .filter_map(|key| AssessedKey::new(key, stale_after_days, context.now).exemption_gap())
        .collect();
    let coverage = coverage(context.account, found, &all, &exemption_gaps);
    CellReading {
        keys,
        unread_keys,
        coverage,
        extent,
        listing_error: None,
    }
}

/// The names of the users who have the `keys`.
fn names_of(keys: &[KeyReading]) -> BTreeSet<String> {
    keys.iter().flat_map(|key| &key.names).cloned().collect()
}

/// Reads the keys of users, by name with their ARNs; says of each whether they were read to the end.
async fn read_users(
    context: &IamContext<'_>,
    users: BTreeMap<String, String>,
) -> Vec<(UserReading, Extent)> {
    for _ in &users {
        context.iam.requests.key_listed();
    }
    let mut users: Vec<(String, String)> = users.into_iter().collect();
    if context.was_unfinished {
        rotation::rotate(&mut users, context.now);
    }
    let mut asked = users.into_iter();
    let mut reading = FuturesUnordered::new();
    let mut read = Vec::new();
    loop {
        let deadline = context.deadline;
        let may_read = !deadline.is_near() || deadline.is_reached();
        while may_read
            && reading.len() < USERS_AHEAD
            && let Some((name, arn)) = asked.next()
        {
            reading.push(user::read(context, name, arn));
        }
        match reading.next().await {
            Some(user) if deadline.is_reached() => read.push((user, Extent::Cut)),
            Some(user) => read.push((user, Extent::Whole)),
            None if asked.len() == 0 => return read,
            // Users who are left are not begun, and are told when the time is over.
            None => deadline.reached().await,
        }
    }
}

/// Whether keys of this family are to be read.
fn reads(context: &IamContext<'_>, family: Family) -> bool {
    context.settings.kinds.contains(&family)
}

/// The users of the account, by name. Where they cannot all be listed, the report names the others.
fn known_users(
    report: Option<&Result<GeneratedReport, Unanswered>>,
    listing: &Result<(), Unanswered>,
    mut users: BTreeMap<String, ListedUser>,
) -> BTreeMap<String, ListedUser> {
    if let (Some(Ok(generated)), Err(_)) = (report, listing) {
        for name in generated.report.users() {
            let arn = generated.report.arn_of(name).unwrap_or_default();
            users.entry(name.to_owned()).or_insert_with(|| ListedUser {
                arn: arn.to_owned(),
                created_at: None,
            });
        }
    }
    users
}

/// The users who may have access keys, with their ARNs where these are known.
///
/// Who has none according to a report that was generated for this census need
/// not be asked about. An older report does not say: a key may have been created
/// since.
fn users_to_ask(
    context: &IamContext<'_>,
    report: Option<&Result<GeneratedReport, Unanswered>>,
    known: &BTreeMap<String, ListedUser>,
) -> BTreeMap<String, String> {
    if !reads(context, Family::Iam) {
        return BTreeMap::new();
    }
    let has_none = |name: &str| match report {
        Some(Ok(generated)) if generated.is_new => generated.report.keys_of(name) == UserKeys::None,
        Some(_) | None => false,
    };
    let asked = known.iter().filter(|(name, _)| !has_none(name));
    asked
        .map(|(name, user)| (name.clone(), user.arn.clone()))
        .collect()
}

/// The root user's keys, which only the report lists.
fn root_keys(context: &IamContext<'_>, generated: &GeneratedReport) -> Vec<KeyReading> {
    let keys = generated.report.root.iter().flatten();
    keys.map(|key| {
        context.progress.key_listed();
        context.progress.key_read();
        let (key_id, arn) = (root_key_id(key.number), context.root_arn());
        KeyReading {
            state: Some(key.state.as_str().to_owned()),
            created_at: key.created_at,
            usage: root_usage(key),
            usage_read_at: (!generated.is_new).then_some(generated.generated_at),
            ..context.key_of(ROOT_USER, KeyKind::RootAccessKey, key_id, arn)
        }
    })
    .collect()
}

fn root_usage(key: &RootKey) -> Usage {
    match &key.last_used {
        LastUsed::At {
            at,
            service,
            region,
        } => Usage::Recorded(LastUse {
            at: *at,
            operation: None,
            service: service.clone(),
            region: region.clone(),
            cloudtrail_event_id: None,
            kms_request_id: None,
            tracked_since: Some(tracked_since(key.created_at)),
        }),
        LastUsed::NoneRecorded => none_recorded(key.created_at),
        LastUsed::Unknown(_) => Usage::Unreadable(Gap::unreadable_answer(GET_CREDENTIAL_REPORT)),
    }
}
