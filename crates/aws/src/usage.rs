//! What an answer of GetKeyLastUsage says.

use aws_sdk_kms::operation::get_key_last_usage::GetKeyLastUsageOutput;
use jiff::Timestamp;
use keycensus_core::reading::{Gap, LastUse, Usage};

use crate::kms::GET_KEY_LAST_USAGE;

/// Unused is an answer without a `Timestamp`: `KeyLastUsage` itself is there,
/// and empty, for a key without a recorded use
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>).
pub(crate) fn told_usage(answer: GetKeyLastUsageOutput, created_at: Option<Timestamp>) -> Usage {
    let tracked_since = answer.tracking_start_date.and_then(timestamp);
    let last = answer.key_last_usage;
    if let Some(at) = last.as_ref().and_then(|last| last.timestamp) {
        let Some(at) = timestamp(at) else {
            return Usage::Unreadable(Gap::unreadable_answer(GET_KEY_LAST_USAGE));
        };
        return Usage::Recorded(LastUse {
            at,
            operation: last
                .as_ref()
                .and_then(|last| last.operation.as_ref())
                .map(|operation| operation.as_str().to_owned()),
            service: None,
            region: None,
            cloudtrail_event_id: last
                .as_ref()
                .and_then(|last| last.cloud_trail_event_id.clone()),
            kms_request_id: last.and_then(|last| last.kms_request_id),
            tracked_since,
        });
    }
    match tracked_since {
        Some(tracked_since) => Usage::NoneRecorded {
            tracked_since,
            created_at: answer.key_creation_date.and_then(timestamp).or(created_at),
        },
        // Without it nobody can say for how long nothing was recorded.
        None => Usage::Unreadable(Gap::unreadable_answer(GET_KEY_LAST_USAGE)),
    }
}

/// A moment as the SDK gives it; `None` where it is out of range.
pub(crate) fn timestamp(at: aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::{
        operation::get_key_last_usage::GetKeyLastUsageOutput,
        types::{KeyLastUsageData, KeyLastUsageTrackingOperation},
    };
    use aws_smithy_types::DateTime;
    use keycensus_core::reading::Usage;

    use super::told_usage;

    #[test]
    fn an_empty_key_last_usage_is_no_use() {
        let answer = GetKeyLastUsageOutput::builder()
            .key_last_usage(KeyLastUsageData::builder().build())
            .tracking_start_date(DateTime::from_secs(1_000))
            .key_creation_date(DateTime::from_secs(500))
            .build();
        assert!(matches!(
            told_usage(answer, None),
            Usage::NoneRecorded { .. }
        ));
    }

    #[test]
    fn what_names_the_use_is_carried_along() {
        let last = KeyLastUsageData::builder()
            .timestamp(DateTime::from_secs(2_000))
            .cloud_trail_event_id("9c1f4a5e-2b7d-4f60-8e13-5a6b7c8d9e0f")
            .kms_request_id("7d0f5b62-93c4-4e0b-9f0c-1d2e3f405162")
            .build();
        let answer = GetKeyLastUsageOutput::builder()
            .key_last_usage(last)
            .build();
        let Usage::Recorded(last_use) = told_usage(answer, None) else {
            panic!("a use is recorded");
        };
        let named = [last_use.cloudtrail_event_id, last_use.kms_request_id];
        assert_eq!(
            named.map(Option::unwrap_or_default),
            [
                "9c1f4a5e-2b7d-4f60-8e13-5a6b7c8d9e0f",
                "7d0f5b62-93c4-4e0b-9f0c-1d2e3f405162"
            ]
        );
    }

    #[test]
    fn an_operation_that_nobody_knows_yet_is_passed_through() {
        let last = KeyLastUsageData::builder()
            .timestamp(DateTime::from_secs(2_000))
            .operation(KeyLastUsageTrackingOperation::from("SignWithMoonlight"))
            .build();
        let answer = GetKeyLastUsageOutput::builder()
            .key_last_usage(last)
            .build();
        let Usage::Recorded(last_use) = told_usage(answer, None) else {
            panic!("a use is recorded");
        };
        assert_eq!(last_use.operation.as_deref(), Some("SignWithMoonlight"));
    }

    #[test]
    fn an_answer_without_use_and_without_tracking_start_says_nothing() {
        let answer = GetKeyLastUsageOutput::builder().build();
        assert!(matches!(told_usage(answer, None), Usage::Unreadable(_)));
    }
}
