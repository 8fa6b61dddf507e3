//! The files of a report, as they are written.

use crate::{
    files::csv_file::CsvFile,
    judge::{report::Report, whole_report::WholeReport},
    model::{
        layout::ReportFile,
        manifest::{FileFacts, Manifest},
    },
    render::html,
};

impl WholeReport {
    /// The bytes of one of the report's files.
    #[must_use]
    pub fn file(&self, file: ReportFile) -> Vec<u8> {
        self.pieces(file).collect::<Vec<_>>().concat()
    }

    /// The bytes of one of the report's files, piece by piece.
    pub fn pieces(&self, file: ReportFile) -> impl Iterator<Item = Vec<u8>> {
        (0..).map_while(move |piece| self.piece(file, piece))
    }

    /// A piece of one of the report's files, counted from 0; `None` where there are no more. A CSV
    /// file has one for its header and one for each account, which can be empty.
    #[must_use]
    pub fn piece(&self, file: ReportFile, piece: usize) -> Option<Vec<u8>> {
        match (CsvFile::of(file), piece) {
            (Some(csv), 0) => Some(csv.header()),
            (Some(csv), _) => Some(csv.rows(self.accounts.get(piece - 1)?, self.now)),
            (None, 0) if file == ReportFile::ReportHtml => Some(html::page(self).into_bytes()),
            (None, 0) => Some(self.summary.to_json()),
            (None, _) => None,
        }
    }

    /// Names the report's files in its summary. Nothing of the report may change after that.
    pub fn name_files(&mut self) {
        let named = ReportFile::ALL
            .into_iter()
            .filter(|file| *file != ReportFile::SummaryJson);
        self.report.summary.files = named
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
