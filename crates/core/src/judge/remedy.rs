//! Which remedies there are for gaps; the digest words them.

use crate::{
    judge::judged_key::JudgedKey,
    model::{
        cause::{Cause, PolicyKind, Refusal},
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::{Gap, REGION_DISABLED},
        reading::KeyKind,
    },
};

/// What closes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
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

/// What closes the gap of a coverage row; `None` where there is none, or its keys say.
pub(crate) fn of_row(row: &CoverageRow) -> Option<Remedy> {
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

/// What lets the last use of a key be read; `None` where it was, or the row of its account says.
pub(crate) fn of_key(judged: &JudgedKey) -> Option<Remedy> {
    let key = &judged.key;
    match key.missing_usage()?.cause() {
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
