//! Coverage: one row for each cell, and one for each account that was not entered.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{
    account::{Account, AccountId},
    cause::Cause,
    gap::Gap,
    reading::KeyKind,
    region::{GLOBAL, Region},
    words::words,
};

/// How far a cell was covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverageStatus {
    /// Every key was read.
    Scanned,
    /// Some keys were not read, or keys are flagged and whether they are exempt could not be read.
    Partial,
    /// AWS refused to list the cell's keys.
    Denied,
    /// Listing the cell's keys failed, at its beginning or on the way.
    Failed,
    /// There was no time left to list the cell's keys, and every key that was listed was read.
    Deferred,
    /// The account is not active, or a setting excludes it.
    Skipped,
    /// The account could not be entered, or what a setting names is not there.
    Unreachable,
}

words!(CoverageStatus {
    Scanned = "scanned",
    Partial = "partial",
    Denied = "denied",
    Failed = "failed",
    Deferred = "deferred",
    Skipped = "skipped",
    Unreachable = "unreachable",
});

impl CoverageStatus {
    /// The status of cells that could not be listed, because of `cause`.
    #[must_use]
    pub fn of_unlisted(cause: Cause) -> Self {
        match cause {
            Cause::OutOfTime => Self::Deferred,
            Cause::Refused(_) => Self::Denied,
            Cause::Throttled
            | Cause::NotAnswering
            | Cause::UnreadableAnswer
            | Cause::Gone
            | Cause::Fault => Self::Failed,
        }
    }

    /// Whether something that should have been seen was not. What a setting or
    /// the account's own state leaves out is no gap.
    #[must_use]
    pub fn is_gap(self) -> bool {
        match self {
            Self::Scanned | Self::Skipped => false,
            Self::Partial | Self::Denied | Self::Failed | Self::Deferred | Self::Unreachable => {
                true
            }
        }
    }
}

/// The error code of an account that a setting names and the organization does not have.
pub const ACCOUNT_NOT_FOUND: &str = "AccountNotFound";
/// The error code of an organizational unit or root that a setting names and the
/// organization does not have.
pub const UNIT_NOT_FOUND: &str = "OrganizationalUnitNotFound";

/// The error code of a name in a setting that selects nothing, though it exists.
pub const SELECTS_NOTHING: &str = "SelectsNothing";

/// What a coverage row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole account, which was not entered, or the organization: Region `*`, kind `*`.
    WholeAccount,
    /// All cells of the account that are in Regions, of which not all are known: Region `*`.
    EveryRegion {
        /// The first kind that is read in Regions.
        kind: KeyKind,
    },
    /// One cell of the account.
    Cell {
        /// Its Region; `None` for the account's one global cell of its kind.
        region: Option<Region>,
        /// Its kind of key. That of access keys covers root access keys too.
        kind: KeyKind,
    },
}

impl Scope {
    pub(crate) fn region(&self) -> &str {
        match self {
            Self::WholeAccount | Self::EveryRegion { .. } => "*",
            Self::Cell { region, .. } => region.as_ref().map_or(GLOBAL, Region::as_str),
        }
    }

    /// Whether it is a cell of a Region.
    #[must_use]
    pub fn is_of_region(&self, of: &Region) -> bool {
        matches!(self, Self::Cell { region: Some(region), .. } if region == of)
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::WholeAccount => "*",
            Self::EveryRegion { kind } | Self::Cell { kind, .. } => kind.as_str(),
        }
    }
}

/// How many keys of a cell were listed and how many of them were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellKeys {
    /// Keys that the listing returned.
    pub listed: u64,
    /// Those of them whose usage could not be read.
    pub unreadable: u64,
    /// Whether the listing came to its end, so that a key that is not among them is not there.
    pub is_whole: bool,
}

/// One row of `coverage.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The account. `None` for a row about the organization, such as a unit that a
    /// setting names and that is not there: the account's columns are empty.
    pub account: Option<Arc<Account>>,
    /// The cell, or the whole account.
    pub scope: Scope,
    /// How far it was covered.
    pub status: CoverageStatus,
    /// `None` when nothing was listed, so that no number is known.
    pub keys: Option<CellKeys>,
    /// The call and the error code that decided the status, where one did.
    pub gap: Option<Gap>,
    /// Whether time was lacking for all or some of it, so that the next run reads it first.
    pub lacked_time: bool,
    /// The gap and further explanation; free text. That of a partial cell names each failed call
    /// with its number of keys.
    pub detail: String,
}

impl CoverageRow {
    /// The row of an account, or of cells of it, of which no key was listed.
    #[must_use]
    pub fn unlisted(
        account: &Arc<Account>,
        scope: Scope,
        status: CoverageStatus,
        gap: Option<Gap>,
        more: &str,
    ) -> Self {
        let gaps = gap.as_slice();
        Self::new(Some(account), scope, status, gaps, more)
    }

    /// A row of the organization.
    #[must_use]
    pub fn of_organization(status: CoverageStatus, gap: Gap, more: &str) -> Self {
        Self::new(None, Scope::WholeAccount, status, &[gap], more)
    }

    /// The row of a cell whose keys, or some of them, were listed. The first of `gaps` is the
    /// row's. `more` of a partial cell names the gaps itself.
    #[must_use]
    pub fn of_cell(
        account: &Arc<Account>,
        scope: Scope,
        status: CoverageStatus,
        keys: CellKeys,
        gaps: &[Gap],
        more: &str,
    ) -> Self {
        Self {
            keys: Some(keys),
            ..Self::new(Some(account), scope, status, gaps, more)
        }
    }

    fn new(
        account: Option<&Arc<Account>>,
        scope: Scope,
        status: CoverageStatus,
        gaps: &[Gap],
        more: &str,
    ) -> Self {
        let gap = gaps.first();
        Self {
            account: account.map(Arc::clone),
            scope,
            status,
            keys: None,
            gap: gap.cloned(),
            lacked_time: gaps.iter().any(|gap| gap.cause().is_lack_of_time()),
            detail: match (gap, more) {
                (Some(gap), "") => gap.to_string(),
                (Some(gap), more) if status != CoverageStatus::Partial => format!("{gap}; {more}"),
                (_, more) => more.to_owned(),
            },
        }
    }

    /// Adds to the detail.
    pub fn note(&mut self, more: &str) {
        if !self.detail.is_empty() {
            self.detail.push_str("; ");
        }
        self.detail.push_str(more);
    }

    /// The account's ID.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account.as_ref().map(|account| account.id)
    }

    /// Whether the account, organizational unit or root that a setting names is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let code = self.gap.as_ref().map(Gap::code);
        self.status == CoverageStatus::Unreachable
            && matches!(code, Some(ACCOUNT_NOT_FOUND | UNIT_NOT_FOUND))
    }

    /// Whether it records that not all accounts of the organization were listed, so that an account
    /// without a row may still belong to it.
    #[must_use]
    pub fn is_listing_of_accounts(&self) -> bool {
        let is_listing = matches!(
            self.status,
            CoverageStatus::Failed | CoverageStatus::Deferred
        );
        self.account.is_none() && is_listing
    }

    /// Whether it records a name in a setting that selects nothing and leaves no gap: an excluded
    /// account that does not exist, a Region that is enabled nowhere.
    #[must_use]
    pub fn is_idle_setting(&self) -> bool {
        self.status == CoverageStatus::Skipped && self.gap.is_some()
    }

    /// Whether every key of the cell was listed, so that one that was not is gone.
    #[must_use]
    pub fn is_listed_whole(&self) -> bool {
        matches!(
            self.status,
            CoverageStatus::Scanned | CoverageStatus::Partial
        ) && self.keys.is_some_and(|keys| keys.is_whole)
    }
}

/// Several gaps of a cell in one text, each with how often it occurred, the
/// most frequent first: `kms:GetKeyLastUsage AccessDeniedException (3 keys)`.
#[must_use]
pub fn describe_gaps<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> String {
    describe_counted_gaps(&count(gaps))
}

/// [`describe_gaps`] of gaps with how often each occurred.
pub(crate) fn describe_counted_gaps(gaps: &BTreeMap<Gap, u64>) -> String {
    describe_with_counts(gaps, |count| match count {
        1 => "1 key)".to_owned(),
        _ => format!("{count} keys)"),
    })
}

fn count<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> BTreeMap<Gap, u64> {
    let mut counts = BTreeMap::new();
    for gap in gaps {
        *counts.entry(gap.clone()).or_default() += 1;
    }
    counts
}

/// Gaps, each with the text of `keys` for its count after an opening bracket.
fn describe_with_counts(counts: &BTreeMap<Gap, u64>, keys: impl Fn(u64) -> String) -> String {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let described: Vec<String> = counts
        .into_iter()
        .map(|(gap, count)| format!("{gap} ({}", keys(*count)))
        .collect();
    described.join("; ")
}

/// The gaps of a cell that leave it unknown whether flagged keys are exempt, each with
/// how many keys they are.
#[must_use]
pub fn describe_exemption_gaps<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> String {
    describe_with_counts(&count(gaps), |count| match count {
        1 => "1 key): it is flagged and may be exempt".to_owned(),
        _ => format!("{count} keys): they are flagged and may be exempt"),
    })
}

#[cfg(test)]
mod tests {
    use super::{describe_exemption_gaps, describe_gaps};
    use crate::model::{cause::Cause, gap::Gap};

    fn denied(operation: &'static str) -> Gap {
        Gap::unanswered(operation, "AccessDenied", Cause::REFUSED)
    }

    #[test]
    fn gaps_are_described_with_their_counts() {
        let gaps = [denied("a"), denied("b"), denied("b")];
        assert_eq!(
            describe_gaps(&gaps),
            "b AccessDenied (2 keys); a AccessDenied (1 key)"
        );
        assert_eq!(
            describe_exemption_gaps(&gaps),
            "b AccessDenied (2 keys): they are flagged and may be exempt; \
             a AccessDenied (1 key): it is flagged and may be exempt"
        );
    }
}
