//! The section that counts all keys by verdict.

use super::{
    page::Page,
    wording::{counted, grouped},
};
use crate::judge::{guard_counts::GuardCounts, report::Report, verdict::Verdict};

pub(super) fn all_keys(page: &mut Page, report: &Report) {
    let keys = &report.summary.keys;
    let count = |verdict: Verdict| keys.by_verdict.get(verdict.as_str()).copied().unwrap_or(0);
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
        ("whose use AWS does not record", count(Verdict::NotRecorded)),
        ("could not be read", count(Verdict::Unreadable)),
        ("exempt by tag", report.findings.exempt),
    ] {
        if n > 0 {
            page.line(&format!("- {} {what}", grouped(n)));
        }
    }
    if let Some(guard) = report.findings.guards() {
        page.line(&guard_text(guard));
    }
}

fn guard_text(counts: GuardCounts) -> String {
    let keys = counted(
        counts.all(),
        "customer managed KMS key",
        "customer managed KMS keys",
    );
    let mut text = format!(
        "Key policies let {} of {keys} be disabled and deleted soon after a use",
        grouped(counts.unguarded)
    );
    for (n, what) in [
        (counts.partial, "guarded in part"),
        (counts.not_read, "not read"),
    ] {
        if n > 0 {
            text.push_str(&format!("; {} {what}", grouped(n)));
        }
    }
    format!("{text}.")
}
