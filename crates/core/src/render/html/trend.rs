//! The nights up to tonight: flagged keys, what they cost, and gaps in coverage.

use jiff::civil::Date;

use super::words::{dollars, grouped, percent};
use crate::{
    judge::{
        report::Report,
        trend::{Night, days_between},
    },
    render::digest::wording::days,
};

/// How many days the lines cover at most.
const DAYS_SHOWN: i32 = 90;
/// The height of a line's drawing, in its own units; its width is 1,000 as well.
const TALL: u64 = 1_000;

/// The nights of the last 90 days, as lines and as a table.
pub(super) struct Trend {
    /// One of flagged keys, of their cost and of gaps; none where only tonight is known.
    pub(super) charts: Vec<Chart>,
    /// The first and the last date.
    pub(super) from: String,
    pub(super) to: String,
    /// Nights on which not all could be read, each with its place.
    pub(super) incomplete: Vec<Span>,
    /// What makes nights differ that is no difference of keys.
    pub(super) notes: Vec<String>,
    /// The last night first.
    pub(super) rows: Vec<Row>,
    /// Why nights before are not known; empty where they are, or there are none.
    pub(super) begins_anew: String,
}

/// One number over the nights.
pub(super) struct Chart {
    pub(super) label: &'static str,
    /// The class of its colours.
    pub(super) class: &'static str,
    /// Tonight's number.
    pub(super) value: String,
    /// What the number was when the line begins.
    pub(super) first: String,
    /// The highest number, where the line is highest.
    pub(super) most: String,
    /// The line, as the data of a path, in pieces where there was no census.
    pub(super) line: String,
    /// How far down tonight's number is, in percent.
    pub(super) last_y: String,
}

/// A part of the width, in percent.
pub(super) struct Span {
    pub(super) left: String,
    pub(super) width: String,
}

/// A night.
pub(super) struct Row {
    pub(super) date: String,
    pub(super) flagged: String,
    pub(super) cost: String,
    pub(super) keys: String,
    /// `none`, or how many.
    pub(super) gaps: String,
    pub(super) is_complete: bool,
    pub(super) threshold: String,
}

impl Trend {
    pub(super) fn of(report: &Report) -> Self {
        let nights = report.trend.of_days(DAYS_SHOWN, report.scan_date);
        let first = nights.first().map_or(report.scan_date, |night| night.date);
        let scale = Scale::of(first, report.scan_date);
        let anew = report.summary.previous.trend_anew;
        Self {
            charts: match nights.len() {
                0 | 1 => Vec::new(),
                _ => vec![
                    chart(
                        nights,
                        &scale,
                        "Flagged keys",
                        "flagged",
                        |n| n.flagged,
                        grouped,
                    ),
                    chart(
                        nights,
                        &scale,
                        "Their cost, USD a month",
                        "flagged",
                        |n| n.flagged_cents,
                        dollars,
                    ),
                    chart(
                        nights,
                        &scale,
                        "Gaps in coverage",
                        "missing",
                        |n| n.gaps,
                        grouped,
                    ),
                ],
            },
            from: first.to_string(),
            to: report.scan_date.to_string(),
            incomplete: nights
                .iter()
                .filter(|night| night.gaps > 0)
                .map(|night| scale.span(night.date))
                .collect(),
            notes: notes(nights),
            rows: nights.iter().rev().map(row).collect(),
            begins_anew: anew.map(|why| why.to_string()).unwrap_or_default(),
        }
    }
}

/// Where dates are between the left and the right edge.
struct Scale {
    first: Date,
    days: u64,
}

impl Scale {
    fn of(first: Date, last: Date) -> Self {
        Self {
            first,
            days: u64::from(days_between(first, last).unsigned_abs()).max(1),
        }
    }

    fn day(&self, date: Date) -> u64 {
        days_between(self.first, date).unsigned_abs().into()
    }

    /// As wide as a day, with the date in its middle; half as wide at the edges.
    fn span(&self, date: Date) -> Span {
        let halves = 2 * self.days;
        let middle = 2 * self.day(date);
        let (left, right) = (middle.saturating_sub(1), (middle + 1).min(halves));
        Span {
            left: percent(left, halves),
            width: percent(right - left, halves),
        }
    }
}

fn chart(
    nights: &[Night],
    scale: &Scale,
    label: &'static str,
    class: &'static str,
    number: fn(&Night) -> u64,
    text: fn(u64) -> String,
) -> Chart {
    let most = nights.iter().map(number).max().unwrap_or(0);
    let down = |night: &Night| {
        let up = u128::from(number(night)) * u128::from(TALL) / u128::from(most.max(1));
        TALL.saturating_sub(up as u64)
    };
    let mut line = String::new();
    let mut before: Option<&Night> = None;
    for night in nights {
        let is_next = before.is_some_and(|before| days_between(before.date, night.date) == 1);
        let x = scale.day(night.date) * TALL / scale.days;
        let y = down(night);
        // A night without neighbours is a dot: a line to where it is.
        match is_next {
            true => line.push_str(&format!("L{x} {y}")),
            false => line.push_str(&format!("M{x} {y}h0")),
        }
        before = Some(night);
    }
    let of = |night: Option<&Night>| night.map(|night| text(number(night))).unwrap_or_default();
    Chart {
        label,
        class,
        value: of(nights.last()),
        first: of(nights.first()),
        most: text(most),
        line,
        last_y: percent(nights.last().map_or(0, down), TALL),
    }
}

/// From when on keys were flagged after another time, or other kinds were read.
fn notes(nights: &[Night]) -> Vec<String> {
    let pairs = nights.windows(2);
    let notes = pairs.flat_map(|pair| {
        let [before, night] = pair else {
            return [None, None];
        };
        let date = night.date;
        let (earlier, later) = (before.stale_after_days, night.stale_after_days);
        let threshold = (earlier != later).then(|| {
            let (earlier, later) = (days(earlier.into()), days(later.into()));
            format!("From {date} on, unused means for {later} or more, not {earlier}.")
        });
        let kinds = |night: &Night| night.kinds.map(|kind| kind.is_some());
        let is_other = kinds(before) != kinds(night);
        let kinds = is_other.then(|| format!("From {date} on, other kinds of key were read."));
        [threshold, kinds]
    });
    notes.flatten().collect()
}

fn row(night: &Night) -> Row {
    Row {
        date: night.date.to_string(),
        flagged: grouped(night.flagged),
        cost: dollars(night.flagged_cents),
        keys: grouped(night.keys),
        gaps: match night.gaps {
            0 => "none".to_owned(),
            n => grouped(n),
        },
        is_complete: night.gaps == 0,
        threshold: days(night.stale_after_days.into()),
    }
}

#[cfg(test)]
mod tests;
