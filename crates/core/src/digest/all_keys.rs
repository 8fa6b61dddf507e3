//! The section that counts all keys by what is said of them.

use super::{page::Page, wording::grouped};
use crate::{report::Report, verdict::Verdict};

pub(super) fn all_keys(page: &mut Page, report: &Report) {
    let keys = &report.summary.keys;
    let count = |verdict: Verdict| keys.by_verdict.get(verdict.as_str()).copied().unwrap_or(0);
    let exempt = report
        .keys
        .iter()
        .filter(|k| k.key.exemption.is_some())
        .count();
    page.heading(&format!("ALL KEYS: {}", grouped(keys.total)));
    for (what, n) in [
        ("unused and flagged", keys.flagged),
        ("in use", count(Verdict::InUse)),
        (
            "too young or tracked too briefly to say",
            count(Verdict::Undecided),
        ),
        ("pending deletion", count(Verdict::PendingDeletion)),
        ("managed by AWS", count(Verdict::AwsManaged)),
        ("could not be read", count(Verdict::Unreadable)),
        ("exempt by tag", exempt as u64),
    ] {
        if n > 0 {
            page.line(&format!("- {} {what}", grouped(n)));
        }
    }
}
