//! The table of the nights of a trend.

use keycensus_core::judge::{price::dollars, trend::Night};

use crate::columns::{Side, Table, TableRow};

/// How many nights are printed: the last.
const NIGHTS_SHOWN: usize = 30;

const HEADINGS: [(&str, Side); 6] = [
    ("NIGHT", Side::Left),
    ("FLAGGED", Side::Right),
    ("USD A MONTH", Side::Right),
    ("KEYS", Side::Right),
    ("GAPS", Side::Right),
    ("UNUSED FROM", Side::Left),
];

/// The last nights, tonight last; no lines where none is known but tonight.
pub(crate) fn lines(nights: &[Night]) -> Vec<String> {
    if nights.len() < 2 {
        return Vec::new();
    }
    let left_out = nights.len().saturating_sub(NIGHTS_SHOWN);
    let shown = &nights[left_out..];
    let mut table = Table::new(HEADINGS);
    let rows: Vec<TableRow> = shown.iter().map(|night| table.row(&row(night))).collect();
    let title = match left_out {
        0 => format!("TREND: {} nights\n", shown.len()),
        n => format!(
            "TREND: the last {} nights; trend.csv has {n} more\n",
            shown.len()
        ),
    };
    let end = ["\n".to_owned()];
    [title]
        .into_iter()
        .chain(table.lines(rows.iter()))
        .chain(end)
        .collect()
}

fn row(night: &Night) -> [String; 6] {
    [
        night.date.to_string(),
        night.flagged.to_string(),
        dollars(night.flagged_cents),
        night.keys.to_string(),
        night.gaps.to_string(),
        format!("{} days", night.stale_after_days),
    ]
}

#[cfg(test)]
mod tests {
    use keycensus_core::judge::trend::Night;

    use super::lines;

    fn nights(count: u8) -> Vec<Night> {
        let nights = (1..=count).map(|n| Night {
            date: jiff::civil::date(2026, 8, 1).saturating_add(jiff::Span::new().days(n - 1)),
            keys: 40,
            flagged: n.into(),
            flagged_cents: 250,
            gaps: 0,
            kinds: Default::default(),
            stale_after_days: 90,
        });
        nights.collect()
    }

    #[test]
    fn one_night_is_no_trend_and_of_many_the_last_are_printed() {
        assert_eq!(lines(&nights(1)), [""; 0]);
        assert_eq!(
            lines(&nights(2)).concat(),
            "TREND: 2 nights\n\
             NIGHT       FLAGGED  USD A MONTH  KEYS  GAPS  UNUSED FROM\n\
             2026-08-01        1         2.50    40     0  90 days\n\
             2026-08-02        2         2.50    40     0  90 days\n\
             \n"
        );
        let printed = lines(&nights(33));
        assert_eq!(
            printed[0],
            "TREND: the last 30 nights; trend.csv has 3 more\n"
        );
        assert!(printed[2].starts_with("2026-08-04"), "{}", printed[2]);
    }
}
