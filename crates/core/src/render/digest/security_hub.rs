//! The line on findings that could not be imported into Security Hub.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, counted, grouped, shortened},
};
use crate::judge::{report::Report, summary::SecurityHubOutcome};

/// The error code where Security Hub is not enabled in the account, or not to be used by it
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>).
const NOT_ENABLED: &str = "InvalidAccessException";
/// The same for one finding
/// (<https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>).
const NOT_ENABLED_FOR_FINDING: &str = "InvalidAccess";
/// The error code where the function's role lacks the permission.
const DENIED: &str = "AccessDeniedException";

/// Writes how many findings were not imported, why, and what helps.
pub(super) fn not_imported(page: &mut Page, report: &Report) {
    let hub = &report.summary.security_hub;
    if hub.failed > 0 {
        let of = grouped(hub.due());
        let findings = counted(hub.failed, "finding was", "findings were");
        let errors: Vec<String> = hub
            .errors
            .iter()
            .map(|(code, n)| format!("{} {}", grouped(*n), shortened(code, NAME_CHARACTERS)))
            .collect();
        page.line(&format!(
            "{findings} not imported into Security Hub, of {of}: {}.{}",
            errors.join(", "),
            remedy(hub)
        ));
    }
    let unknown = hub.unknown();
    if unknown > 0 {
        let findings = counted(unknown, "finding was", "findings were");
        page.line(&format!(
            "Whether {findings} imported into Security Hub is not known: the run that was to import them had ended."
        ));
    }
}

fn remedy(hub: &SecurityHubOutcome) -> &'static str {
    let has = |code| hub.errors.contains_key(code);
    if has(NOT_ENABLED) || has(NOT_ENABLED_FOR_FINDING) {
        " Enable Security Hub in the scanner's account and Region, or set KEYCENSUS_SECURITY_HUB=off."
    } else if has(DENIED) {
        " Allow securityhub:BatchImportFindings to the scanner's role."
    } else {
        ""
    }
}
