//! What the digest says of findings that were not imported into Security Hub.

use crate::{
    examples::{first_report, with_keys},
    judge::summary::SecurityHubOutcome,
    render::digest::compose,
};

/// The digest's text where of three findings so many were imported, and so many failed with this code.
fn text(imported: u64, failed: u64, code: &str) -> String {
    let mut report = first_report(with_keys(Vec::new()));
    report.summary.security_hub = SecurityHubOutcome {
        active: 2,
        archived: 1,
        imported,
        failed,
        errors: [(code.to_owned(), failed)].into(),
        ..SecurityHubOutcome::default()
    };
    compose(&report).text
}

#[test]
fn findings_that_were_not_imported_are_counted_with_what_helps() {
    assert!(!text(3, 0, "").contains("Security Hub"));
    for (failed, code, line) in [
        (
            3,
            "InvalidAccessException",
            "3 findings were not imported into Security Hub, of 3: 3 InvalidAccessException. Enable Security Hub in the \
             scanner's account and Region, or set KEYCENSUS_SECURITY_HUB=off.\n",
        ),
        (
            1,
            "AccessDeniedException",
            "1 finding was not imported into Security Hub, of 3: 1 AccessDeniedException. Allow \
             securityhub:BatchImportFindings to the scanner's role.\n",
        ),
        (
            2,
            "NoTimeLeft",
            "2 findings were not imported into Security Hub, of 3: 2 NoTimeLeft.\n",
        ),
    ] {
        let text = text(3 - failed, failed, code);
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_digest_that_is_sent_late_says_that_it_is_not_known_what_was_imported() {
    let text = text(0, 0, "");
    let line = "Whether 3 findings were imported into Security Hub is not known: the run that was to import them had \
                ended.\n";
    assert!(text.contains(line), "{text}");
}
