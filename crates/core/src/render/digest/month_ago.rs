//! How many keys were flagged about a month ago.

use super::wording::grouped;
use crate::judge::{report::Report, trend::Night};

/// `, down from 31 a month ago`; nothing where no such night is known, or other keys were read then,
/// or keys were flagged after another time.
pub(super) fn month_ago_text(report: &Report) -> String {
    let trend = &report.trend;
    let (Some(tonight), Some(then)) = (
        trend.night(report.scan_date),
        trend.month_before(report.scan_date),
    ) else {
        return String::new();
    };
    if !tonight.is_comparable(then) {
        return String::new();
    }
    let flagged = grouped(then.flagged);
    let change = match tonight.flagged.cmp(&then.flagged) {
        std::cmp::Ordering::Less => format!("down from {flagged}"),
        std::cmp::Ordering::Equal => "as many as".to_owned(),
        std::cmp::Ordering::Greater => format!("up from {flagged}"),
    };
    format!(", {change} a month ago{}", not_all_read(tonight, then))
}

/// Fewer flagged keys may be fewer keys that were read.
fn not_all_read(tonight: &Night, then: &Night) -> &'static str {
    match (then.gaps, tonight.gaps) {
        (0, 0) => "",
        (0, _) => " though not all could be read tonight",
        (_, 0) => " when not all could be read",
        _ => " though not all could be read on either night",
    }
}

#[cfg(test)]
mod tests {
    use super::month_ago_text;
    use crate::{
        examples::{FIRST_CENSUS, account, kms_key, night, report_of, with_coverage},
        judge::{
            trend::{Night, Trend},
            whole_report::WholeReport,
        },
        model::{
            coverage::{CoverageRow, CoverageStatus, Scope},
            kind::Family,
            organization_reading::Reading,
        },
        render::digest::compose,
    };

    /// A night of 2026-11-21 with so many flagged KMS keys, in all accounts or not, and the nights
    /// before it.
    fn after(flagged: usize, is_complete: bool, nights: Vec<Night>) -> WholeReport {
        let payments = account(222_222_222_222, "payments");
        let keys = (0..flagged).map(|n| kms_key(&payments, n, "2026-06-11T02:00:07Z"));
        let gap = CoverageRow::unlisted(
            &payments,
            Scope::WholeAccount,
            CoverageStatus::Unreachable,
            None,
            "",
        );
        let coverage = (!is_complete).then_some(gap);
        let reading: Reading = with_coverage(keys.collect(), coverage.into_iter().collect());
        let mut run = crate::arbitrary::run();
        run.kinds = [Family::Kms].into();
        let mut report = report_of(&run, reading, &FIRST_CENSUS);
        let earlier = nights.into_iter().fold(Trend::default(), Trend::with);
        report.report = report.report.after(earlier);
        report
    }

    /// A night whose KMS keys alone were read.
    fn kms_night(date: &str, flagged: u64, gaps: u64) -> Night {
        let mut night = night(date, flagged);
        night.gaps = gaps;
        night.kinds[0] = Some(crate::judge::trend::KindNight { keys: 40, flagged });
        night
    }

    #[test]
    fn the_clause_compares_with_a_month_ago_and_says_on_which_night_not_all_was_read() {
        for (then, gaps_then, tonight, is_complete, expected) in [
            (31, 0, 21, true, ", down from 31 a month ago"),
            (21, 0, 31, true, ", up from 21 a month ago"),
            (1_234, 0, 0, true, ", down from 1,234 a month ago"),
            (7, 0, 7, true, ", as many as a month ago"),
            (
                31,
                0,
                21,
                false,
                ", down from 31 a month ago though not all could be read tonight",
            ),
            (
                31,
                2,
                21,
                true,
                ", down from 31 a month ago when not all could be read",
            ),
            (
                31,
                2,
                21,
                false,
                ", down from 31 a month ago though not all could be read on either night",
            ),
        ] {
            let night = kms_night("2026-10-22", then, gaps_then);
            let report = after(tonight, is_complete, vec![night]);
            assert_eq!(month_ago_text(&report), expected);
        }
    }

    #[test]
    fn there_is_no_clause_where_the_month_before_is_not_known_or_was_another() {
        let month_ago = || kms_night("2026-10-22", 31, 0);
        let mut of_another_threshold = month_ago();
        of_another_threshold.stale_after_days = 180;
        let mut of_other_kinds = month_ago();
        of_other_kinds.kinds[1] = of_other_kinds.kinds[0];
        for nights in [
            vec![],
            vec![kms_night("2026-11-20", 31, 0)],
            vec![of_another_threshold],
            vec![of_other_kinds],
        ] {
            assert_eq!(month_ago_text(&after(2, true, nights)), "");
        }
    }

    #[test]
    fn the_first_line_has_the_clause_and_the_subject_has_not() {
        let report = after(2, true, vec![kms_night("2026-10-22", 31, 0)]);
        let digest = compose(&report);
        let first = digest.text.lines().next().unwrap();
        assert!(
            first.starts_with(
                "2 KMS keys unused for 90 days or more in 1 account, down from 31 a month ago, 2.00 USD"
            ),
            "{first}"
        );
        assert!(!digest.subject.contains("month"), "{}", digest.subject);
        let none = after(0, true, vec![kms_night("2026-10-22", 31, 0)]);
        let digest = compose(&none);
        assert!(
            digest
                .text
                .starts_with("No key unused for 90 days or more, down from 31 a month ago"),
            "{}",
            digest.text
        );
    }

    #[test]
    fn a_trend_that_begins_anew_is_reported_with_its_reason() {
        let mut report = after(2, true, vec![]);
        let text = compose(&report).text;
        assert!(!text.contains("trend"), "{text}");
        report.summary.previous.trend_anew = Some(crate::model::previous_runs::NoTrend::Damaged);
        let text = compose(&report).text;
        let expected = "The trend begins anew: the trend.csv of the last report is damaged, or of an earlier version.";
        assert!(text.contains(expected), "{text}");
    }
}
