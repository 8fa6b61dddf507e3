//! The texts about a key, for the document and for scripts. `free` escapes untrusted text for the
//! one or the other.

use crate::{
    judge::{judged_key::JudgedKey, price::dollars, verdict::Verdict},
    model::{
        kind::{KeyId, KeyResource, LastUseSource},
        reading::KeyKind,
        time::utc_date,
    },
    render::digest::dependents::deleted_grants_text,
};

/// Whose the key is; empty where that is not known.
pub(super) fn owner(row: &JudgedKey) -> &str {
    row.key.owner.as_deref().unwrap_or_default()
}

/// AWS's word for the key's state; empty where that is not known.
pub(super) fn state(row: &JudgedKey) -> &str {
    row.key.state.as_deref().unwrap_or_default()
}

/// What people call a key: `alias/orders`, `alias/orders and 2 more aliases`, `user deploy-bot`.
pub(super) fn named(row: &JudgedKey, free: impl Fn(&str) -> String) -> String {
    match row.key.kind.resource() {
        KeyResource::KmsKey => {
            let mut names = row.key.names.iter().filter(|name| !name.trim().is_empty());
            match (names.next(), names.count()) {
                (None, _) => "no alias".to_owned(),
                (Some(name), 0) => free(name),
                (Some(name), 1) => format!("{} and 1 more alias", free(name)),
                (Some(name), more) => format!("{} and {more} more aliases", free(name)),
            }
        }
        // Its names are those of its user and its service.
        KeyResource::IamUser if row.key.kind == KeyKind::ServiceCredential => {
            free(&row.key.names.join(", "))
        }
        KeyResource::IamUser => format!("user {}", free(&row.key.names.join(";"))),
        KeyResource::RootUser => "root user".to_owned(),
        KeyResource::Secret => free(&row.key.names.join(";")),
    }
}

/// `KMS key 1234abcd in eu-west-1`, `access key AKIA…`, `password of anna`.
pub(super) fn identified(row: &JudgedKey, free: impl Fn(&str) -> String) -> String {
    let kind = row.key.kind;
    let (one, _) = kind.names();
    let key_id = free(&row.key.key_id);
    match kind.id() {
        KeyId::UserName if kind.resource() == KeyResource::RootUser => {
            "password of the root user".to_owned()
        }
        KeyId::UserName => format!("{one} of {key_id}"),
        KeyId::Full | KeyId::Shortened if kind.is_of_iam() => format!("{one} {key_id}"),
        KeyId::Full | KeyId::Shortened => format!("{one} {key_id} in {}", free(row.region())),
    }
}

/// `last Decrypt on 2026-05-23; 182 days idle; 1.00 USD a month; no dependents found`.
pub(super) fn facts(row: &JudgedKey, free: impl Fn(&str) -> String) -> String {
    let mut parts = vec![last_use(row, &free)];
    parts.extend(
        row.judgement
            .idle_days
            .map(|days| format!("{days} days idle")),
    );
    if !row.key.kind.is_of_iam() {
        parts.extend(
            row.monthly_cents
                .map(|cents| format!("{} USD a month", dollars(cents))),
        );
    }
    if row.key.kind == KeyKind::KmsKey {
        parts.push(match row.dependents_checked() {
            "yes" => no_dependents(row),
            "" | "no" => "dependents not checked".to_owned(),
            code => format!("dependents not checked: {}", free(code)),
        });
        if row.key.multi_region_set().is_some() {
            parts.push(IDLE_SET.to_owned());
        }
    }
    parts.extend(
        row.history
            .disabled_since
            .map(|since| format!("seen disabled since {since}")),
    );
    parts.join("; ")
}

/// No dependents, and grants that no one can use.
fn no_dependents(row: &JudgedKey) -> String {
    let deleted = row.key.dependents().and_then(deleted_grants_text);
    match deleted {
        None => "no dependents found".to_owned(),
        Some(grants) => format!("no dependents found; {grants}"),
    }
}

const IDLE_SET: &str =
    "one key of a multi-Region set that is idle as a whole, whose primary KMS deletes last";

fn last_use(row: &JudgedKey, free: impl Fn(&str) -> String) -> String {
    match (row.last_use(), row.judgement.verdict, row.tracked_since()) {
        (Some(used), ..) => {
            let what = used.operation.as_deref().map_or("use".to_owned(), &free);
            let service = used
                .service
                .as_deref()
                .map(|service| format!(" of {}", free(service)));
            let service = service.unwrap_or_default();
            format!("last {what}{service} on {}", utc_date(used.at))
        }
        (None, ..) if row.key.kind.last_use_source() == LastUseSource::Nowhere => {
            "its use is not recorded".to_owned()
        }
        (None, ..) if row.key.kind == KeyKind::Secret => {
            "no retrieval recorded since it was created, an earlier one cannot be excluded"
                .to_owned()
        }
        (None, Verdict::UnusedSinceTracking, Some(since)) => format!(
            "no use since tracking began on {}, an earlier use cannot be excluded",
            utc_date(since)
        ),
        (None, Verdict::UnusedSinceTracking, None) => {
            "no use since tracking began, an earlier use cannot be excluded".to_owned()
        }
        (None, ..) if row.key.kind == KeyKind::IamPassword => {
            "never used since it was set".to_owned()
        }
        (None, ..) => "never used since it was created".to_owned(),
    }
}
