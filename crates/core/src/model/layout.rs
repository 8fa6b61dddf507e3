//! Where a run's files go, below the prefix or the folder.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::model::hex::hex;

/// The longest ID of an event that is written out in [`run_path`].
const EVENT_ID_BYTES: usize = 128;

/// The path of the object that records the progress of the run for an event. Every event has its
/// own path below `runs/`: an ID that is not a plain file name is replaced by its hash.
#[must_use]
pub fn run_path(event_id: &str) -> String {
    format!("runs/{}.json", plain_name(event_id))
}

/// The folder of what a run has read so far, with a slash at its end. Every run has its own.
#[must_use]
pub fn run_folder(run_id: &str) -> String {
    format!("runs/{}/", plain_name(run_id))
}

/// The plan of a run, in its folder.
pub const PLAN: &str = "plan.jsonl";

/// A part of what a run has read, in its folder: the `number`th that its `slice`th slice wrote, from
/// 0. Later parts have later names.
#[must_use]
pub fn part_name(slice: u32, number: u32) -> String {
    format!("parts/{slice:06}-{number:06}.jsonl")
}

/// The slice and the number of a part's name; `None` for other names.
#[must_use]
pub fn parse_part_name(name: &str) -> Option<(u32, u32)> {
    let name = name.strip_prefix("parts/")?.strip_suffix(".jsonl")?;
    let (slice, number) = name.split_once('-')?;
    Some((slice.parse().ok()?, number.parse().ok()?))
}

fn plain_name(id: &str) -> String {
    let is_plain = (1..=EVENT_ID_BYTES).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_plain {
        true => id.to_owned(),
        // No plain ID has an underscore.
        false => {
            let hash = hex(&Sha256::digest(id));
            format!("sha256_{hash}")
        }
    }
}

/// The path of the lease that runs hold while they write the report; it also carries data from each
/// run to the next. No event's path has such a name.
pub const REPORT_LEASE: &str = "runs/report_lease.json";

/// The path of the findings that are yet to be archived in Security Hub, which each run leaves to the next.
pub const FINDINGS_TO_ARCHIVE: &str = "runs/findings_to_archive.json";

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
    /// One row a night.
    TrendCsv,
    /// The run in numbers.
    SummaryJson,
}

impl ReportFile {
    /// Every file, in the order in which they are written: the summary last, because it names the
    /// others, and the keys next to it, because the next run compares itself with them. If a run
    /// fails halfway, its retry still finds the previous run's keys.
    pub const ALL: [Self; 7] = [
        Self::CoverageCsv,
        Self::ChangesCsv,
        Self::UnseenCsv,
        Self::ReportHtml,
        Self::TrendCsv,
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
            Self::TrendCsv => "trend.csv",
            Self::SummaryJson => "summary.json",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::KeysCsv
            | Self::CoverageCsv
            | Self::ChangesCsv
            | Self::UnseenCsv
            | Self::TrendCsv => "text/csv; charset=utf-8",
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
            Self::TrendCsv => "trend",
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

    use super::{REPORT_LEASE, parse_part_name, part_name, run_folder, run_path};
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
    fn a_run_has_a_folder_with_parts_that_are_sorted_by_slice() {
        assert_eq!(run_folder("c2b7e9d4-05f3"), "runs/c2b7e9d4-05f3/");
        assert!(run_folder("../a").starts_with("runs/sha256_"));
        assert_eq!(part_name(2, 11), "parts/000002-000011.jsonl");
        assert!(part_name(2, 11) < part_name(10, 0));
        assert_eq!(parse_part_name(&part_name(2, 11)), Some((2, 11)));
        for other in ["plan.jsonl", "parts/x.jsonl", "parts/1-2"] {
            assert_eq!(parse_part_name(other), None, "{other}");
        }
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
