//! The closing table: what a census found, in a dozen lines.

use std::fmt::Write;

use keycensus_aws::run::Outcome;
use keycensus_core::judge::{price::dollars, verdict::Verdict};

pub(crate) fn render(outcome: &Outcome) -> String {
    let summary = &outcome.summary;
    let mut table = String::new();
    let mut row = |name: &str, value: String| {
        // Writing into memory cannot fail.
        let _ = writeln!(table, "{name:<26}{value:>12}");
    };
    let coverage = &summary.coverage;
    row("accounts read", coverage.accounts.scanned.to_string());
    row(
        "accounts not entered",
        coverage.accounts.unreachable.to_string(),
    );
    row("accounts skipped", coverage.accounts.skipped.to_string());
    row("cells read whole", coverage.cells.scanned.to_string());
    row("cells with gaps", coverage.cells.with_gaps().to_string());
    row("keys", summary.keys.total.to_string());
    if outcome.keys_kept > 0 {
        row("  kept from before", outcome.keys_kept.to_string());
    }
    for verdict in Verdict::ALL {
        let n = summary.keys.by_verdict.get(verdict.as_str()).copied();
        row(
            &format!("  {}", verdict.as_str()),
            n.unwrap_or(0).to_string(),
        );
    }
    row("flagged", summary.keys.flagged.to_string());
    row(
        "flagged, USD a month",
        dollars(summary.keys.flagged_cents()),
    );
    let _ = writeln!(
        table,
        "coverage {}",
        if coverage.complete {
            "complete"
        } else {
            "NOT complete"
        }
    );
    let digest = &summary.digest;
    let _ = writeln!(table, "digest   {}", digest.reason);
    if digest.may_be_lost {
        let _ = writeln!(
            table,
            "         it may not have been sent, and is not sent again"
        );
    }
    let messages = &digest.per_account;
    if messages.failed + messages.may_be_lost > 0 {
        let _ = writeln!(
            table,
            "         messages of one account each: {} sent, {} not, {} may not have been",
            messages.sent, messages.failed, messages.may_be_lost
        );
    }
    let chat = &digest.chat;
    if chat.failed || chat.may_be_lost {
        let _ = writeln!(
            table,
            "         the message for the chat channel was not sent, or may not have been"
        );
    }
    let events = &summary.events;
    if let Some(bus) = &events.bus {
        let _ = writeln!(
            table,
            "events   {} put on {bus}, {} not",
            events.put, events.failed
        );
    }
    let hub = &summary.security_hub;
    if hub.product_arn.is_some() {
        let _ = writeln!(
            table,
            "findings {} imported into Security Hub, {} not",
            hub.imported, hub.failed
        );
    }
    if summary.report.keys_csv.is_empty() {
        let _ = writeln!(table, "report   not written");
        return table;
    }
    let _ = writeln!(table, "report   {}", summary.report.keys_csv);
    let _ = writeln!(table, "         {}", summary.report.coverage_csv);
    table
}
