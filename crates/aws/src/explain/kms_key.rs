//! A KMS key: what a census reads of it and more, who used it last, and who could not.

use std::collections::HashSet;

use keycensus_core::{
    explain::{
        Explanation, HistoryRead, LastUsers, Refused,
        athena::{self, EventSearch, Query},
        is_before_history,
        requested_key::KmsKeyArn,
    },
    judge::refused_uses::is_stopped,
    model::{
        cause::Cause,
        gap::Gap,
        reading::{KeyReading, LastUse, Manager, Usage},
    },
};

use super::{Inside, found};
use crate::{
    explain::ExplainError,
    read::kms_keys::{
        dependents::{Asking, Search},
        key::{KeyContext, ListedKeyId, read_key, rotations, usage},
    },
    services::{
        cloudtrail::{CloudTrail, LARGEST_PAGE, LookupBy, TimeRange},
        ec2::Ec2,
        kms::{DESCRIBE_KEY, Kms},
    },
    transport::call_error::CallError,
};

/// How many pages of a key's events are read for attempts to use it: ten seconds'
/// worth.
const PAGES: usize = 20;

pub(super) async fn explain(
    inside: &Inside<'_>,
    arn: &KmsKeyArn,
) -> Result<Explanation, ExplainError> {
    let (session, settings) = (&inside.session, &inside.settings);
    let kms = Kms::new(inside.aws, session, &arn.region, settings.last_usage_rps);
    let context = KeyContext {
        kms: &kms,
        account: &session.account,
        region: &arn.region,
        settings,
        deadline: &inside.deadline,
        now: inside.now,
        last: None,
    };
    let ec2 = || Ec2::new(inside.aws, session, &arn.region);
    let trail = CloudTrail::new(inside.aws, &inside.session, &arn.region);
    let mut key = read(context, ec2, &arn.key_id).await;
    if let Some(gap) = no_such_key(&key) {
        return Err(inside.not_found("key", gap));
    }
    let names = kms
        .aliases()
        .await
        .map(|mut names| names.remove(&key.key_id));
    let mut names_gap = None;
    match names {
        Ok(names) => key.names = names.unwrap_or_default(),
        Err(error) => {
            error.log_gap("the names of a key are not known");
            names_gap = Some(error.gap());
        }
    }
    let mut stopped = None;
    if key.state.as_deref().is_some_and(is_stopped) {
        let found = refused(&trail, &key.arn).await;
        key.before_deletion.get_or_insert_default().refused_uses = Some(found.refused_uses());
        stopped = Some(found);
    }
    let mut explanation = inside.judged(key);
    explanation.names_gap = names_gap;
    explanation.refused = stopped;
    let key = &explanation.key.key;
    if let Usage::Recorded(last) = &key.usage {
        explanation.query = query(inside, arn, last);
        explanation.last_users = last_users(&trail, last, inside).await;
    }
    Ok(explanation)
}

/// The key with what depends on it, and with what a census does without: a census
/// spares the use of keys that it cannot flag, and the rotations of those it does not.
async fn read<'a>(
    context: KeyContext<'a>,
    ec2: impl FnOnce() -> Ec2<'a>,
    key_id: &str,
) -> KeyReading {
    // Its ARN is KMS's to say.
    let asked = ListedKeyId {
        key_id: key_id.to_owned(),
        arn: String::new(),
    };
    let mut key = *read_key(context, asked).await;
    if key.manager.is_none() {
        return key;
    }
    if key.usage == Usage::NotRead {
        key.usage = usage(context, &key.key_id, key.created_at).await;
    }
    if key.manager == Some(Manager::Aws) {
        return key;
    }
    if key.rotations.is_none() {
        key.rotations = rotations(context, &key.key_id).await;
    }
    let mut search = Search::new(context, ec2());
    search.ask(Asking {
        key_id: key.key_id.clone(),
        arn: key.arn.clone(),
    });
    if let Some((_, found)) = search.next().await {
        key.before_deletion.get_or_insert_default().dependents = Some(found);
    }
    key
}

/// What says that there is no such key.
fn no_such_key(key: &KeyReading) -> Option<&Gap> {
    match &key.usage {
        Usage::Unreadable(
            gap @ Gap::Unanswered {
                operation,
                cause: Cause::Gone,
                ..
            },
        ) if *operation == DESCRIBE_KEY => Some(gap),
        _ => None,
    }
}

fn query(inside: &Inside<'_>, arn: &KmsKeyArn, last: &LastUse) -> Option<Query> {
    let search = EventSearch {
        account: arn.account,
        region: Some(&arn.region),
        at: last.at,
        key: athena::EventKey::EventId(last.cloudtrail_event_id.as_deref()?),
    };
    Some(Query::new(inside.trail_table?, &search))
}

async fn last_users(trail: &CloudTrail<'_>, last: &LastUse, inside: &Inside<'_>) -> LastUsers {
    let Some(id) = last.cloudtrail_event_id.as_deref() else {
        return LastUsers::NotReported;
    };
    if is_before_history(last.at, inside.now) {
        return LastUsers::TooOld;
    }
    found(trail.latest(LookupBy::EventId(id), LARGEST_PAGE).await)
}

/// Who tried to use a key since it was stopped. Events come latest first, so that
/// reading ends with what stopped it.
async fn refused(trail: &CloudTrail<'_>, arn: &str) -> Refused {
    let mut refused = Refused {
        since: None,
        attempts: Vec::new(),
        history_read: HistoryRead::Complete,
    };
    let mut seen = HashSet::new();
    let mut pages = trail.pages();
    for _ in 0..PAGES {
        let page = trail.page(
            LookupBy::ResourceName(arn),
            TimeRange::default(),
            LARGEST_PAGE,
            &pages,
        );
        let page = match page.await {
            Ok(page) => page,
            Err(error) => {
                refused.history_read = unanswered(&error);
                return refused;
            }
        };
        for event in page.items {
            // Pages can repeat an event.
            if !seen.insert(event.listed.id.clone()) {
                continue;
            }
            if event.is_stop() {
                refused.since = Some(event);
                return refused;
            }
            if event.is_refused_use() {
                refused.attempts.push(event);
            }
        }
        match pages.go_on(page.next) {
            Ok(true) => {}
            Ok(false) => return refused,
            Err(error) => {
                refused.history_read = unanswered(&error);
                return refused;
            }
        }
    }
    refused.history_read = HistoryRead::Latest(seen.len());
    refused
}

/// How far was looked where the rest was not answered, which is logged.
fn unanswered(error: &CallError) -> HistoryRead {
    error.log_gap("who tried to use a key is not known");
    HistoryRead::Unanswered(error.gap())
}
