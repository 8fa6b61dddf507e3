//! The same as the page, for scripts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Explanation, HistoryRead, LastUsers, Refused,
    athena::Query,
    trail_event::{ListedEvent, Record, TrailEvent},
};
use crate::{
    judge::price::monthly_cents,
    model::{
        account::AccountId,
        key_policy::Guard,
        plain_text::escaped_json,
        reading::{LastUse, Manager, MultiRegion, Usage},
        time::to_seconds,
    },
};

/// Grows when a field changes its meaning.
const SCHEMA: u32 = 1;

impl Explanation {
    /// One JSON object, on several lines.
    #[must_use]
    pub fn json(&self) -> String {
        // Texts, numbers and lists always become JSON.
        let json = serde_json::to_string_pretty(&self.to_serializable()).unwrap_or_default();
        escaped_json(&json) + "\n"
    }

    fn to_serializable(&self) -> ExplanationJson<'_> {
        let judged = &self.key;
        let key = &judged.key;
        ExplanationJson {
            schema: SCHEMA,
            explained_at: to_seconds(self.now),
            stale_after_days: self.stale_after_days,
            kind: key.kind.as_str(),
            account_id: key.account.id,
            region: judged.region(),
            key_id: &key.key_id,
            arn: &key.arn,
            names: &key.names,
            state: key.state.as_deref(),
            deletion_date: key.deletion_date().map(to_seconds),
            manager: key.manager.map(Manager::as_str),
            owner: key.owner.as_deref(),
            exemption: key.exemption.as_deref(),
            created_at: key.created_at.map(to_seconds),
            age_days: judged.age_days,
            expires_at: key.expires_at.map(to_seconds),
            multi_region: key.multi_region.as_deref().map(MultiRegionJson::from),
            rotations: key.rotations,
            monthly_cost_usd: monthly_cents(key).map(|cents| cents as f64 / 100.0),
            verdict: judged.judgement.verdict.as_str(),
            idle_days: judged.judgement.idle_days,
            tracked_since: tracked_since(&key.usage).map(to_seconds),
            flagged: judged.is_flagged(),
            recommendation: judged.recommendation.as_str(),
            last_use: judged.last_use().map(LastUseJson::from),
            last_users: LastUsersJson::new(&self.last_users, self.query.as_ref()),
            refused: self.refused.as_ref().map(RefusedJson::from),
            dependents: key.dependents().map(|found| DependentsJson {
                ebs_volumes: found.ebs_volumes,
                ebs_snapshots: found.ebs_snapshots,
                grants: &found.grants,
                checked: found.checked(),
            }),
            guard_days: key.guard().map(|guard: Guard| guard.to_string()),
            unseen: self.unseen(),
        }
    }
}

fn tracked_since(usage: &Usage) -> Option<Timestamp> {
    match usage {
        Usage::Recorded(last) => last.tracked_since,
        Usage::NoneRecorded { tracked_since, .. } => Some(*tracked_since),
        Usage::NotRead | Usage::Unreadable(_) => None,
    }
}

#[derive(Serialize)]
struct ExplanationJson<'a> {
    schema: u32,
    explained_at: String,
    stale_after_days: u32,
    kind: &'static str,
    account_id: AccountId,
    region: &'a str,
    key_id: &'a str,
    arn: &'a str,
    names: &'a [String],
    state: Option<&'a str>,
    deletion_date: Option<String>,
    manager: Option<&'static str>,
    owner: Option<&'a str>,
    exemption: Option<&'a str>,
    created_at: Option<String>,
    age_days: Option<i64>,
    expires_at: Option<String>,
    multi_region: Option<MultiRegionJson<'a>>,
    rotations: Option<u32>,
    monthly_cost_usd: Option<f64>,
    verdict: &'static str,
    idle_days: Option<i64>,
    tracked_since: Option<String>,
    flagged: bool,
    recommendation: &'static str,
    last_use: Option<LastUseJson<'a>>,
    last_users: LastUsersJson<'a>,
    refused: Option<RefusedJson<'a>>,
    dependents: Option<DependentsJson<'a>>,
    guard_days: Option<String>,
    unseen: Vec<String>,
}

#[derive(Serialize)]
struct MultiRegionJson<'a> {
    role: &'static str,
    primary_region: &'a str,
    replica_regions: &'a [String],
}

impl<'a> From<&'a MultiRegion> for MultiRegionJson<'a> {
    fn from(set: &'a MultiRegion) -> Self {
        Self {
            role: set.role.as_str(),
            primary_region: &set.primary_region,
            replica_regions: &set.replica_regions,
        }
    }
}

#[derive(Serialize)]
struct LastUseJson<'a> {
    at: String,
    operation: Option<&'a str>,
    service: Option<&'a str>,
    region: Option<&'a str>,
    cloudtrail_event_id: Option<&'a str>,
    kms_request_id: Option<&'a str>,
}

impl<'a> From<&'a LastUse> for LastUseJson<'a> {
    fn from(last: &'a LastUse) -> Self {
        Self {
            at: to_seconds(last.at),
            operation: last.operation.as_deref(),
            service: last.service.as_deref(),
            region: last.region.as_deref(),
            cloudtrail_event_id: last.cloudtrail_event_id.as_deref(),
            kms_request_id: last.kms_request_id.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct LastUsersJson<'a> {
    status: &'static str,
    events: Vec<EventJson<'a>>,
    athena_query: Option<&'a str>,
}

impl<'a> LastUsersJson<'a> {
    fn new(users: &'a LastUsers, query: Option<&'a Query>) -> Self {
        let (status, events) = match users {
            LastUsers::NoUse => ("no_use", &[][..]),
            LastUsers::Found(events) => ("found", events.as_slice()),
            LastUsers::NotFound => ("not_found", &[][..]),
            LastUsers::TooOld => ("too_old", &[][..]),
            LastUsers::NotReported => ("not_said", &[][..]),
            LastUsers::Unanswered(_) => ("not_read", &[][..]),
        };
        Self {
            status,
            events: events.iter().map(EventJson::from).collect(),
            athena_query: query.map(Query::as_str),
        }
    }
}

#[derive(Serialize)]
struct RefusedJson<'a> {
    since: Option<EventJson<'a>>,
    attempts: Vec<EventJson<'a>>,
    complete: bool,
}

impl<'a> From<&'a Refused> for RefusedJson<'a> {
    fn from(refused: &'a Refused) -> Self {
        Self {
            since: refused.since.as_ref().map(EventJson::from),
            attempts: refused.attempts.iter().map(EventJson::from).collect(),
            complete: refused.history_read == HistoryRead::Complete,
        }
    }
}

#[derive(Serialize)]
struct EventJson<'a> {
    event_id: &'a str,
    at: Option<String>,
    source: &'a str,
    name: &'a str,
    user_name: Option<&'a str>,
    /// `null` where the record cannot be read.
    record: Option<&'a Record>,
}

impl<'a> From<&'a TrailEvent> for EventJson<'a> {
    fn from(event: &'a TrailEvent) -> Self {
        let TrailEvent { listed, record } = event;
        let ListedEvent {
            id,
            at,
            source,
            name,
            user_name,
        } = listed;
        Self {
            event_id: id,
            at: at.map(to_seconds),
            source,
            name,
            user_name: user_name.as_deref(),
            record: record.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct DependentsJson<'a> {
    ebs_volumes: u64,
    ebs_snapshots: u64,
    grants: &'a BTreeMap<String, u64>,
    checked: &'a str,
}
