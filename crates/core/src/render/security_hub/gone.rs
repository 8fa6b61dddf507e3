//! The archived finding of a key that is gone.

use super::{
    asff::{Asff, Content, Identity},
    finding_type::{FindingType, RecordState},
    listed::{sentence, titled, usual_severity},
    product::Product,
    remediation::recommendation_url,
};
use crate::{
    judge::{changes::GoneKey, report::Report},
    model::{kind::KeyResource, time::midnight},
    render::digest::{
        report_locations::console_page,
        wording::{account_text, known_key_text, owner_text},
    },
};

/// The finding of this type about a key of the last run that is gone.
pub(super) fn finding<'a>(
    report: &Report,
    gone: &'a GoneKey,
    of_type: FindingType,
    product: &'a Product,
) -> Asff<'a> {
    let key = &gone.key;
    let identity = Identity {
        account: key.account.id.as_str(),
        region: &key.region,
        kind: key.kind,
        key_id: &key.key_id,
        arn: &key.arn,
    };
    let of = match key.kind.resource() {
        KeyResource::RootUser => key.account.id.to_string(),
        _ => known_key_text(key),
    };
    let since = match of_type {
        FindingType::Unused => key.first_flagged_on,
        FindingType::RootAccessKey | FindingType::RootSignIn | FindingType::RefusedUse => None,
    };
    let first_observed_at = since.and_then(midnight);
    let last_seen_at = key.last_seen_on.and_then(midnight);
    let account = account_text(&key.account);
    let owner = Some(&*key.owner).filter(|owner| !owner.is_empty());
    let parts = [
        format!("gone: {}", gone.why.describe()),
        format!("account {account}{}", owner_text(owner)),
    ];
    let content = Content {
        of_type,
        state: RecordState::Archived,
        severity: usual_severity(key.kind, of_type),
        created_at: first_observed_at.or(last_seen_at).unwrap_or(report.now),
        first_observed_at,
        last_observed_at: last_seen_at,
        title: titled(report, key.kind, of_type, &of),
        description: sentence(&parts),
        recommendation: "Nothing is left to do.".to_owned(),
        recommendation_url: recommendation_url(key.kind, of_type),
        source_url: console_page(report),
        verdict: key.verdict.as_str(),
        product_fields: vec![
            ("keycensus/account_name", (&*key.account.name).into()),
            ("keycensus/name", (&*key.name).into()),
            ("keycensus/owner", (&*key.owner).into()),
            ("keycensus/state", (&*key.state).into()),
        ],
    };
    Asff::new(product, identity, report.now, content)
}
