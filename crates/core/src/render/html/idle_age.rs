//! How long ago the keys were last used: a histogram of all keys that were read.

use super::words::{grouped, percent};
use crate::judge::{findings::IdleCounts, report::Report};

/// Where columns begin, in idle days, beside the threshold.
const EDGES: [i64; 9] = [0, 1, 7, 30, 60, 90, 180, 365, 730];
/// The height of the tallest column, in CSS pixels.
const TALLEST: u64 = 132;
/// Where columns stand.
const GROUND: u64 = 160;

/// A histogram, with where its SVG draws it.
pub(super) struct Histogram {
    pub(super) columns: Vec<Column>,
    /// Where the line of the threshold stands, in percent of the width.
    pub(super) threshold_at: String,
    /// Keys in it.
    pub(super) keys: u64,
    pub(super) ground: u64,
}

/// The keys of one span of idle days.
pub(super) struct Column {
    /// `30 to 59`.
    pub(super) span: String,
    /// Its first idle day.
    pub(super) from: i64,
    pub(super) used: u64,
    pub(super) exempt: u64,
    pub(super) flagged: u64,
    /// Its place, in percent of the width: left edge, left edge of the bar,
    /// width of the bar, middle.
    pub(super) left: String,
    pub(super) bar_left: String,
    pub(super) bar_width: String,
    pub(super) middle: String,
    /// One bar stands on another.
    pub(super) bars: Vec<Bar>,
    /// The number above the bars.
    pub(super) label: String,
    pub(super) label_y: u64,
}

/// One bar, in CSS pixels.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) y: u64,
    pub(super) height: u64,
}

impl Histogram {
    pub(super) fn of(report: &Report) -> Self {
        let threshold = i64::from(report.summary.stale_after_days);
        let edges = edges(threshold);
        let mut counts = vec![IdleCounts::default(); edges.len()];
        for (idle_days, keys) in &report.findings.idle_age {
            let column = edges
                .partition_point(|edge| edge <= idle_days)
                .saturating_sub(1);
            let counts = &mut counts[column];
            counts.flagged += keys.flagged;
            counts.exempt += keys.exempt;
            counts.used += keys.used;
        }
        let most = counts.iter().map(IdleCounts::all).max().unwrap_or(0);
        let width = edges.len() as u64;
        let threshold_column = edges.partition_point(|edge| *edge < threshold) as u64;
        Self {
            keys: counts.iter().map(IdleCounts::all).sum(),
            columns: counts
                .iter()
                .enumerate()
                .map(|(n, counts)| {
                    let span = span(edges[n], edges.get(n + 1).copied());
                    column(n as u64, width, span, edges[n], counts, most)
                })
                .collect(),
            threshold_at: percent(threshold_column, width),
            ground: GROUND,
        }
    }
}

/// Where columns begin: the threshold is one of the places, and no other is so
/// close to it that a column would be much narrower than its neighbours.
fn edges(threshold: i64) -> Vec<i64> {
    let mut edges: Vec<i64> = EDGES
        .into_iter()
        .filter(|edge| *edge == 0 || (edge - threshold).abs() > threshold / 8)
        .collect();
    edges.push(threshold);
    edges.sort_unstable();
    edges
}

fn span(from: i64, next: Option<i64>) -> String {
    match next {
        Some(next) if next - from == 1 => from.to_string(),
        Some(next) => format!("{from} to {}", next - 1),
        None => format!("{from} or more"),
    }
}

fn column(n: u64, width: u64, span: String, from: i64, counts: &IdleCounts, most: u64) -> Column {
    let mut bars = Vec::new();
    let mut top = GROUND;
    for (class, count) in [
        ("used", counts.used),
        ("flagged", counts.flagged),
        ("exempt", counts.exempt),
    ] {
        if count > 0 {
            // One key among thousands still shows.
            let height = (count * TALLEST / most.max(1)).max(2);
            top = top.saturating_sub(height);
            bars.push(Bar {
                class,
                y: top,
                height,
            });
        }
    }
    let tenths = width * 10;
    Column {
        span,
        from,
        used: counts.used,
        exempt: counts.exempt,
        flagged: counts.flagged,
        left: percent(n, width),
        bar_left: percent(n * 10 + 1, tenths),
        bar_width: percent(8, tenths),
        middle: percent(n * 10 + 5, tenths),
        bars,
        label: label(counts.all()),
        label_y: top.saturating_sub(6),
    }
}

/// Short enough for a column on a phone: `12.3k`.
fn label(count: u64) -> String {
    match count {
        0 => String::new(),
        1..10_000 => grouped(count),
        10_000..1_000_000 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{edges, label, span};

    #[test]
    fn the_threshold_is_where_a_column_begins() {
        for (threshold, expected) in [
            (90, "0 1 7 30 60 90 180 365 730"),
            (100, "0 1 7 30 60 100 180 365 730"),
            (1, "0 1 7 30 60 90 180 365 730"),
            (120, "0 1 7 30 60 90 120 180 365 730"),
            (3_650, "0 1 7 30 60 90 180 365 730 3650"),
        ] {
            let edges: Vec<String> = edges(threshold).iter().map(i64::to_string).collect();
            assert_eq!(edges.join(" "), expected);
        }
    }

    #[test]
    fn columns_are_named_after_their_days() {
        assert_eq!(span(0, Some(1)), "0");
        assert_eq!(span(30, Some(60)), "30 to 59");
        assert_eq!(span(730, None), "730 or more");
    }

    #[test]
    fn labels_are_short() {
        for (count, expected) in [
            (0, ""),
            (9_999, "9,999"),
            (12_345, "12.3k"),
            (1_250_000, "1.2M"),
        ] {
            assert_eq!(label(count), expected);
        }
    }
}
