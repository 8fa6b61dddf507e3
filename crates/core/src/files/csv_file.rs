//! The CSV files of a report, written account by account: they are all sorted by account.

use jiff::Timestamp;

use crate::{
    files::{changes_csv, coverage_csv, csv_text, keys_csv, unseen_csv},
    judge::judged_account::JudgedAccount,
    model::{layout::ReportFile, time::utc_date},
};

/// One of the CSV files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsvFile {
    /// One row a key.
    Keys,
    /// One row a cell, plus one for every account not entered.
    Coverage,
    /// One row for each key that differs from the last run.
    Changes,
    /// The keys of earlier reports whose cells were not listed.
    Unseen,
}

impl CsvFile {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Coverage, Self::Changes, Self::Unseen, Self::Keys];

    /// The CSV file that a file of a report is; `None` where it is none.
    #[must_use]
    pub fn of(file: ReportFile) -> Option<Self> {
        Self::ALL.into_iter().find(|csv| csv.file() == file)
    }

    /// Which file of a report it is.
    #[must_use]
    pub fn file(self) -> ReportFile {
        match self {
            Self::Keys => ReportFile::KeysCsv,
            Self::Coverage => ReportFile::CoverageCsv,
            Self::Changes => ReportFile::ChangesCsv,
            Self::Unseen => ReportFile::UnseenCsv,
        }
    }

    /// The first line.
    #[must_use]
    pub fn header(self) -> Vec<u8> {
        match self {
            Self::Keys => csv_text::lines([keys_csv::COLUMNS]),
            Self::Coverage => csv_text::lines([coverage_csv::COLUMNS]),
            Self::Changes => csv_text::lines([changes_csv::COLUMNS]),
            Self::Unseen => csv_text::lines([unseen_csv::COLUMNS]),
        }
    }

    /// The lines of an account in a report of `now`. The organization itself comes first, and then
    /// the accounts in the order of their IDs.
    #[must_use]
    pub fn rows(self, account: &JudgedAccount, now: Timestamp) -> Vec<u8> {
        match self {
            Self::Keys => keys_csv::rows(&account.keys, now),
            Self::Coverage => coverage_csv::rows(&account.coverage, &utc_date(now)),
            Self::Changes => changes_csv::rows(account, &utc_date(now)),
            Self::Unseen => unseen_csv::rows(&account.unseen),
        }
    }
}
