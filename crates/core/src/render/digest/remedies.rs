//! Remedies for gaps, so that the next census reads more.

use std::collections::BTreeSet;

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, shortened},
};
use crate::{
    judge::{judged_key::JudgedKey, report::Report},
    model::{
        cause::{Cause, PolicyKind, Refusal},
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::{Gap, REGION_DISABLED},
        reading::KeyKind,
    },
};

/// What closes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Remedy {
    /// Let the member role be assumed.
    Role,
    /// Activate STS of the scanner's Region in the account.
    Sts,
    /// Let a key's policy allow its usage to be read.
    KeyPolicy,
    /// Let the keys of a Region be listed, or leave it out.
    Region,
    /// Allow account:ListRegions, or name the Regions.
    Regions,
    /// Let a flagged key's policy allow its tags to be read.
    Tags,
    /// Allow another call.
    Allow,
    /// Change a policy that denies a call explicitly; its kind, where AWS names it.
    Except(Option<PolicyKind>),
    /// Correct a setting that names what is not there.
    Setting,
    /// Wait: AWS throttled, or there was no time left.
    Time,
    /// Wait, and look whether AWS can be reached: it did not answer.
    Answer,
    /// Wait, and report it: an answer could not be read.
    Report,
    /// Nothing: it was deleted.
    Deleted,
    /// Look the error up.
    LookUp,
}

/// Writes what helps, once for each remedy that there is.
pub(super) fn remedies(page: &mut Page, report: &Report) {
    let rows = report.coverage.iter().filter_map(of_row);
    let keys = report.keys.iter().filter_map(of_key);
    let remedies: BTreeSet<Remedy> = rows.chain(keys).collect();
    if remedies.is_empty() {
        return;
    }
    let role = shortened(&report.summary.member_role, 2 * NAME_CHARACTERS);
    page.line("");
    page.line("To see more the next time:");
    for remedy in remedies {
        page.line(&format!("- {}", remedy.describe(&role)));
    }
}

impl Remedy {
    fn describe(self, role: &str) -> String {
        match self {
            Self::Role => format!(
                "account not entered: deploy the member role {role} to it, and let the role trust the scanner"
            ),
            Self::Sts => format!(
                "account not entered for {REGION_DISABLED}: STS is not active there in the scanner's Region; activate it in \
                 the account (IAM, Account settings), or let the scanner reach STS of the partition's default Region"
            ),
            Self::KeyPolicy => format!(
                "key refused: let its key policy allow kms:GetKeyLastUsage to the role {role}, or delegate to IAM"
            ),
            Self::Region => format!(
                "Region denied: a service control policy denies it, or the role {role} lacks the call; \
                 KEYCENSUS_REGIONS can leave the Region out"
            ),
            Self::Regions => format!(
                "Regions not known: allow account:ListRegions to the role {role}, or name the Regions to read in KEYCENSUS_REGIONS"
            ),
            Self::Tags => format!(
                "exemption not known: let the key's policy allow kms:ListResourceTags to the role {role}, or delegate to IAM"
            ),
            Self::Allow => format!(
                "other call refused: allow it to the role {role}; a service control policy may deny it too"
            ),
            Self::Except(kind) => {
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
            Self::Setting => {
                "not in the organization: correct the setting that names it".to_owned()
            }
            Self::Time => {
                "throttled or no time left: nothing to do, it is read first in the next census"
                    .to_owned()
            }
            Self::Answer => {
                "no answer: nothing to do unless it happens again; then check AWS Health, and whether the scanner's network \
                 reaches that service"
                    .to_owned()
            }
            Self::Report => {
                "answer not readable: nothing to do unless it happens again; then report it, with the log".to_owned()
            }
            Self::Deleted => {
                "not found: nothing to do, it was deleted during the census".to_owned()
            }
            Self::LookUp => {
                "other error: coverage.csv and keys.csv have its code, the log its message and request ID".to_owned()
            }
        }
    }
}

fn of_row(row: &CoverageRow) -> Option<Remedy> {
    if !row.status.is_gap() {
        return None;
    }
    let Some(gap) = &row.gap else {
        return (row.status == CoverageStatus::Unreachable).then_some(Remedy::Role);
    };
    match gap.cause() {
        // A key's own gap has its own remedy.
        Cause::Refused(_) if is_of_kms_keys(row) => None,
        Cause::Refused(Refusal::ExplicitDeny(kind)) => Some(Remedy::Except(kind)),
        Cause::Refused(Refusal::NotAllowed) => Some(of_refused_row(row, gap)),
        Cause::Throttled | Cause::OutOfTime => Some(Remedy::Time),
        Cause::NotAnswering => Some(Remedy::Answer),
        Cause::UnreadableAnswer => Some(Remedy::Report),
        Cause::Gone => Some(match row.scope {
            Scope::WholeAccount => Remedy::Setting,
            Scope::EveryRegion { .. } | Scope::Cell { .. } => Remedy::Deleted,
        }),
        Cause::Fault => Some(Remedy::LookUp),
    }
}

/// Whether the gap of a row is that of KMS keys which were listed.
fn is_of_kms_keys(row: &CoverageRow) -> bool {
    let is_of_region = matches!(
        row.scope,
        Scope::Cell {
            region: Some(_),
            ..
        }
    );
    let has_unread = row.keys.is_some_and(|keys| keys.unreadable > 0);
    row.status == CoverageStatus::Partial && is_of_region && has_unread
}

fn of_refused_row(row: &CoverageRow, gap: &Gap) -> Remedy {
    let is_entry =
        matches!(gap, Gap::Unanswered { operation, .. } if operation.starts_with("sts:"));
    match (row.status, &row.scope) {
        (CoverageStatus::Unreachable, _) if gap.code() == REGION_DISABLED => Remedy::Sts,
        (CoverageStatus::Unreachable, _) if is_entry => Remedy::Role,
        (_, Scope::EveryRegion { .. }) => Remedy::Regions,
        (
            CoverageStatus::Denied,
            Scope::Cell {
                region: Some(_), ..
            },
        ) => Remedy::Region,
        // Without an unread key, it is the tags of flagged keys.
        (
            CoverageStatus::Partial,
            Scope::Cell {
                region: Some(_), ..
            },
        ) => Remedy::Tags,
        _ => Remedy::Allow,
    }
}

fn of_key(judged: &JudgedKey) -> Option<Remedy> {
    let key = &judged.key;
    match key.usage_gap()?.cause() {
        // For access keys, the row of their account has the remedy.
        Cause::Refused(_) if key.kind != KeyKind::KmsKey => None,
        Cause::Refused(Refusal::ExplicitDeny(kind)) => Some(Remedy::Except(kind)),
        Cause::Refused(Refusal::NotAllowed) => Some(Remedy::KeyPolicy),
        Cause::Throttled | Cause::OutOfTime => Some(Remedy::Time),
        Cause::NotAnswering => Some(Remedy::Answer),
        Cause::UnreadableAnswer => Some(Remedy::Report),
        Cause::Gone => Some(Remedy::Deleted),
        Cause::Fault => Some(Remedy::LookUp),
    }
}
