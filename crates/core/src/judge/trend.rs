//! The trend: each night of an organization in numbers, up to tonight.

use jiff::{ToSpan, civil::Date};

use crate::{judge::summary::Summary, model::reading::KeyKind};

/// How many nights a trend has at most: the last.
pub const NIGHTS_KEPT: usize = 400;
/// How many days ago a month is.
const MONTH_DAYS: i32 = 30;
/// By how many days the night of a month ago may be another.
const MONTH_TOLERANCE_DAYS: i32 = 3;

/// A night in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// Its UTC date.
    pub date: Date,
    /// Keys listed.
    pub keys: u64,
    /// Flagged keys.
    pub flagged: u64,
    /// What they cost a month, in US cents at list price.
    pub flagged_cents: u64,
    /// Gaps in coverage; 0 where all was read.
    pub gaps: u64,
    /// Keys by kind, in the order of [`KeyKind::ALL`]; `None`: the kind was not asked for, or an
    /// earlier version wrote the row, which did not know it.
    pub kinds: [Option<KindNight>; KeyKind::ALL.len()],
    /// T.
    pub stale_after_days: u32,
}

/// The keys of one kind on a night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindNight {
    /// Keys listed.
    pub keys: u64,
    /// Those of them that are flagged.
    pub flagged: u64,
}

impl Night {
    /// The night of a run that found this.
    pub(crate) fn of(night: Date, summary: &Summary) -> Self {
        let kind_night = |kind: KeyKind| {
            let is_read = summary.kinds.contains(&kind.family());
            is_read.then(|| KindNight {
                keys: summary.keys.of_kind(kind),
                flagged: summary.keys.flagged_of_kind(kind),
            })
        };
        Self {
            date: night,
            keys: summary.keys.total,
            flagged: summary.keys.flagged,
            flagged_cents: summary.keys.flagged_cents(),
            gaps: summary.coverage.gaps(),
            kinds: KeyKind::ALL.map(kind_night),
            stale_after_days: summary.stale_after_days,
        }
    }

    /// Whether the flagged keys of two nights are the same kinds of key, unused for as long.
    #[must_use]
    pub fn is_comparable(&self, other: &Self) -> bool {
        let kinds = |night: &Self| night.kinds.map(|kind| kind.is_some());
        self.stale_after_days == other.stale_after_days && kinds(self) == kinds(other)
    }
}

/// Nights, the first first, each date once. A night without a census is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    nights: Vec<Night>,
}

impl Trend {
    /// The trend with a night, which replaces that of the same date. The last [`NIGHTS_KEPT`] are
    /// kept.
    #[must_use]
    pub fn with(mut self, night: Night) -> Self {
        match self
            .nights
            .binary_search_by_key(&night.date, |known| known.date)
        {
            Ok(at) => self.nights[at] = night,
            Err(at) => self.nights.insert(at, night),
        }
        let surplus = self.nights.len().saturating_sub(NIGHTS_KEPT);
        self.nights.drain(..surplus);
        self
    }

    /// All nights, the first first.
    #[must_use]
    pub fn nights(&self) -> &[Night] {
        &self.nights
    }

    /// The nights up to `last`, that of `last` included: a run that began late may find later ones.
    #[must_use]
    pub fn until(&self, last: Date) -> &[Night] {
        let end = self.nights.partition_point(|night| night.date <= last);
        &self.nights[..end]
    }

    /// Those of the nights until `last` that are of the last so many days.
    #[must_use]
    pub fn of_days(&self, days: i32, last: Date) -> &[Night] {
        let first = last.saturating_sub((days - 1).days());
        let nights = self.until(last);
        &nights[nights.partition_point(|night| night.date < first)..]
    }

    /// The night of a date.
    #[must_use]
    pub fn night(&self, date: Date) -> Option<&Night> {
        self.of_days(1, date).first()
    }

    /// The night about a month before that of a date: 30 days before, or up to 3 days more or less, the
    /// nearest, if one of those is known.
    #[must_use]
    pub fn month_before(&self, tonight: Date) -> Option<&Night> {
        let month_ago = tonight.saturating_sub(MONTH_DAYS.days());
        let latest = month_ago.saturating_add(MONTH_TOLERANCE_DAYS.days());
        let nights = self.of_days(2 * MONTH_TOLERANCE_DAYS + 1, latest);
        let distance = |night: &&Night| days_between(night.date, month_ago).abs();
        nights.iter().min_by_key(distance)
    }
}

/// How many days after `first` a date is.
pub(crate) fn days_between(first: Date, later: Date) -> i32 {
    // Dates of reports are far from the ends of what a date can be.
    first.until(later).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::{NIGHTS_KEPT, Night, Trend};
    use crate::{
        examples::{first_report, night},
        model::{kind::Family, organization_reading::Reading, reading::KeyKind},
    };

    fn day(date: &str) -> Date {
        date.parse().unwrap()
    }

    fn trend(dates: &[&str]) -> Trend {
        let nights = dates.iter().map(|date| night(date, 7));
        nights.fold(Trend::default(), Trend::with)
    }

    fn dates(nights: &[Night]) -> Vec<String> {
        nights.iter().map(|night| night.date.to_string()).collect()
    }

    #[test]
    fn nights_are_in_the_order_of_their_dates_and_a_second_run_of_a_day_replaces_the_first() {
        let trend = trend(&["2026-11-21", "2026-11-19", "2026-11-20"]).with(night("2026-11-20", 9));
        assert_eq!(
            dates(trend.nights()),
            ["2026-11-19", "2026-11-20", "2026-11-21"]
        );
        assert_eq!(trend.night(day("2026-11-20")).unwrap().flagged, 9);
    }

    #[test]
    fn the_last_nights_are_kept() {
        let first = day("2025-01-01");
        let trend = (0..NIGHTS_KEPT + 3).fold(Trend::default(), |trend, n| {
            let date = first.saturating_add(jiff::Span::new().days(n as i64));
            trend.with(night(&date.to_string(), n as u64))
        });
        assert_eq!(trend.nights().len(), NIGHTS_KEPT);
        assert_eq!(trend.nights()[0].flagged, 3);
    }

    #[test]
    fn nights_of_some_days_end_with_that_of_the_last() {
        let trend = trend(&["2026-11-01", "2026-11-19", "2026-11-21", "2026-11-22"]);
        let last = day("2026-11-21");
        assert_eq!(dates(trend.of_days(3, last)), ["2026-11-19", "2026-11-21"]);
        assert_eq!(dates(trend.of_days(1, day("2026-11-20"))), [""; 0]);
    }

    #[test]
    fn a_month_ago_is_the_night_nearest_to_30_days_ago_within_3_days() {
        let tonight = day("2026-11-21");
        for (nights, found) in [
            (&["2026-10-22"][..], Some("2026-10-22")),
            (&["2026-10-19", "2026-10-23"], Some("2026-10-23")),
            (&["2026-10-21", "2026-10-23"], Some("2026-10-21")),
            (&["2026-10-19"], Some("2026-10-19")),
            (&["2026-10-25"], Some("2026-10-25")),
            (&["2026-10-18", "2026-10-26", "2026-11-21"], None),
        ] {
            let trend = trend(nights);
            let month_ago = trend.month_before(tonight).map(|night| night.date);
            assert_eq!(month_ago, found.map(day), "{nights:?}");
        }
    }

    #[test]
    fn a_kind_that_was_not_asked_for_is_not_known_and_not_zero() {
        let mut run = crate::arbitrary::run();
        run.kinds = [Family::Kms].into();
        let report =
            crate::examples::report_of(&run, Reading::default(), &crate::examples::FIRST_CENSUS);
        let tonight = &report.trend.nights()[0];
        let known = tonight.kinds.map(|kind| kind.is_some());
        assert_eq!(known, KeyKind::ALL.map(|kind| kind == KeyKind::KmsKey));
        let all = first_report(Reading::default());
        assert!(!tonight.is_comparable(&all.trend.nights()[0]));
    }
}
