//! A report read back from the files that a run wrote, account by account.
//!
//! All that the digest and the page are made from is in the files, so a report that is read back
//! gives the same bytes as the one that was written. Files of different runs, and cut files, are an
//! error: `summary.json` has the SHA-256 of the others, and the numbers that they must come to.

use std::io::Read;

use crate::{
    files::{damage::Damage, stored_report::accounts::StoredAccounts, trend_csv},
    judge::{changes::ComparedWith, findings::Findings, report::Report, summary::RunFacts},
    model::{layout::ReportFile, manifest::FileFacts},
};

pub mod accounts;
mod summary;

use summary::StoredSummary;

/// The files that a report is read back from; the page is made from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFiles<File> {
    /// One row for each key.
    pub keys_csv: File,
    /// One row for each cell.
    pub coverage_csv: File,
    /// One row for each key that differs.
    pub changes_csv: File,
    /// One row for each unseen key.
    pub unseen_csv: File,
    /// One row for each night; `None` where an earlier version wrote the report.
    pub trend_csv: Option<File>,
    /// The run in numbers.
    pub summary_json: Vec<u8>,
}

/// A file that can be read as often as is needed.
pub trait StoredFile {
    /// What reads it.
    type Reader<'a>: Read
    where
        Self: 'a;

    /// Its hash and its size.
    fn facts(&self) -> FileFacts;

    /// Reads it from its beginning.
    fn reader(&self) -> Self::Reader<'_>;
}

impl StoredFile for Vec<u8> {
    type Reader<'a> = &'a [u8];

    fn facts(&self) -> FileFacts {
        FileFacts::of(self)
    }

    fn reader(&self) -> &[u8] {
        self
    }
}

/// A report whose files are those that its summary names.
#[derive(Debug)]
pub struct StoredReport<File> {
    /// The files.
    pub files: StoredFiles<File>,
    summary: StoredSummary,
}

impl<File: StoredFile> StoredReport<File> {
    /// Reads the summary.
    ///
    /// # Errors
    /// It is not as this version writes it, or names other files.
    pub fn open(mut files: StoredFiles<File>) -> Result<Self, Damage> {
        let summary = StoredSummary::read(&files.summary_json)?;
        // It is of another run, which a later version made.
        files.trend_csv = files.trend_csv.filter(|_| summary.has_trend());
        summary.check_files(&files)?;
        Ok(Self { files, summary })
    }

    /// The run and the settings of its verdicts.
    #[must_use]
    pub fn run(&self) -> &RunFacts {
        &self.summary.run
    }

    /// What the run was compared with.
    #[must_use]
    pub fn compared_with(&self) -> ComparedWith {
        self.summary.compared_with
    }

    /// Every account, in the order of their IDs; the organization itself comes first. What they come to
    /// is yet to be checked, by [`StoredReport::report`].
    ///
    /// # Errors
    /// A file lacks a column.
    pub fn accounts(&self) -> Result<StoredAccounts<File::Reader<'_>>, Damage> {
        StoredAccounts::open(&self.files, self.summary.run.now)
    }

    /// The report whose accounts have these findings.
    ///
    /// # Errors
    /// The accounts do not come to the numbers of the summary or the trend: a file is cut, or of another
    /// run.
    pub fn report(&self, findings: Findings) -> Result<Report, Damage> {
        let mut report = Report::new(&self.summary.run, findings);
        self.summary.check(&report.summary)?;
        self.summary.complete(&mut report.summary);
        let Some(stored) = &self.files.trend_csv else {
            return Ok(report);
        };
        let trend = trend_csv::read(stored.reader())?;
        let night = report.scan_date;
        if trend.night(night) != report.trend.night(night) {
            let problem = format!("its row of {night} is not what the other files come to");
            return Err(Damage::of(ReportFile::TrendCsv, problem));
        }
        Ok(report.after(trend))
    }
}

#[cfg(test)]
mod tests;
