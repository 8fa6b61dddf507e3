//! What was and what was not covered: one row a cell, and one for every
//! account that was not entered.

use std::{collections::BTreeMap, sync::Arc};

use crate::model::{
    account::{Account, AccountId},
    gap::Gap,
    reading::KeyKind,
    region::{GLOBAL, Region},
};

/// How far a cell was covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CoverageStatus {
    /// Every key was read.
    Scanned,
    /// Some keys were not read, or keys are flagged and whether they are exempt could
    /// not be read.
    Partial,
    /// AWS refused to list the cell's keys.
    Denied,
    /// Listing the cell's keys failed, at its beginning or on the way.
    Failed,
    /// There was no time left to list the cell's keys, and every key that was listed
    /// was read.
    Deferred,
    /// The account is not active, or a setting excludes it.
    Skipped,
    /// The account could not be entered, or what a setting names is not there.
    Unreachable,
}

impl CoverageStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Scanned,
        Self::Partial,
        Self::Denied,
        Self::Failed,
        Self::Deferred,
        Self::Skipped,
        Self::Unreachable,
    ];

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scanned => "scanned",
            Self::Partial => "partial",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Deferred => "deferred",
            Self::Skipped => "skipped",
            Self::Unreachable => "unreachable",
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
    /// The whole account, which was not entered, or the organization: Region `*`,
    /// kind `*`.
    WholeAccount,
    /// All cells of a kind of the account, of which not all are known: Region `*`.
    EveryRegion {
        /// The kind of key.
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
    /// Whether the listing came to its end, so that a key that is not among them
    /// is not there.
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
    /// More that a reader should know; free text.
    pub detail: String,
}

impl CoverageRow {
    /// The account's ID.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account.as_ref().map(|account| account.id)
    }

    /// Whether the account, organizational unit or root that a setting names is not
    /// there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let code = self.gap.as_ref().map(Gap::code);
        self.status == CoverageStatus::Unreachable
            && matches!(code, Some(ACCOUNT_NOT_FOUND | UNIT_NOT_FOUND))
    }

    /// Whether it tells that not all accounts of the organization were listed, so that
    /// one without a row need not have left it.
    #[must_use]
    pub fn is_listing_of_accounts(&self) -> bool {
        let is_listing = matches!(
            self.status,
            CoverageStatus::Failed | CoverageStatus::Deferred
        );
        self.account.is_none() && is_listing
    }

    /// Whether it tells of a name in a setting that selects nothing, without which
    /// nothing was missed: an account to leave out that is not there, a Region that is
    /// enabled nowhere.
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

/// The call that was not answered, and what else is to be known of the row. A
/// partial cell's detail names its calls itself, with how often each failed.
#[must_use]
pub fn explanation(row: &CoverageRow) -> String {
    match (&row.gap, row.detail.as_str()) {
        (Some(gap), "") => gap.to_string(),
        (Some(gap), detail) if row.status != CoverageStatus::Partial => format!("{gap}; {detail}"),
        (_, detail) => detail.to_owned(),
    }
}

/// Several gaps of a cell in one text, each with how often it occurred, the
/// most frequent first: `kms:GetKeyLastUsage AccessDeniedException (3 keys)`.
#[must_use]
pub fn gaps_told<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> String {
    told_with_counts(gaps, |count| match count {
        1 => "1 key)".to_owned(),
        _ => format!("{count} keys)"),
    })
}

/// Gaps, each followed by what `keys` says of so many, after an opening bracket.
fn told_with_counts<'a>(
    gaps: impl IntoIterator<Item = &'a Gap>,
    keys: impl Fn(u64) -> String,
) -> String {
    let mut counts: BTreeMap<&Gap, u64> = BTreeMap::new();
    for gap in gaps {
        *counts.entry(gap).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let told: Vec<String> = counts
        .into_iter()
        .map(|(gap, count)| format!("{gap} ({}", keys(count)))
        .collect();
    told.join("; ")
}

/// The gaps of a cell that leave it unknown whether flagged keys are exempt, each with
/// how many keys they are.
#[must_use]
pub fn exemption_gaps_told<'a>(gaps: impl IntoIterator<Item = &'a Gap>) -> String {
    told_with_counts(gaps, |count| match count {
        1 => "1 key): it is flagged and may be exempt".to_owned(),
        _ => format!("{count} keys): they are flagged and may be exempt"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{
        CellKeys, CoverageRow, CoverageStatus, Scope, UNIT_NOT_FOUND, exemption_gaps_told,
        gaps_told,
    };
    use crate::{
        files::coverage_csv::to_csv,
        model::{
            account::{Account, AccountId},
            cause::Cause,
            gap::Gap,
            reading::KeyKind,
            region::Region,
        },
    };

    fn row(account: &str, scope: Scope, status: CoverageStatus) -> CoverageRow {
        CoverageRow {
            account: AccountId::parse(account).map(|id| {
                Arc::new(Account {
                    id,
                    name: "=payments".to_owned(),
                })
            }),
            scope,
            status,
            keys: None,
            gap: None,
            detail: String::new(),
        }
    }

    fn cell(region: &str) -> Scope {
        Scope::Cell {
            region: Some(Region::parse(region).unwrap()),
            kind: KeyKind::KmsKey,
        }
    }

    fn access_keys() -> Scope {
        Scope::Cell {
            region: None,
            kind: KeyKind::IamAccessKey,
        }
    }

    fn denied(operation: &'static str) -> Gap {
        Gap::unanswered(operation, "AccessDenied", Cause::REFUSED)
    }

    #[test]
    fn rows_are_sorted_and_numbers_that_nobody_knows_are_empty() {
        let mut scanned = row("222222222222", cell("eu-west-1"), CoverageStatus::Scanned);
        scanned.keys = Some(CellKeys {
            listed: 3,
            unreadable: 0,
            is_whole: true,
        });
        let mut refused = row(
            "111111111111",
            Scope::WholeAccount,
            CoverageStatus::Unreachable,
        );
        refused.gap = Some(denied("sts:AssumeRole"));
        let denied = row("222222222222", cell("ap-south-1"), CoverageStatus::Denied);
        let global = row("222222222222", access_keys(), CoverageStatus::Deferred);
        let regions = Scope::EveryRegion {
            kind: KeyKind::KmsKey,
        };
        let regions = row("222222222222", regions, CoverageStatus::Failed);
        let mut unit = row("", Scope::WholeAccount, CoverageStatus::Unreachable);
        unit.gap = Some(Gap::unanswered(
            "organizations:X",
            UNIT_NOT_FOUND,
            Cause::Gone,
        ));

        let rows = [global, scanned, denied, refused, regions, unit];
        let csv = to_csv(&rows, "2026-11-21");

        assert_eq!(
            String::from_utf8(csv).unwrap(),
            "scan_date,account_id,account_name,region,kind,status,keys,unreadable,error_code,detail,listed_whole,gap_cause\n\
             2026-11-21,,,*,*,unreachable,,,OrganizationalUnitNotFound,organizations:X OrganizationalUnitNotFound,,gone\n\
             2026-11-21,111111111111,'=payments,*,*,unreachable,,,AccessDenied,sts:AssumeRole AccessDenied,,refused\n\
             2026-11-21,222222222222,'=payments,*,kms_key,failed,,,,,,\n\
             2026-11-21,222222222222,'=payments,ap-south-1,kms_key,denied,,,,,,\n\
             2026-11-21,222222222222,'=payments,eu-west-1,kms_key,scanned,3,0,,,true,\n\
             2026-11-21,222222222222,'=payments,global,iam_access_key,deferred,,,,,,\n"
        );
    }

    #[test]
    fn gaps_are_told_with_how_often_they_occurred() {
        let gaps = [denied("a"), denied("b"), denied("b")];
        assert_eq!(
            gaps_told(&gaps),
            "b AccessDenied (2 keys); a AccessDenied (1 key)"
        );
        assert_eq!(
            exemption_gaps_told(&gaps),
            "b AccessDenied (2 keys): they are flagged and may be exempt; \
             a AccessDenied (1 key): it is flagged and may be exempt"
        );
    }
}
