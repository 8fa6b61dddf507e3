//! Where a run's files go, below the prefix or the folder.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// The longest ID of an event that is written out in [`run_path`].
const EVENT_ID_BYTES: usize = 128;

/// The path of the object that records the progress of the run for an event. Every event has its
/// own path below `runs/`: an ID that is not a plain file name is replaced by its hash.
#[must_use]
pub fn run_path(event_id: &str) -> String {
    let is_plain = (1..=EVENT_ID_BYTES).contains(&event_id.len())
        && event_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_plain {
        true => format!("runs/{event_id}.json"),
        // No plain ID has an underscore.
        false => {
            let hash = Sha256::digest(event_id);
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("runs/sha256_{hex}.json")
        }
    }
}

/// The path of the lease that runs hold while they write the report; it also carries data from each
/// run to the next. No event's path has such a name.
pub const REPORT_LEASE: &str = "runs/report_lease.json";

/// One of the files that a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFile {
    /// One row a key.
    KeysCsv,
    /// One row a cell, plus one for every account not entered.
    CoverageCsv,
    /// One row for each key that differs from the last run.
    ChangesCsv,
    /// The keys of earlier reports whose cells were not listed.
    UnseenCsv,
    /// The HTML page.
    ReportHtml,
    /// The run in numbers.
    SummaryJson,
}

impl ReportFile {
    /// Every file, in the order in which they are written: the summary last, because it names the
    /// others, and the keys next to it, because the next run compares itself with them. If a run
    /// fails halfway, its retry still finds the previous run's keys.
    pub const ALL: [Self; 6] = [
        Self::CoverageCsv,
        Self::ChangesCsv,
        Self::UnseenCsv,
        Self::ReportHtml,
        Self::KeysCsv,
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{REPORT_LEASE, run_path};
    use crate::model::plain_text::hostile;

    #[test]
    fn an_events_id_is_a_file_name() {
        assert_eq!(run_path("c2b7e9d4-05f3"), "runs/c2b7e9d4-05f3.json");
        assert_eq!(
            run_path("../a b"),
            "runs/sha256_2c2c791a0618990cda10212193801a5c5e039efedb2385f3ba218151c64a50c2.json"
        );
    }

    #[test]
    fn no_events_id_leaves_the_folder_or_is_taken_for_another() {
        let mut ids = hostile::texts();
        ids.extend(["a b", "a_b", "a/b", "", ".", "..", "report_lease"].map(str::to_owned));
        ids.extend([&"x".repeat(129), &"x".repeat(130)].map(ToOwned::to_owned));
        let paths: HashSet<String> = ids.iter().map(|id| run_path(id)).collect();
        assert_eq!(paths.len(), ids.len());
        assert!(!paths.contains(REPORT_LEASE));
        for path in paths {
            let name = path.strip_prefix("runs/").unwrap();
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            assert!(name.bytes().all(is_plain) && !name.contains(".."), "{name}");
            assert!(name.len() < 160, "{name}");
        }
    }
}
