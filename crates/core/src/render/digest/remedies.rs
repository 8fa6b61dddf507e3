//! Remedies for gaps, so that the next census reads more.

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, shortened},
};
use crate::{
    judge::{
        remedy::{self, Remedy},
        report::Report,
    },
    model::{cause::PolicyKind, coverage::CoverageRow, gap::REGION_DISABLED},
};

/// Writes what helps, once for each remedy that there is.
pub(super) fn remedies(page: &mut Page, report: &Report) {
    let remedies = &report.findings.remedies;
    if remedies.is_empty() {
        return;
    }
    let role = shortened(&report.summary.member_role, 2 * NAME_CHARACTERS);
    page.line("");
    page.line("To see more the next time:");
    for remedy in remedies {
        page.line(&format!("- {}", describe(*remedy, &role)));
    }
}

/// What closes the gap of a coverage row, with the member role's name in it; `None` where there is none, or a
/// key's own policy is what is to be changed.
#[must_use]
pub fn remedy_of(row: &CoverageRow, member_role: &str) -> Option<String> {
    let role = shortened(member_role, 2 * NAME_CHARACTERS);
    remedy::of_row(row).map(|remedy| describe(remedy, &role))
}

fn describe(remedy: Remedy, role: &str) -> String {
    match remedy {
        Remedy::Role => format!(
            "account not entered: deploy the member role {role} to it, and let the role trust the scanner"
        ),
        Remedy::Sts => format!(
            "account not entered for {REGION_DISABLED}: STS is not active there in the scanner's Region; activate it in \
             the account (IAM, Account settings), or let the scanner reach STS of the partition's default Region"
        ),
        Remedy::KeyPolicy => format!(
            "key refused: let its key policy allow kms:GetKeyLastUsage to the role {role}, or delegate to IAM"
        ),
        Remedy::Region => format!(
            "Region denied: a service control policy denies it, or the role {role} lacks the call; \
             KEYCENSUS_REGIONS can leave the Region out"
        ),
        Remedy::Regions => format!(
            "Regions not known: allow account:ListRegions to the role {role}, or name the Regions to read in KEYCENSUS_REGIONS"
        ),
        Remedy::Tags => format!(
            "exemption not known: let the key's policy allow kms:ListResourceTags to the role {role}, or delegate to IAM"
        ),
        Remedy::Allow => format!(
            "other call refused: allow it to the role {role}; a service control policy may deny it too"
        ),
        Remedy::Except(kind) => {
            let policy = match kind {
                // AWS's word for it, and the one that people look for.
                Some(PolicyKind::ResourceBased) => {
                    "a resource-based policy, of a key its key policy".to_owned()
                }
                Some(kind) => kind.with_article(),
                None => "a policy that AWS does not name".to_owned(),
            };
            format!(
                "explicitly denied by {policy}: except the role {role} in that policy; no other policy can allow it"
            )
        }
        Remedy::Setting => {
            "not in the organization: correct the setting that names it".to_owned()
        }
        Remedy::Time => {
            "throttled or no time left: nothing to do, it is read first in the next census"
                .to_owned()
        }
        Remedy::Answer => {
            "no answer: nothing to do unless it happens again; then check AWS Health, and whether the scanner's network \
             reaches that service"
                .to_owned()
        }
        Remedy::Report => {
            "answer not readable: nothing to do unless it happens again; then report it, with the log".to_owned()
        }
        Remedy::Deleted => {
            "not found: nothing to do, it was deleted during the census".to_owned()
        }
        Remedy::LookUp => {
            "other error: coverage.csv and keys.csv have its code, the log its message and request ID".to_owned()
        }
    }
}
