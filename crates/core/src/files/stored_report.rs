//! A report read back from the files that a run wrote.
//!
//! All that the digest and the page are made from is in the files, so a report that
//! is read back gives the same bytes as the one that was written. Files that do not
//! belong together or are cut do not pass for a report: `summary.json` names the others
//! by their SHA-256, and counts what they must have.

use crate::{
    judge::{changes::Changes, judged_key, report::Report, summary::Summary},
    model::time::date,
};

mod changes;
mod coverage;
mod damage;
mod keys;
mod summary;
mod table;

pub use damage::Damage;

/// The files that a report is read back from; the page is made from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiles {
    /// One row a key.
    pub keys_csv: Vec<u8>,
    /// One row a cell.
    pub coverage_csv: Vec<u8>,
    /// One row a difference.
    pub changes_csv: Vec<u8>,
    /// One row a key that nobody could look for.
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
    let told = changes::read(&files.changes_csv, day)?;
    let mut keys = keys::read(&files.keys_csv, now, &told.previous)?;
    judged_key::sort(&mut keys);
    let coverage = coverage::read(&files.coverage_csv, day)?;
    let changes = Changes {
        compared_with: stored.compared_with,
        gone: told.gone,
        unseen: changes::read_unseen(&files.unseen_csv)?,
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
