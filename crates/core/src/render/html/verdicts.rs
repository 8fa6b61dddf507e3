//! How to read the verdicts.

use super::words::{grouped, words};
use crate::judge::{report::Report, verdict::Verdict};

/// One verdict with its meaning.
pub(super) struct VerdictRow {
    pub(super) label: String,
    /// The word for it in the files.
    pub(super) word: &'static str,
    pub(super) meaning: String,
    pub(super) can_be_flagged: bool,
    pub(super) count: String,
}

pub(super) fn verdicts(report: &Report) -> Vec<VerdictRow> {
    let summary = &report.summary;
    let row = |verdict: Verdict| VerdictRow {
        label: words(verdict.as_str()).replace("aws", "AWS"),
        word: verdict.as_str(),
        meaning: meaning(verdict, summary.stale_after_days),
        can_be_flagged: verdict.means_unused(),
        count: grouped(
            summary
                .keys
                .by_verdict
                .get(verdict.as_str())
                .copied()
                .unwrap_or(0),
        ),
    };
    // Those that a reader of the page meets first.
    let mut verdicts = Verdict::ALL;
    verdicts.sort_by_key(|verdict| !verdict.means_unused());
    verdicts.map(row).into()
}

fn meaning(verdict: Verdict, stale_after_days: u32) -> String {
    let days = stale_after_days;
    match verdict {
        Verdict::NotRecorded => "AWS does not record its use; it is listed for its age and expiry.".to_owned(),
        Verdict::AwsManaged => "AWS manages the key or secret.".to_owned(),
        Verdict::PendingDeletion => "AWS will delete the key when its waiting time ends.".to_owned(),
        Verdict::Unreadable => {
            "Its usage could not be read; keys.csv says which call failed and why. It may be in use."
                .to_owned()
        }
        Verdict::InUse => format!("A use is recorded, less than {days} days ago."),
        Verdict::Stale => format!("A use is recorded, {days} days ago or more."),
        Verdict::NeverUsed => format!(
            "No use is recorded, AWS has tracked the key since it was created, and that is {days} days ago or more."
        ),
        Verdict::UnusedSinceTracking => format!(
            "No use is recorded for {days} days or more, but the key is older than AWS's records: an earlier use cannot be excluded."
        ),
        Verdict::Undecided => format!(
            "No use is recorded, and the key was created, or tracking began, less than {days} days ago: too early to say."
        ),
    }
}
