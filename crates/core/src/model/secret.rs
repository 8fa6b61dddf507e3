//! What is particular to secrets of Secrets Manager.

use jiff::{SignedDuration, Timestamp};

use crate::model::reading::{LastUse, Usage};

/// The state of a secret that is rotated: ListSecrets' own word for it. Other secrets have none
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>).
pub const ROTATION_ENABLED: &str = "RotationEnabled";

/// The usage of a secret whose value was last retrieved on the day that began at `day`.
#[must_use]
pub fn recorded(day: Timestamp) -> Usage {
    Usage::Recorded(LastUse {
        at: day,
        operation: None,
        service: None,
        region: None,
        cloudtrail_event_id: None,
        kms_request_id: None,
        tracked_since: None,
    })
}

/// The usage of a secret, created at `created_at`, of which no retrieval is recorded. AWS does not
/// document since when it records them, so an earlier one cannot be excluded.
#[must_use]
pub fn none_recorded(created_at: Timestamp) -> Usage {
    Usage::NoneRecorded {
        tracked_since: created_at,
        created_at: None,
    }
}

/// The latest that a retrieval can have been on the day that began at `day`: AWS reports no time of
/// day
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_SecretListEntry.html>).
#[must_use]
pub fn end_of_day(day: Timestamp) -> Timestamp {
    let next = day.saturating_add(SignedDuration::from_hours(24));
    // Only a calendar unit could fail.
    next.unwrap_or(day)
}

/// A secret's ID in its ARN: its name, a hyphen and the six characters that AWS adds. The replicas
/// of a secret have the same
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>).
#[must_use]
pub fn id_of_arn(arn: &str) -> Option<&str> {
    let id = arn.splitn(7, ':').nth(6)?;
    (!id.is_empty()).then_some(id)
}
