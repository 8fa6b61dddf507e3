//! A report read back from the files that a run wrote.
//!
//! All that the digest and the page are made from is in the files, so a report that is read back
//! gives the same bytes as the one that was written. Files of different runs, and cut files, are an
//! error: `summary.json` has the SHA-256 of the others, and the numbers that they must come to.

use crate::{
    files::{changes_csv, coverage_csv, damage::Damage, keys_csv, unseen_csv},
    judge::{changes::Changes, report::Report, summary::Summary},
    model::time::{date, idle_days},
};

mod summary;

/// The files that a report is read back from; the page is made from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiles {
    /// One row for each key.
    pub keys_csv: Vec<u8>,
    /// One row for each cell.
    pub coverage_csv: Vec<u8>,
    /// One row for each key that differs.
    pub changes_csv: Vec<u8>,
    /// One row for each unseen key.
    pub unseen_csv: Vec<u8>,
    /// The run in numbers.
    pub summary_json: Vec<u8>,
}

/// Reads a report back.
///
/// # Errors
/// A file is not as this version writes it, or not of the same run as the others.
pub fn read(files: &StoredFiles) -> Result<Report, Damage> {
    let stored = summary::read(&files.summary_json)?;
    stored.check_files(files)?;
    let now = stored.run.now;
    let day = date(now);
    let stored_changes = changes_csv::read(&files.changes_csv, day)?;
    let stored_keys = keys_csv::read(&files.keys_csv)?;
    stored.check_day(stored_keys.scan_date)?;
    let mut keys = stored_keys.keys;
    for judged in &mut keys {
        judged.age_days = judged.key.created_at.map(|created| idle_days(created, now));
        // The credential report was generated for the run itself.
        if judged.key.credential_report_at == Some(now) {
            judged.key.credential_report_at = None;
        }
        stored_changes.complete(judged)?;
    }
    let coverage = coverage_csv::read(&files.coverage_csv, day)?;
    let changes = Changes {
        compared_with: stored.compared_with,
        gone: stored_changes.gone,
        unseen: unseen_csv::read(&files.unseen_csv)?,
    };
    let counted = Summary::of(&stored.run, &keys, &coverage, &changes);
    stored.check(&counted)?;
    Ok(Report {
        keys,
        coverage,
        changes,
        summary: stored.complete(counted),
        scan_date: day,
        now,
    })
}

#[cfg(test)]
mod tests;
