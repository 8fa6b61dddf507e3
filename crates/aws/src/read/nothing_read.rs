//! Why a run read nothing at all.

use keycensus_core::model::{
    coverage::{CoverageRow, CoverageStatus},
    gap::Gap,
};

use crate::error::CensusError;

/// Whether a row says that its account was entered.
pub(crate) fn is_entered(row: &CoverageRow) -> bool {
    let is_left_out = matches!(
        row.status,
        CoverageStatus::Unreachable | CoverageStatus::Skipped
    );
    !is_left_out && row.account.is_some()
}

/// The error of a run in which no account was entered, by its rows.
pub(crate) fn error(rows: &[CoverageRow]) -> CensusError {
    let rows: Vec<&CoverageRow> = rows.iter().collect();
    CensusError::NothingReachable {
        reason: reason(&rows),
    }
}

/// What to look at first, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// An account could not be entered.
    Entry,
    /// A setting names something that is not there.
    NotFound,
    /// Whether an account is asked for, or a name exists, or which other accounts there
    /// are, is not known.
    NotKnown,
    /// A setting selects nothing.
    SelectsNothing,
    /// Settings, or the accounts' own state, leave every account out.
    LeftOut,
}

impl Why {
    fn of(row: &CoverageRow) -> Self {
        let is_of_organizations = match &row.gap {
            Some(Gap::Unanswered { operation, .. }) => operation.starts_with("organizations:"),
            Some(Gap::NoTimeLeft) => row.account.is_none(),
            None => false,
        };
        match row.status {
            CoverageStatus::Unreachable if row.is_not_found() => Self::NotFound,
            CoverageStatus::Unreachable if is_of_organizations => Self::NotKnown,
            CoverageStatus::Unreachable => Self::Entry,
            _ if row.status.is_gap() => Self::NotKnown,
            _ if row.is_idle_setting() => Self::SelectsNothing,
            _ => Self::LeftOut,
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Entry => {
                "see that the member role's name, its trust and the external ID are as the settings say"
            }
            Self::NotFound => {
                "correct the setting: the ID is wrong, of another organization, or of something that was deleted"
            }
            Self::NotKnown => {
                "allow the call to the scanner, and run it in the management account or a delegated administrator"
            }
            Self::SelectsNothing | Self::LeftOut => "correct the settings that select what is read",
        }
    }
}

fn reason(rows: &[&CoverageRow]) -> String {
    let of_accounts = |status| {
        let rows = rows.iter().filter(|row| row.account.is_some());
        rows.filter(|row| row.status == status).count()
    };
    let unreachable = of_accounts(CoverageStatus::Unreachable);
    let skipped = of_accounts(CoverageStatus::Skipped);
    let Some(why) = rows.iter().map(|row| Why::of(row)).min() else {
        return "the organization has no account".to_owned();
    };
    let named = named(rows.iter().filter(|row| Why::of(row) == why));
    format!(
        "{unreachable} could not be entered and {skipped} were skipped; {named}; {}",
        why.remedy()
    )
}

/// How many rows are named.
const ROWS_NAMED: usize = 5;

/// The first rows, each with the account that it is about.
fn named<'a>(rows: impl Iterator<Item = &'a &'a CoverageRow>) -> String {
    let all: Vec<String> = rows
        .map(|row| match &row.account {
            Some(account) => format!("account {}: {}", account.id, row.detail),
            None => row.detail.clone(),
        })
        .collect();
    let mut named = all
        .iter()
        .take(ROWS_NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join("; ");
    if all.len() > ROWS_NAMED {
        named.push_str(&format!("; and {} more", all.len() - ROWS_NAMED));
    }
    named
}
