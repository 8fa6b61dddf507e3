//! The files of a report.

use crate::{
    files::{csv_file::CsvFile, trend_csv},
    judge::{report::Report, whole_report::WholeReport},
    model::{
        layout::ReportFile,
        manifest::{Manifest, ReadSettings},
    },
    render::html,
};

impl WholeReport {
    /// The bytes of one of the report's files.
    #[must_use]
    pub fn file(&self, file: ReportFile) -> Vec<u8> {
        match CsvFile::of(file) {
            Some(csv) => {
                let rows = self
                    .accounts
                    .iter()
                    .map(|account| csv.rows(account, self.now));
                [csv.header()].into_iter().chain(rows).flatten().collect()
            }
            None if file == ReportFile::ReportHtml => html::page(self).into_bytes(),
            None if file == ReportFile::TrendCsv => trend_csv::write(&self.trend),
            None => self.summary.to_json(),
        }
    }
}

impl Manifest {
    /// The manifest of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            run_id: report.summary.run_id.clone(),
            scanned_at: report.now,
            settings: Some(ReadSettings {
                stale_after_days: report.summary.stale_after_days,
                exempt_tag: report.summary.exempt_tag.clone(),
                owner_tags: report.summary.owner_tags.clone(),
            }),
            files: report.summary.files.clone(),
        }
    }
}
