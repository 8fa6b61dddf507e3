//! Moments and the spans between them, as the report writes them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

const SECONDS_A_DAY: i64 = 86_400;

/// Whole days from `since` to `now`: the floor of seconds / 86,400. A moment in
/// the future (a clock that runs ahead) counts as 0 days ago.
#[must_use]
pub fn idle_days(since: Timestamp, now: Timestamp) -> i64 {
    ((now.as_second() - since.as_second()) / SECONDS_A_DAY).max(0)
}

/// The later of a moment, where it is known, and `since`.
#[must_use]
pub fn later(at: Option<Timestamp>, since: Timestamp) -> Timestamp {
    at.map_or(since, |at| at.max(since))
}

/// A moment as the files write it, to the second: `2026-11-21T02:00:07Z`.
#[must_use]
pub fn to_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The UTC date of a moment.
#[must_use]
pub fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The moment at which a UTC date begins; `None` at the ends of what a moment can be.
#[must_use]
pub fn midnight(date: Date) -> Option<Timestamp> {
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

/// The UTC date of a moment as the files write it: `2026-11-21`.
#[must_use]
pub fn utc_date(at: Timestamp) -> String {
    date(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::{idle_days, to_seconds, utc_date};

    #[test]
    fn idle_days_are_whole_days_rounded_down() {
        let now = "2026-11-21T02:00:00Z".parse().unwrap();
        for (since, days) in [
            ("2026-11-21T02:00:00Z", 0),
            ("2026-11-20T02:00:01Z", 0),
            ("2026-11-20T02:00:00Z", 1),
            ("2026-08-23T02:00:01Z", 89),
            ("2026-08-23T02:00:00Z", 90),
            ("2026-11-22T02:00:00Z", 0),
        ] {
            assert_eq!(idle_days(since.parse().unwrap(), now), days, "{since}");
        }
    }

    #[test]
    fn moments_are_written_to_the_second_in_utc() {
        let at = "2026-11-21T02:00:07.987Z".parse().unwrap();
        assert_eq!(to_seconds(at), "2026-11-21T02:00:07Z");
        assert_eq!(utc_date(at), "2026-11-21");
    }
}
