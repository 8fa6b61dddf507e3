//! What is particular to passwords, of IAM users and of root users.

use jiff::Timestamp;

use crate::model::{
    reading::{LastUse, Usage},
    time::later,
};

/// When IAM began to record when passwords are used, 2014-10-20T00:00:00Z
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html>).
pub const TRACKING_BEGAN: Timestamp = Timestamp::constant(1_413_763_200, 0);

/// The end of a time whose uses are not recorded, 2018-05-23T21:08:00Z: it began on 2018-05-03
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html>).
pub const RECORDED_AGAIN: Timestamp = Timestamp::constant(1_527_109_680, 0);

/// The usage of a password that was last changed at `changed_at`, for which this last use is
/// recorded.
#[must_use]
pub fn recorded(used_at: Timestamp, changed_at: Option<Timestamp>) -> Usage {
    Usage::Recorded(LastUse {
        at: used_at,
        operation: None,
        service: None,
        region: None,
        cloudtrail_event_id: None,
        kms_request_id: None,
        tracked_since: Some(later(changed_at, TRACKING_BEGAN)),
    })
}

/// The usage of a password for which no use is recorded. An older one may have been used before
/// [`RECORDED_AGAIN`], and so may one of which it is not known when it was changed.
#[must_use]
pub fn none_recorded(changed_at: Option<Timestamp>) -> Usage {
    Usage::NoneRecorded {
        tracked_since: later(changed_at, RECORDED_AGAIN),
        created_at: changed_at,
    }
}

#[cfg(test)]
mod tests {
    use super::{RECORDED_AGAIN, TRACKING_BEGAN, none_recorded, recorded};
    use crate::model::reading::Usage;

    #[test]
    fn a_password_is_tracked_since_its_change_or_since_uses_are_recorded_without_a_break() {
        assert_eq!(TRACKING_BEGAN.to_string(), "2014-10-20T00:00:00Z");
        assert_eq!(RECORDED_AGAIN.to_string(), "2018-05-23T21:08:00Z");
        for (changed, with_a_use, without) in [
            (None, "2014-10-20T00:00:00Z", "2018-05-23T21:08:00Z"),
            (
                Some("2012-02-03T04:05:06Z"),
                "2014-10-20T00:00:00Z",
                "2018-05-23T21:08:00Z",
            ),
            (
                Some("2016-02-03T04:05:06Z"),
                "2016-02-03T04:05:06Z",
                "2018-05-23T21:08:00Z",
            ),
            (
                Some("2020-02-03T04:05:06Z"),
                "2020-02-03T04:05:06Z",
                "2020-02-03T04:05:06Z",
            ),
        ] {
            let created_at = changed.map(|at| at.parse().unwrap());
            let used_at = "2026-01-01T00:00:00Z".parse().unwrap();
            let Usage::Recorded(last_use) = recorded(used_at, created_at) else {
                panic!("a use is recorded")
            };
            assert_eq!(last_use.at, used_at);
            assert_eq!(last_use.tracked_since, Some(with_a_use.parse().unwrap()));
            let tracked_since = without.parse().unwrap();
            assert_eq!(
                none_recorded(created_at),
                Usage::NoneRecorded {
                    tracked_since,
                    created_at
                }
            );
        }
    }
}
