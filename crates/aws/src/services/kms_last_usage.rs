//! What an answer of GetKeyLastUsage says.

use aws_sdk_kms::{operation::get_key_last_usage::GetKeyLastUsageOutput, types::KeyLastUsageData};
use jiff::Timestamp;
use keycensus_core::model::reading::{LastUse, Usage};

use crate::{
    services::kms_answers::{OTHER_KEY, names_key},
    transport::{
        answer::Unreadable,
        call_error::CallSite,
        timestamps::{is_long_before, moment},
    },
};

/// Unused is an answer without a `Timestamp`: `KeyLastUsage` itself is there,
/// and empty, for a key without a recorded use
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>).
///
/// # Errors
/// The answer is about another key than `key_id`, contradicts itself, or does not say
/// since when the key is tracked.
pub(crate) fn parse_usage(
    answer: GetKeyLastUsageOutput,
    (site, key_id): (&CallSite, &str),
    created_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Usage, Unreadable> {
    if !answer
        .key_id()
        .is_some_and(|id| names_key(id, site, key_id))
    {
        return Err(OTHER_KEY);
    }
    // Without it, it is not known for how long nothing was recorded.
    let tracked_since = answer.tracking_start_date;
    let tracked_since = moment(tracked_since, now)?.ok_or(Unreadable("no TrackingStartDate"))?;
    let created = moment(answer.key_creation_date, now)?;
    // Tracking of a key begins with its creation or later.
    if created.is_some_and(|created| is_long_before(tracked_since, created)) {
        return Err(Unreadable("tracked before it was created"));
    }
    let last = answer.key_last_usage.ok_or(Unreadable("no KeyLastUsage"))?;
    match moment(last.timestamp, now)? {
        Some(at) if created.is_some_and(|created| is_long_before(at, created)) => {
            Err(Unreadable("used before it was created"))
        }
        Some(at) => Ok(Usage::Recorded(LastUse {
            at,
            operation: last
                .operation
                .map(|operation| operation.as_str().to_owned()),
            service: None,
            region: None,
            cloudtrail_event_id: last.cloud_trail_event_id,
            kms_request_id: last.kms_request_id,
            tracked_since: Some(tracked_since),
        })),
        None if tells_of_a_use(&last) => Err(Unreadable("a use without a time")),
        None => Ok(Usage::NoneRecorded {
            tracked_since,
            created_at: created.or(created_at),
        }),
    }
}

fn tells_of_a_use(last: &KeyLastUsageData) -> bool {
    last.operation.is_some() || last.cloud_trail_event_id.is_some() || last.kms_request_id.is_some()
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::{
        operation::get_key_last_usage::{
            GetKeyLastUsageOutput, builders::GetKeyLastUsageOutputBuilder,
        },
        types::{
            KeyLastUsageData, KeyLastUsageTrackingOperation, builders::KeyLastUsageDataBuilder,
        },
    };
    use aws_smithy_types::DateTime;
    use jiff::Timestamp;
    use keycensus_core::model::{account::AccountId, reading::Usage, region::Region};

    use super::parse_usage;
    use crate::transport::{answer::Unreadable, call_error::CallSite};

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_000 * DAY;

    fn read(answer: GetKeyLastUsageOutputBuilder) -> Result<Usage, Unreadable> {
        let site = CallSite {
            account: AccountId::parse("222222222222"),
            region: Region::parse("eu-west-1").unwrap(),
        };
        let now = Timestamp::from_second(NOW).unwrap();
        parse_usage(answer.build(), (&site, "1234abcd"), None, now)
    }

    fn day(day: i64) -> DateTime {
        DateTime::from_secs(day * DAY)
    }

    /// The answer about a key that is tracked since day 900 and older.
    fn answer(last: KeyLastUsageDataBuilder) -> GetKeyLastUsageOutputBuilder {
        GetKeyLastUsageOutput::builder()
            .key_id("1234abcd")
            .key_last_usage(last.build())
            .tracking_start_date(day(900))
            .key_creation_date(day(500))
    }

    fn none() -> KeyLastUsageDataBuilder {
        KeyLastUsageData::builder()
    }

    #[test]
    fn an_empty_key_last_usage_is_no_use() {
        assert!(matches!(
            read(answer(none())),
            Ok(Usage::NoneRecorded { .. })
        ));
    }

    #[test]
    fn what_names_the_use_is_carried_along() {
        let last = none()
            .timestamp(day(950))
            .cloud_trail_event_id("9c1f4a5e-2b7d-4f60-8e13-5a6b7c8d9e0f")
            .kms_request_id("7d0f5b62-93c4-4e0b-9f0c-1d2e3f405162");
        let Ok(Usage::Recorded(last_use)) = read(answer(last)) else {
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
        let last = none()
            .timestamp(day(950))
            .operation(KeyLastUsageTrackingOperation::from("SignWithMoonlight"));
        let Ok(Usage::Recorded(last_use)) = read(answer(last)) else {
            panic!("a use is recorded");
        };
        assert_eq!(last_use.operation.as_deref(), Some("SignWithMoonlight"));
    }

    #[test]
    fn a_key_may_be_used_while_the_run_goes_on_and_be_named_by_its_arn() {
        let arn = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd";
        let last = none().timestamp(DateTime::from_secs(NOW + 5 * 3_600));
        assert!(matches!(
            read(answer(last).key_id(arn)),
            Ok(Usage::Recorded(_))
        ));
    }

    #[test]
    fn an_answer_that_lacks_something_or_contradicts_itself_is_not_believed() {
        let used = || none().timestamp(day(950));
        for (wrong, answer) in [
            (
                "a use without a time",
                answer(none().operation("Decrypt".into())),
            ),
            (
                "an event without a time",
                answer(none().cloud_trail_event_id("e")),
            ),
            (
                "a request without a time",
                answer(none().kms_request_id("r")),
            ),
            ("another key", answer(used()).key_id("other")),
            ("no key", answer(used()).set_key_id(None)),
            (
                "a key of the same ID elsewhere",
                answer(used()).key_id("arn:aws:kms:eu-west-2:222222222222:key/1234abcd"),
            ),
            (
                "a key of the same ID in another account",
                answer(used()).key_id("arn:aws:kms:eu-west-1:333333333333:key/1234abcd"),
            ),
            ("no usage", answer(none()).set_key_last_usage(None)),
            (
                "no beginning of tracking",
                answer(none()).set_tracking_start_date(None),
            ),
            (
                "tracked from the beginning of time",
                answer(none()).tracking_start_date(day(0)),
            ),
            (
                "tracked from some day on",
                answer(none()).tracking_start_date(day(1_003)),
            ),
            ("used some day", answer(none().timestamp(day(1_003)))),
            (
                "milliseconds for seconds",
                answer(none().timestamp(day(950_000))),
            ),
            (
                "used before it was created",
                answer(none().timestamp(day(400))),
            ),
            (
                "created some day",
                answer(used()).key_creation_date(day(1_003)),
            ),
        ] {
            assert!(read(answer).is_err(), "{wrong}");
        }
    }
}
