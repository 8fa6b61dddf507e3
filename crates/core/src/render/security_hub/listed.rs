//! The finding of a key that was listed.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    asff::{Asff, Content, Identity, Severity},
    finding_type::{FindingType, RecordState},
    product::Product,
    remediation::{recommendation_text, recommendation_url},
};
use crate::{
    judge::{judged_key::JudgedKey, price, recommendation::Recommendation, report::Report},
    model::{kind::KeyResource, reading::KeyKind, time::midnight},
    render::digest::{
        dependents::before_deletion_text,
        needed::{refused_text, state_text},
        report_locations::console_page,
        wording::{
            PATH_CHARACTERS, account_text, capitalized, days, dollars, exemption_text, key_text,
            last_use_text, owner_text, recorded_use_text, set_text, shortened,
        },
    },
};

/// The finding of this type about a key of `report`.
pub(super) fn finding<'a>(
    report: &Report,
    judged: &'a JudgedKey,
    of_type: FindingType,
    state: RecordState,
    product: &'a Product,
) -> Asff<'a> {
    let key = &judged.key;
    let identity = Identity {
        account: key.account.id.as_str(),
        region: judged.region(),
        kind: key.kind,
        key_id: &key.key_id,
        arn: &key.arn,
    };
    let found = found_at(report, judged, of_type);
    let content = Content {
        of_type,
        state,
        severity: severity(judged, of_type),
        created_at: found.created_at.unwrap_or(report.now),
        first_observed_at: found.first_observed_at,
        last_observed_at: found.last_observed_at,
        title: title(report, judged, of_type),
        description: description(report, judged, of_type, state),
        recommendation: match state {
            RecordState::Active => recommendation_text(report, judged, of_type),
            RecordState::Archived => "Nothing is left to do.".to_owned(),
        },
        recommendation_url: recommendation_url(key.kind, of_type),
        source_url: console_page(report),
        verdict: judged.judgement.verdict.as_str(),
        product_fields: product_fields(judged),
    };
    Asff::new(product, identity, report.now, content)
}

/// The moments of a finding, which are the same every night as long as nothing else happens.
struct FoundAt {
    created_at: Option<Timestamp>,
    first_observed_at: Option<Timestamp>,
    last_observed_at: Option<Timestamp>,
}

fn found_at(report: &Report, judged: &JudgedKey, of_type: FindingType) -> FoundAt {
    let (first, last) = match of_type {
        FindingType::Unused => {
            let last = judged.history.last.and_then(|last| last.first_flagged_on);
            let first = judged.history.first_flagged_on.or(last);
            (
                first.and_then(midnight),
                judged.is_flagged().then_some(report.now),
            )
        }
        FindingType::RootAccessKey => (judged.key.created_at, Some(report.now)),
        // Since when is not known: the report has the latest only.
        FindingType::RootSignIn => {
            let at = judged.last_use().map(|used| used.at);
            return FoundAt::latest(at);
        }
        FindingType::RefusedUse => {
            let refused = judged
                .key
                .refused_uses()
                .and_then(|found| found.last.as_ref());
            return FoundAt::latest(refused.map(|last| last.at));
        }
    };
    FoundAt {
        created_at: first,
        first_observed_at: first,
        last_observed_at: last,
    }
}

impl FoundAt {
    fn latest(at: Option<Timestamp>) -> Self {
        Self {
            created_at: at,
            first_observed_at: None,
            last_observed_at: at,
        }
    }
}

/// How severe a finding is: as Security Hub's own controls rate the same, where there is one
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html>,
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html>).
/// `docs/SECURITY_HUB.md` has the reasons.
pub(super) fn severity(judged: &JudgedKey, of_type: FindingType) -> Severity {
    match of_type {
        FindingType::RefusedUse if judged.recommendation == Recommendation::CancelDeletion => {
            Severity::Critical
        }
        _ => usual_severity(judged.key.kind, of_type),
    }
}

/// The severity of a finding of which no more than this is known.
pub(super) fn usual_severity(kind: KeyKind, of_type: FindingType) -> Severity {
    match (of_type, kind) {
        (FindingType::RootAccessKey, _) => Severity::Critical,
        (FindingType::RefusedUse, _) => Severity::High,
        (FindingType::Unused, KeyKind::KmsKey) => Severity::Low,
        (FindingType::Unused | FindingType::RootSignIn, _) => Severity::Medium,
    }
}

fn title(report: &Report, judged: &JudgedKey, of_type: FindingType) -> String {
    let of = match judged.key.kind.resource() {
        // Its name is that of every account.
        KeyResource::RootUser => judged.key.account.id.to_string(),
        _ => key_text(judged),
    };
    titled(report, judged.key.kind, of_type, &of)
}

/// The title of a finding about what people call `of`.
pub(super) fn titled(report: &Report, kind: KeyKind, of_type: FindingType, of: &str) -> String {
    let (one, _) = kind.names();
    match of_type {
        FindingType::Unused => {
            let days = days(report.summary.stale_after_days.into());
            let what = capitalized(one);
            format!("{what} not used for {days} or more: {of}")
        }
        FindingType::RootAccessKey => format!("Root user has an access key: {of}"),
        FindingType::RootSignIn => format!("Root user signed in: {of}"),
        FindingType::RefusedUse => {
            format!("KMS key is disabled or pending deletion, and still needed: {of}")
        }
    }
}

fn description(
    report: &Report,
    judged: &JudgedKey,
    of_type: FindingType,
    state: RecordState,
) -> String {
    let key = &judged.key;
    let mut parts = Vec::new();
    if state == RecordState::Archived {
        parts.push(no_more(judged, of_type));
    }
    match of_type {
        FindingType::Unused => {
            parts.push(last_use_text(judged));
            parts.extend(
                judged
                    .judgement
                    .idle_days
                    .map(|idle| format!("idle for {}", days(idle))),
            );
            parts.extend(exemption_text(judged).map(|text| text.trim().to_owned()));
            parts.extend(set_text(judged));
            parts.extend(before_deletion_text(judged));
        }
        FindingType::RootAccessKey => {
            let id = shortened(&key.key_id, PATH_CHARACTERS);
            parts.push(format!("{id} gives access to everything in the account"));
            parts.extend(judged.last_use().map(recorded_use_text));
        }
        FindingType::RootSignIn => parts.extend(judged.last_use().map(recorded_use_text)),
        FindingType::RefusedUse => {
            parts.extend(key.refused_uses().and_then(refused_text));
            parts.push(state_text(judged, report));
        }
    }
    let account = account_text(&key.account);
    let mut place = format!("account {account}");
    if !judged.ou_path.is_empty() {
        let path = shortened(&judged.ou_path, PATH_CHARACTERS);
        place.push_str(&format!(" ({path})"));
    }
    parts.push(place + &owner_text(key.owner.as_deref()));
    parts.extend(
        judged
            .monthly_cents
            .filter(|cents| *cents > 0)
            .map(cost_text),
    );
    sentence(&parts)
}

/// Why what was found does not hold any more.
fn no_more(judged: &JudgedKey, of_type: FindingType) -> String {
    let verdict = judged.judgement.verdict.as_str().replace('_', " ");
    match of_type {
        FindingType::Unused if judged.key.exemption.is_some() => {
            "no longer flagged: exempt".to_owned()
        }
        FindingType::Unused => format!("no longer flagged: {verdict}"),
        FindingType::RootAccessKey | FindingType::RootSignIn => format!("no longer so: {verdict}"),
        FindingType::RefusedUse => "no longer needed, or usable again".to_owned(),
    }
}

fn cost_text(cents: u64) -> String {
    format!("{} USD a month at list price", dollars(cents))
}

/// Parts as one sentence.
pub(super) fn sentence(parts: &[String]) -> String {
    format!("{}.", capitalized(&parts.join("; ")))
}

fn product_fields(judged: &JudgedKey) -> Vec<(&'static str, Cow<'_, str>)> {
    let key = &judged.key;
    let idle_days = judged.judgement.idle_days;
    let cost = judged.monthly_cents.map(price::dollars);
    vec![
        ("keycensus/account_name", Cow::from(&key.account.name)),
        ("keycensus/ou_path", Cow::from(&*judged.ou_path)),
        ("keycensus/name", key.names.join(";").into()),
        (
            "keycensus/owner",
            key.owner.as_deref().unwrap_or_default().into(),
        ),
        (
            "keycensus/recommendation",
            judged.recommendation.as_str().into(),
        ),
        (
            "keycensus/state",
            key.state.as_deref().unwrap_or_default().into(),
        ),
        (
            "keycensus/idle_days",
            idle_days.map_or_else(String::new, |n| n.to_string()).into(),
        ),
        (
            "keycensus/monthly_cost_usd",
            cost.unwrap_or_default().into(),
        ),
    ]
}
