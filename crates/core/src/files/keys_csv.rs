//! `keys.csv`: one row for each key, with its verdict and recommendation.

use jiff::Timestamp;

use crate::{
    files::{
        csv_text::{self, text},
        gap_cell,
    },
    judge::{
        detail, history::Change, judged_key::JudgedKey, multi_region::RestOfSet, price::dollars,
    },
    model::{
        dependents::Dependents,
        reading::{KeyKind, KeyReading, MultiRegionRole, Usage},
        time::{to_seconds, utc_date},
    },
};

mod read;

pub(crate) use read::{KeyRows, appears_twice};

/// The columns of `keys.csv`. Later columns are appended, never inserted or renamed.
pub const COLUMNS: [&str; 46] = [
    "scan_date",
    "account_id",
    "account_name",
    "ou_path",
    "region",
    "kind",
    "key_id",
    "arn",
    "name",
    "owner",
    "manager",
    "state",
    "created_at",
    "tracked_since",
    "last_used_at",
    "last_operation",
    "last_service",
    "last_used_region",
    "cloudtrail_event_id",
    "idle_days",
    "verdict",
    "flagged",
    "exempt",
    "recommendation",
    "monthly_cost_usd",
    "detail",
    "first_flagged_on",
    "change",
    "multi_region_set",
    "dependents",
    "dependents_checked",
    "guard_days",
    "deletion_date",
    "disabled_since",
    "kms_request_id",
    "gap_cause",
    "usage_read_at",
    "gaps",
    "exempt_reason",
    "multi_region_role",
    "rest_of_set",
    "rest_of_set_regions",
    "refused_uses",
    "refused_last_at",
    "refused_last_by",
    "expires_at",
];

// The values of `rest_of_set`.
const IDLE: &str = "idle";
const IN_USE: &str = "in_use";
const NOT_KNOWN: &str = "not_known";
const NOT_REPORTED: &str = "not_told";

/// A line for each key.
pub(crate) fn rows(keys: &[JudgedKey], now: Timestamp) -> Vec<u8> {
    csv_text::lines(keys.iter().map(|key| record(key, now)))
}

fn record(judged: &JudgedKey, now: Timestamp) -> [String; COLUMNS.len()] {
    let key = &judged.key;
    let moment = |at: Option<Timestamp>| at.map(to_seconds).unwrap_or_default();
    let optional = |free: Option<&str>| text(free.unwrap_or_default());
    let last_use = judged.last_use();
    let refused = key.refused_uses();
    let refused_last = refused.and_then(|found| found.last.as_ref());
    let rest = RestCells::of(judged.rest_of_set.as_deref());
    [
        utc_date(now),
        key.account.id.to_string(),
        text(&key.account.name),
        text(&judged.ou_path),
        judged.region().to_owned(),
        key.kind.as_str().to_owned(),
        text(&key.key_id),
        text(&key.arn),
        text(&key.names.join(";")),
        optional(key.owner.as_deref()),
        key.manager.map_or("", |m| m.as_str()).to_owned(),
        optional(key.state.as_deref()),
        moment(key.created_at),
        moment(judged.tracked_since()),
        moment(last_use.map(|used| used.at)),
        optional(last_use.and_then(|used| used.operation.as_deref())),
        optional(last_use.and_then(|used| used.service.as_deref())),
        optional(last_use.and_then(|used| used.region.as_deref())),
        optional(last_use.and_then(|used| used.cloudtrail_event_id.as_deref())),
        csv_text::optional(judged.judgement.idle_days),
        judged.judgement.verdict.as_str().to_owned(),
        judged.is_flagged().to_string(),
        key.exemption.is_some().to_string(),
        judged.recommendation.as_str().to_owned(),
        judged.monthly_cents.map(dollars).unwrap_or_default(),
        text(&detail::describe(judged)),
        csv_text::optional(judged.history.first_flagged_on),
        judged.history.change.map_or("", Change::as_str).to_owned(),
        optional(key.multi_region_set()),
        text(
            &key.dependents()
                .map(Dependents::to_cell)
                .unwrap_or_default(),
        ),
        text(judged.dependents_checked()),
        csv_text::optional(key.guard()),
        moment(key.deletion_date()),
        csv_text::optional(judged.history.disabled_since),
        optional(last_use.and_then(|used| used.kms_request_id.as_deref())),
        key.usage_gap()
            .map_or("", |gap| gap.cause().as_str())
            .to_owned(),
        match &key.usage {
            Usage::Recorded(_) | Usage::NoneRecorded { .. } => {
                to_seconds(key.usage_read_at.unwrap_or(now))
            }
            Usage::NotRead | Usage::Unreadable(_) => String::new(),
        },
        text(&gap_cell::of_key(key)),
        optional(key.exemption.as_deref()),
        rest.role
            .or(role_of_secret(key))
            .map_or("", MultiRegionRole::as_str)
            .to_owned(),
        rest.word.to_owned(),
        text(&rest.regions.join(";")),
        csv_text::optional(refused.and_then(|found| found.count)),
        moment(refused_last.map(|last| last.at)),
        optional(refused_last.map(|last| last.by.as_str())),
        moment(key.expires_at),
    ]
}

/// What a secret is in its set; `None` for other keys, whose IDs show that they are of a set.
fn role_of_secret(key: &KeyReading) -> Option<MultiRegionRole> {
    let set = key.multi_region.as_deref()?;
    (key.kind == KeyKind::Secret).then_some(set.role)
}

/// The cells of the rest of a key's set.
#[derive(Default)]
struct RestCells<'a> {
    role: Option<MultiRegionRole>,
    word: &'static str,
    regions: &'a [String],
}

impl<'a> RestCells<'a> {
    fn of(rest: Option<&'a RestOfSet>) -> Self {
        let (word, role, regions): (_, _, &[String]) = match rest {
            None => return Self::default(),
            Some(RestOfSet::Idle) => (IDLE, None, &[]),
            Some(RestOfSet::NotReported) => (NOT_REPORTED, None, &[]),
            Some(RestOfSet::InUse { role, regions }) => (IN_USE, Some(*role), regions),
            Some(RestOfSet::NotKnown { role, regions }) => (NOT_KNOWN, Some(*role), regions),
        };
        Self {
            role,
            word,
            regions,
        }
    }
}

#[cfg(test)]
mod tests;
