use super::{Plan, make};
use crate::{
    files::{
        damage::Damage,
        keys_csv::{COLUMNS, KeyRows},
        table::Table,
    },
    judge::judged_key::JudgedKey,
    model::layout::ReportFile,
};

mod any_report;
mod decisions;
mod expected;
mod hostile;
mod refused;

/// A flagged KMS key, with no dependents; tests override its cells.
const USUAL: [(&str, &str); 20] = [
    ("scan_date", "2026-11-21"),
    ("account_id", "222222222222"),
    ("account_name", "payments-prod"),
    ("region", "eu-west-1"),
    ("kind", "kms_key"),
    ("key_id", "1234abcd-12ab-34cd-56ef-1234567890ab"),
    (
        "arn",
        "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
    ("name", "alias/psp-gateway-2019"),
    ("owner", "payments"),
    ("manager", "customer"),
    ("state", "Enabled"),
    ("last_used_at", "2026-05-23T11:30:00Z"),
    ("last_operation", "Decrypt"),
    ("idle_days", "182"),
    ("verdict", "stale"),
    ("flagged", "true"),
    ("exempt", "false"),
    ("recommendation", "disable_and_watch"),
    ("monthly_cost_usd", "1.00"),
    ("dependents_checked", "yes"),
];

/// An unused access key.
pub(super) const ACCESS_KEY: [(&str, &str); 11] = [
    ("kind", "iam_access_key"),
    ("region", "global"),
    ("key_id", "AKIAIOSFODNN7EXAMPLE"),
    ("name", "deploy-bot"),
    ("arn", "arn:aws:iam::222222222222:user/ci/deploy-bot"),
    ("state", "Active"),
    ("last_operation", ""),
    ("last_service", "s3"),
    ("recommendation", "deactivate"),
    ("monthly_cost_usd", "0.00"),
    ("dependents_checked", ""),
];

/// A `keys.csv` with a row for each of `rows`, the cells that differ from [`USUAL`].
pub(super) fn csv(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    csv_of_columns(&COLUMNS, rows)
}

fn csv_of_columns(columns: &[&str], rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for row in rows {
        let cell = |column: &&str| {
            let mut cells = row.iter().rev().chain(&USUAL);
            let found = cells.find(|(name, _)| name == column);
            found.map_or("", |(_, cell)| cell)
        };
        writer.write_record(columns.iter().map(cell)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The keys of a `keys.csv`.
pub(super) fn keys(csv: &[u8]) -> Result<Vec<JudgedKey>, Damage> {
    let mut table = Table::open(ReportFile::KeysCsv, csv, &COLUMNS, &COLUMNS)?;
    let mut night = KeyRows::default();
    let keys = table.next_rows(|row| night.read(row))?;
    Ok(keys.unwrap_or_default())
}

fn plan(rows: &[&[(&str, &str)]]) -> Plan {
    make(&*csv(rows)).unwrap()
}

/// The lines of a script that do something, with the marks of these steps removed.
fn commands(script: &str, marks: &[&str]) -> Vec<String> {
    script
        .lines()
        .map(|line| {
            let unmarked = marks.iter().find_map(|mark| line.strip_prefix(mark));
            unmarked.unwrap_or(line)
        })
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

const MARKS: [&str; 5] = ["#1# ", "#2# ", "#3# ", "#undo1# ", "#undo3# "];
