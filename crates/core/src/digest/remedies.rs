//! How what could not be seen can be seen the next time.

use std::collections::BTreeSet;

use super::{
    page::Page,
    wording::{NAME_CHARACTERS, shortened},
};
use crate::{
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::{Gap, KeyKind, KeyReading, Usage},
    report::Report,
};

/// Why something could not be seen, by what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// The member role could not be assumed.
    Role,
    /// A key's policy does not let its usage be read.
    KeyPolicy,
    /// A Region does not let its keys be listed.
    Region,
    /// Something else was refused.
    Refused,
    /// AWS throttled, or there was no time left.
    Time,
}

/// Writes what helps, once for each cause that there is.
pub(super) fn remedies(page: &mut Page, report: &Report) {
    let rows = report.coverage.iter().filter_map(of_row);
    let keys = report.keys.iter().filter_map(|key| of_key(&key.key));
    let causes: BTreeSet<Cause> = rows.chain(keys).collect();
    if causes.is_empty() {
        return;
    }
    let role = shortened(&report.summary.member_role, 2 * NAME_CHARACTERS);
    page.line("");
    page.line("To see more the next time:");
    for cause in causes {
        page.line(&format!("- {}", cause.remedy(&role)));
    }
}

impl Cause {
    fn remedy(self, role: &str) -> String {
        match self {
            Self::Role => format!(
                "account not entered: deploy the member role {role} to it, and let the role trust the scanner"
            ),
            Self::KeyPolicy => format!(
                "key refused: let its key policy allow kms:GetKeyLastUsage to the role {role}, or delegate to IAM"
            ),
            Self::Region => format!(
                "Region denied: a service control policy denies it, or the role {role} lacks the call; \
                 KEYCENSUS_REGIONS can leave the Region out"
            ),
            Self::Refused => format!(
                "other call refused: allow it to the role {role}; a service control policy may deny it too"
            ),
            Self::Time => {
                "throttled or no time left: nothing to do, it is read first in the next census"
                    .to_owned()
            }
        }
    }
}

fn of_row(row: &CoverageRow) -> Option<Cause> {
    let is_refused = row.gap.as_ref().is_some_and(Gap::is_refusal);
    let is_late = row.gap.as_ref().is_some_and(Gap::is_lack_of_time);
    match (row.status, &row.scope) {
        (CoverageStatus::Unreachable, _) => match &row.gap {
            Some(Gap::Unanswered { operation, .. }) if operation.starts_with("sts:") => {
                Some(Cause::Role)
            }
            None => Some(Cause::Role),
            Some(_) => is_refused.then_some(Cause::Refused),
        },
        (
            CoverageStatus::Denied,
            Scope::Cell {
                region: Some(_), ..
            },
        ) => Some(Cause::Region),
        (CoverageStatus::Denied, _) => Some(Cause::Refused),
        (CoverageStatus::Deferred, _) => Some(Cause::Time),
        (CoverageStatus::Partial, _) if is_late => Some(Cause::Time),
        // A key's own gap is told as such.
        (CoverageStatus::Partial, Scope::Cell { region: None, .. })
        | (CoverageStatus::Failed, _) => is_refused.then_some(Cause::Refused),
        (CoverageStatus::Partial | CoverageStatus::Scanned | CoverageStatus::Skipped, _) => None,
    }
}

fn of_key(key: &KeyReading) -> Option<Cause> {
    match &key.usage {
        Usage::Unreadable(gap) if gap.is_lack_of_time() => Some(Cause::Time),
        Usage::Unreadable(gap) if gap.is_refusal() && key.kind == KeyKind::KmsKey => {
            Some(Cause::KeyPolicy)
        }
        Usage::Unreadable(_)
        | Usage::NotAsked
        | Usage::Recorded(_)
        | Usage::NoneRecorded { .. } => None,
    }
}
