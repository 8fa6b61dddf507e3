//! How a key is told, in the document and in scripts alike. `free` makes strangers'
//! text harmless for the one or the other.

use super::row::Row;
use crate::{
    judge::{price::dollars, verdict::Verdict},
    model::{dependents::Dependents, reading::KeyKind, time::utc_date},
    render::digest::dependents::deleted_grants_told,
};

/// What people call a key: `alias/orders`, `alias/orders and 2 more aliases`,
/// `user deploy-bot`.
pub(super) fn named(row: &Row, free: impl Fn(&str) -> String) -> String {
    match row.kind {
        KeyKind::KmsKey => {
            let mut names = row.name.split(';').filter(|name| !name.trim().is_empty());
            match (names.next(), names.count()) {
                (None, _) => "no alias".to_owned(),
                (Some(name), 0) => free(name),
                (Some(name), 1) => format!("{} and 1 more alias", free(name)),
                (Some(name), more) => format!("{} and {more} more aliases", free(name)),
            }
        }
        KeyKind::IamAccessKey => format!("user {}", free(&row.name)),
        KeyKind::RootAccessKey => "root user".to_owned(),
    }
}

/// `KMS key 1234abcd in eu-west-1`, `access key AKIA…`.
pub(super) fn identified(row: &Row, free: impl Fn(&str) -> String) -> String {
    let key_id = free(&row.key_id);
    match row.kind {
        KeyKind::KmsKey => format!("KMS key {key_id} in {}", free(&row.region)),
        KeyKind::IamAccessKey => format!("access key {key_id}"),
        KeyKind::RootAccessKey => format!("root access key {key_id}"),
    }
}

/// `last Decrypt on 2026-05-23; 182 days idle; 1.00 USD a month; no dependents found`.
pub(super) fn told(row: &Row, free: impl Fn(&str) -> String) -> String {
    let mut parts = vec![last_use(row, &free)];
    parts.extend(row.idle_days.map(|days| format!("{days} days idle")));
    if row.kind == KeyKind::KmsKey {
        parts.extend(
            row.cost_cents
                .map(|cents| format!("{} USD a month", dollars(cents))),
        );
        parts.push(match row.dependents_checked.as_str() {
            "yes" => no_dependents(row),
            "" | "no" => "dependents not checked".to_owned(),
            code => format!("dependents not checked: {}", free(code)),
        });
        if row
            .multi_region_set
            .as_ref()
            .is_some_and(|set| !set.is_empty())
        {
            parts.push(IDLE_SET.to_owned());
        }
    }
    parts.extend(
        row.disabled_since
            .map(|since| format!("seen disabled since {since}")),
    );
    parts.join("; ")
}

/// No dependents, and grants that nobody can use.
fn no_dependents(row: &Row) -> String {
    let deleted = Dependents::parse(&row.dependents).and_then(|found| deleted_grants_told(&found));
    match deleted {
        None => "no dependents found".to_owned(),
        Some(grants) => format!("no dependents found; {grants}"),
    }
}

const IDLE_SET: &str =
    "one key of a multi-Region set that is idle as a whole, whose primary KMS deletes last";

fn last_use(row: &Row, free: impl Fn(&str) -> String) -> String {
    match (row.last_used_at, row.verdict, row.tracked_since) {
        (Some(at), ..) => {
            let what = match row.last_operation.as_str() {
                "" => "use".to_owned(),
                operation => free(operation),
            };
            let service = match row.last_service.as_str() {
                "" => String::new(),
                service => format!(" of {}", free(service)),
            };
            format!("last {what}{service} on {}", utc_date(at))
        }
        (None, Verdict::UnusedSinceTracking, Some(since)) => format!(
            "no use since tracking began on {}, an earlier use cannot be excluded",
            utc_date(since)
        ),
        (None, Verdict::UnusedSinceTracking, None) => {
            "no use since tracking began, an earlier use cannot be excluded".to_owned()
        }
        (None, ..) => "never used since it was created".to_owned(),
    }
}
