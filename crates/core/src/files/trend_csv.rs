//! `trend.csv`: one row a night, the first first.

use std::io::Read;

use crate::{
    files::{
        csv_text,
        damage::Damage,
        table::{Columns, Row, Table},
    },
    judge::{
        price::{cents, dollars},
        trend::{KindNight, Night, Trend},
    },
    model::{layout::ReportFile, reading::KeyKind},
};

/// The columns of `trend.csv`.
pub const COLUMNS: [&str; 18] = [
    "date",
    "keys",
    "flagged",
    "monthly_cost_usd_flagged",
    "gaps",
    "kms_key",
    "kms_key_flagged",
    "iam_access_key",
    "iam_access_key_flagged",
    "root_access_key",
    "root_access_key_flagged",
    "iam_password",
    "iam_password_flagged",
    "root_password",
    "secret",
    "secret_flagged",
    "service_credential",
    "stale_after_days",
];

/// The columns without which a file is of another version.
const NEEDED: Columns = &[
    "date",
    "keys",
    "flagged",
    "monthly_cost_usd_flagged",
    "gaps",
    "stale_after_days",
];

/// What the name of a column of flagged keys ends with, after the kind's word.
const FLAGGED: &str = "_flagged";

/// The columns of a kind: its keys, by its word, and those of them that are flagged; `None` where
/// it is never flagged.
fn columns_of(kind: KeyKind) -> (&'static str, Option<&'static str>) {
    let mut columns = COLUMNS.into_iter();
    let flagged = columns.find(|column| column.strip_suffix(FLAGGED) == Some(kind.as_str()));
    (kind.as_str(), flagged)
}

/// The file.
#[must_use]
pub fn write(trend: &Trend) -> Vec<u8> {
    let rows = csv_text::lines(trend.nights().iter().map(record));
    [csv_text::lines([COLUMNS]), rows].concat()
}

fn record(night: &Night) -> [String; COLUMNS.len()] {
    COLUMNS.map(|column| match column {
        "date" => night.date.to_string(),
        "keys" => night.keys.to_string(),
        "flagged" => night.flagged.to_string(),
        "monthly_cost_usd_flagged" => dollars(night.flagged_cents),
        "gaps" => night.gaps.to_string(),
        "stale_after_days" => night.stale_after_days.to_string(),
        of_kind => csv_text::optional(number_of_kind(night, of_kind)),
    })
}

/// The number in a column of a kind; `None`: it is not known.
fn number_of_kind(night: &Night, column: &str) -> Option<u64> {
    let mut kinds = KeyKind::ALL.into_iter().zip(night.kinds);
    kinds.find_map(|(kind, of_kind)| match columns_of(kind) {
        (keys, _) if keys == column => Some(of_kind?.keys),
        (_, Some(flagged)) if flagged == column => Some(of_kind?.flagged),
        _ => None,
    })
}

/// The trend of a file.
///
/// # Errors
/// The file is not as this version writes it, or has a night twice.
pub fn read(csv: impl Read) -> Result<Trend, Damage> {
    let mut table = Table::open(ReportFile::TrendCsv, csv, &COLUMNS, NEEDED)?;
    let mut trend = Trend::default();
    while let Some(nights) = table.next_rows(|row| Ok((night(row)?, row.damage(String::new()))))? {
        for (night, damage) in nights {
            let date = night.date;
            if trend.night(date).is_some() {
                let problem = format!("there are two rows of {date}: the file was changed since");
                return Err(Damage { problem, ..damage });
            }
            trend = trend.with(night);
        }
    }
    Ok(trend)
}

fn night(row: Row<'_>) -> Result<Night, Damage> {
    let number = |column| {
        let cell = row.cell(column);
        cell.number()?.ok_or_else(|| cell.damage("a whole number"))
    };
    let mut kinds = [None; KeyKind::ALL.len()];
    for (slot, kind) in kinds.iter_mut().zip(KeyKind::ALL) {
        *slot = kind_night(row, kind)?;
    }
    let date = row.cell("date");
    Ok(Night {
        date: date.date()?.ok_or_else(|| date.damage("a date"))?,
        keys: number("keys")?,
        flagged: number("flagged")?,
        flagged_cents: row
            .cell("monthly_cost_usd_flagged")
            .parsed(cents, "US dollars with two decimals")?,
        gaps: number("gaps")?,
        kinds,
        stale_after_days: row
            .cell("stale_after_days")
            .parsed(|text| text.parse().ok(), "a whole number")?,
    })
}

fn kind_night(row: Row<'_>, kind: KeyKind) -> Result<Option<KindNight>, Damage> {
    let (keys, flagged) = columns_of(kind);
    let flagged = flagged
        .map(|column| row.cell(column).number())
        .transpose()?;
    let keys = row.cell(keys).number()?;
    Ok(keys.map(|keys| KindNight {
        keys,
        flagged: flagged.flatten().unwrap_or(0),
    }))
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, NEEDED, read, write};
    use crate::{
        examples::night,
        judge::trend::{KindNight, Trend},
        model::reading::KeyKind,
    };

    fn trend() -> Trend {
        let mut first = night("2026-11-20", 3);
        first.gaps = 2;
        first.kinds[0] = Some(KindNight {
            keys: 40,
            flagged: 3,
        });
        Trend::default().with(first).with(night("2026-11-21", 2))
    }

    #[test]
    fn a_night_is_a_row_and_what_was_not_asked_for_is_empty() {
        let written = String::from_utf8(write(&trend())).unwrap();
        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines[0], COLUMNS.join(","));
        assert_eq!(lines[1], "2026-11-20,40,3,3.00,2,40,3,,,,,,,,,,,90");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn each_kind_has_a_column_and_one_of_its_flagged_keys_where_it_can_be_flagged() {
        let columns = KeyKind::ALL.into_iter().flat_map(|kind| {
            let flagged = format!("{}_flagged", kind.as_str());
            let flagged = kind.can_be_flagged().then_some(flagged);
            [kind.as_str().to_owned()].into_iter().chain(flagged)
        });
        let of_kinds = COLUMNS
            .into_iter()
            .filter(|column| !NEEDED.contains(column));
        assert!(columns.eq(of_kinds), "{COLUMNS:?}");
    }

    #[test]
    fn what_was_written_is_read_back() {
        let trend = trend();
        assert_eq!(read(&*write(&trend)), Ok(trend));
    }

    #[test]
    fn columns_of_kinds_that_an_earlier_version_did_not_know_are_not_known() {
        let csv = "date,keys,flagged,monthly_cost_usd_flagged,gaps,stale_after_days,kms_key,kms_key_flagged\n\
                   2026-11-20,40,3,3.00,2,90,40,3\n";
        let read = read(csv.as_bytes()).unwrap();
        assert_eq!(read.nights()[0], trend().nights()[0]);
    }

    #[test]
    fn what_is_damaged_is_refused_with_its_line() {
        let written = String::from_utf8(write(&trend())).unwrap();
        for (from, to, expected) in [
            (
                "2026-11-21",
                "2026-11-20",
                "trend.csv, line 3: there are two rows of 2026-11-20: the file was changed since",
            ),
            (
                "2026-11-21,",
                "yesterday,",
                "trend.csv, line 3: date is \"yesterday\": it should be a date such as 2026-11-21",
            ),
            (
                ",3,3.00,",
                ",,3.00,",
                "trend.csv, line 2: flagged is empty: it should be a whole number",
            ),
            (
                ",gaps,",
                ",holes,",
                "trend.csv: there is no column gaps: an earlier version of Keycensus wrote the file, or something else did",
            ),
        ] {
            let damaged = written.replacen(from, to, 1);
            assert_ne!(damaged, written);
            let damage = read(damaged.as_bytes()).unwrap_err();
            assert_eq!(damage.to_string(), expected);
        }
    }
}
