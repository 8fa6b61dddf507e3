//! Where a run's files go, below the prefix or the folder.

use jiff::civil::Date;

/// One of the files that a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFile {
    /// One row a key.
    KeysCsv,
    /// One row a cell, plus one for every account not entered.
    CoverageCsv,
    /// One row for each key that differs from the last run.
    ChangesCsv,
    /// The keys of earlier reports that nobody could look for.
    UnseenCsv,
    /// The page that people look at.
    ReportHtml,
    /// The run in numbers.
    SummaryJson,
}

impl ReportFile {
    /// Every file, in the order in which they are written: the summary last,
    /// because it names the others.
    pub const ALL: [Self; 6] = [
        Self::KeysCsv,
        Self::CoverageCsv,
        Self::ChangesCsv,
        Self::UnseenCsv,
        Self::ReportHtml,
        Self::SummaryJson,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeysCsv => "keys.csv",
            Self::CoverageCsv => "coverage.csv",
            Self::ChangesCsv => "changes.csv",
            Self::UnseenCsv => "unseen.csv",
            Self::ReportHtml => "report.html",
            Self::SummaryJson => "summary.json",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::KeysCsv | Self::CoverageCsv | Self::ChangesCsv | Self::UnseenCsv => {
                "text/csv; charset=utf-8"
            }
            Self::ReportHtml => "text/html; charset=utf-8",
            Self::SummaryJson => "application/json",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::KeysCsv => "keys",
            Self::CoverageCsv => "coverage",
            Self::ChangesCsv => "changes",
            Self::UnseenCsv => "unseen",
            Self::ReportHtml => "report",
            Self::SummaryJson => "summary",
        }
    }

    /// Its path of the day: `keys/date=2026-11-21/keys.csv`.
    #[must_use]
    pub fn dated_path(self, scan_date: Date) -> String {
        format!("{}/date={scan_date}/{}", self.folder(), self.name())
    }

    /// Its path among the latest files: `latest/keys.csv`.
    #[must_use]
    pub fn latest_path(self) -> String {
        format!("latest/{}", self.name())
    }
}
