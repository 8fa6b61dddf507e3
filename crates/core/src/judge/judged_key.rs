//! `keys.csv`: one row a key, with its verdict and what to do about it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    files::csv_text::{self, text},
    judge::{
        change::{Change, History},
        detail,
        multi_region::RestOfSet,
        price::{dollars, monthly_cents},
        recommendation::{Recommendation, recommend},
        verdict::{Judgement, Verdict, judge},
    },
    model::{
        account::AccountId,
        dependents::Dependents,
        gap::Gap,
        reading::{KeyKind, KeyReading, LastUse, Usage},
        region::{GLOBAL, Region},
        time::{idle_days, to_seconds},
    },
};

/// The columns of `keys.csv`. Later columns are appended, never inserted or
/// renamed.
pub const COLUMNS: [&str; 36] = [
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
];

/// A key with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedKey {
    /// The key as it was read; its names are sorted.
    pub key: KeyReading,
    /// Where its account is in the organization, by name; empty when not known.
    pub ou_path: Arc<str>,
    /// What is said of it.
    pub judgement: Judgement,
    /// Whole days since it was created; `None` when that could not be read.
    pub age_days: Option<i64>,
    /// What a person should do about it.
    pub recommendation: Recommendation,
    /// US cents a month that it costs now, at list price; `None` when it could not
    /// be read whose key it is.
    pub monthly_cents: Option<u64>,
    /// What earlier runs add.
    pub history: History,
    /// What the rest of its set of multi-Region keys says; `None` unless it is a
    /// flagged key of such a set.
    pub rest_of_set: Option<Box<RestOfSet>>,
}

/// From how many days on something is said of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// T: from how many idle days a key is unused.
    pub stale_after_days: u32,
    /// Age from which an access key in use should be rotated.
    pub rotate_after_days: u32,
}

impl JudgedKey {
    /// Judges `key`, of an account at `ou_path`, at `now`, by itself: without
    /// earlier runs and other keys.
    #[must_use]
    pub fn new(
        mut key: KeyReading,
        ou_path: Arc<str>,
        thresholds: &Thresholds,
        now: Timestamp,
    ) -> Self {
        key.names.sort();
        let judgement = judge(&key, thresholds.stale_after_days, now);
        let age_days = key.created_at.map(|created| idle_days(created, now));
        let recommendation = recommend(
            &key,
            judgement.verdict,
            age_days,
            thresholds.rotate_after_days,
        );
        Self {
            monthly_cents: monthly_cents(&key),
            key,
            ou_path,
            judgement,
            age_days,
            recommendation,
            history: History::default(),
            rest_of_set: None,
        }
    }

    /// Whether its verdict says that nobody uses it and it is not exempt.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        is_flagged(&self.key, self.judgement.verdict)
    }

    /// Whether it is flagged and was not in the last run; in the first census,
    /// whether it is flagged.
    #[must_use]
    pub fn is_newly_flagged(&self) -> bool {
        let was_not = match self.history.change {
            None | Some(Change::New | Change::NewlyFlagged) => true,
            Some(Change::UsedAgain | Change::StateChanged | Change::Same) => false,
        };
        self.is_flagged() && was_not
    }

    /// The Region it is in; `global` for a global key.
    #[must_use]
    pub fn region(&self) -> &str {
        self.key.region.as_ref().map_or(GLOBAL, Region::as_str)
    }

    /// Its last use, where one is recorded.
    #[must_use]
    pub fn last_use(&self) -> Option<&LastUse> {
        match &self.key.usage {
            Usage::Recorded(last_use) => Some(last_use),
            Usage::NotAsked | Usage::NoneRecorded { .. } | Usage::Unreadable(_) => None,
        }
    }

    /// Since when its uses are recorded, where AWS said so.
    #[must_use]
    pub fn tracked_since(&self) -> Option<Timestamp> {
        match &self.key.usage {
            Usage::Recorded(last_use) => last_use.tracked_since,
            Usage::NoneRecorded { tracked_since, .. } => Some(*tracked_since),
            Usage::NotAsked | Usage::Unreadable(_) => None,
        }
    }

    /// The gap that leaves it unknown whether the key, which is flagged, is exempt.
    #[must_use]
    pub fn exemption_gap(&self) -> Option<&Gap> {
        let gap = self.key.tags_gap.as_ref();
        gap.filter(|_| self.is_flagged())
    }

    /// Why, where the verdict alone does not say it; free text.
    #[must_use]
    pub fn detail(&self) -> String {
        detail::told(self)
    }

    /// Whether it matters what depends on it.
    #[must_use]
    pub fn dependents_matter(&self) -> bool {
        dependents_matter(&self.key, self.judgement.verdict)
    }

    /// What `keys.csv` says of whether its dependents were checked: `yes`, `no` or
    /// an error code; nothing where they do not matter.
    #[must_use]
    pub fn dependents_checked(&self) -> &str {
        match self.key.dependents() {
            Some(dependents) => dependents.checked(),
            None if self.dependents_matter() => "no",
            None => "",
        }
    }
}

/// The gap that leaves it unknown whether a key that is flagged is exempt; `None` for a
/// key that is not flagged, or whose tags were read. A root access key has no tags.
#[must_use]
pub fn exemption_gap(key: &KeyReading, stale_after_days: u32, now: Timestamp) -> Option<&Gap> {
    let verdict = judge(key, stale_after_days, now).verdict;
    let gap = key.tags_gap.as_ref();
    gap.filter(|_| is_flagged(key, verdict))
}

/// Whether `verdict` says that nobody uses `key` and it is not exempt.
pub(crate) fn is_flagged(key: &KeyReading, verdict: Verdict) -> bool {
    verdict.says_unused() && key.exemption.is_none()
}

/// Sorts keys as `keys.csv` has them: by account, Region, kind and key ID.
pub fn sort(keys: &mut [JudgedKey]) {
    fn order(judged: &JudgedKey) -> (AccountId, &str, &'static str, &str) {
        let key = &judged.key;
        (
            key.account.id,
            judged.region(),
            key.kind.as_str(),
            &key.key_id,
        )
    }
    // No two are equal, and a stable sort would take half as much memory again.
    keys.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
}

/// How many keys there are to a piece of `keys.csv`, which takes up to a megabyte.
const KEYS_A_PIECE: usize = 2_048;

/// A piece of `keys.csv`, counted from 0: a line for each of its keys, in the order
/// given, and before the first the header. `None`: there are no more.
pub(crate) fn csv_piece(keys: &[JudgedKey], scan_date: &str, piece: usize) -> Option<Vec<u8>> {
    let keys = keys.chunks(KEYS_A_PIECE).nth(piece);
    let (header, keys) = match piece {
        0 => (Some(&COLUMNS), keys.unwrap_or_default()),
        _ => (None, keys?),
    };
    let records = keys.iter().map(|key| record(key, scan_date));
    Some(csv_text::lines(header, records))
}

fn record(judged: &JudgedKey, scan_date: &str) -> [String; COLUMNS.len()] {
    let key = &judged.key;
    let moment = |at: Option<Timestamp>| at.map(to_seconds).unwrap_or_default();
    let optional = |free: Option<&str>| text(free.unwrap_or_default());
    let last_use = judged.last_use();
    [
        scan_date.to_owned(),
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
        text(&judged.detail()),
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
    ]
}

/// Whether it matters what depends on `key`, of which `verdict` is said: it is
/// flagged, or will be deleted.
#[must_use]
pub fn dependents_matter(key: &KeyReading, verdict: Verdict) -> bool {
    key.kind == KeyKind::KmsKey && (is_flagged(key, verdict) || verdict == Verdict::PendingDeletion)
}

#[cfg(test)]
mod tests;
