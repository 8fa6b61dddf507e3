//! The files of a report, as they are written.

use crate::{
    files::{changes_csv, coverage_csv, keys_csv, unseen_csv},
    judge::report::Report,
    model::{
        layout::ReportFile,
        manifest::{FileFacts, Manifest},
    },
    render::html,
};

impl Report {
    /// The bytes of one of the report's files.
    #[must_use]
    pub fn file(&self, file: ReportFile) -> Vec<u8> {
        self.pieces(file).collect::<Vec<_>>().concat()
    }

    /// The bytes of one of the report's files, piece by piece.
    pub fn pieces(&self, file: ReportFile) -> impl Iterator<Item = Vec<u8>> {
        (0..).map_while(move |piece| self.piece(file, piece))
    }

    /// A piece of one of the report's files, counted from 0; `None` where there are no more. Only
    /// `keys.csv`, which would take half as much memory as all keys, is in more than one.
    #[must_use]
    pub fn piece(&self, file: ReportFile, piece: usize) -> Option<Vec<u8>> {
        let scan_date = self.scan_date.to_string();
        Some(match (file, piece) {
            (ReportFile::KeysCsv, _) => keys_csv::piece(&self.keys, self.now, piece)?,
            (_, 1..) => return None,
            (ReportFile::CoverageCsv, 0) => coverage_csv::to_csv(&self.coverage, &scan_date),
            (ReportFile::ChangesCsv, 0) => {
                changes_csv::to_csv(&self.keys, &self.changes, &scan_date)
            }
            (ReportFile::UnseenCsv, 0) => unseen_csv::to_csv(&self.changes.unseen),
            (ReportFile::ReportHtml, 0) => html::page(self).into_bytes(),
            (ReportFile::SummaryJson, 0) => self.summary.to_json(),
        })
    }

    /// Names the report's files in its summary. Nothing of the report may change after that.
    pub fn name_files(&mut self) {
        let named = ReportFile::ALL
            .into_iter()
            .filter(|file| *file != ReportFile::SummaryJson);
        self.summary.files = named
            .map(|file| (file.name().to_owned(), FileFacts::of(self.pieces(file))))
            .collect();
    }
}

impl Manifest {
    /// The manifest of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            run_id: report.summary.run_id.clone(),
            scanned_at: report.now,
            files: report.summary.files.clone(),
        }
    }
}
