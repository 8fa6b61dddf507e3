//! What differs between the last run and this one.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    judge::{
        flagged::AssessedKey,
        history::History,
        known_keys::{KnownKey, KnownKeys},
        last_run::{LastRun, NoLastRun},
    },
    model::{
        account::AccountId,
        coverage::{CoverageRow, Scope},
        plain_text::line_breaks_as_spaces,
        reading::KeyKind,
    },
};

mod counts;

pub use counts::ChangeCounts;

/// What differs between the last run and this one, beside each key's own
/// [`History`]. Every key of the last run is listed by this one, gone or unseen.
#[derive(Debug, Clone)]
pub struct Changes {
    /// What was compared with.
    pub compared_with: ComparedWith,
    /// Keys that are gone.
    pub gone: Vec<GoneKey>,
    /// Keys that may still exist: their cells were not listed whole.
    pub unseen: Vec<KnownKey>,
}

/// What a run was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedWith {
    /// Nothing: this is the first census.
    Nothing(NoLastRun),
    /// The last run, with its UTC date; `None` where its report has no key, and so no date.
    LastRun(Option<Date>),
}

/// A key that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneKey {
    /// What was last known of it.
    pub key: KnownKey,
    /// Why it counts as gone.
    pub why: GoneReason,
}

/// Why a key counts as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoneReason {
    /// All keys of its cell were listed, and it is not among them.
    NotListed,
    /// The organization does not have its account any more.
    AccountLeft,
}

impl GoneReason {
    /// Both.
    pub const ALL: [Self; 2] = [Self::NotListed, Self::AccountLeft];

    /// The word for it in the files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotListed => "not_listed",
            Self::AccountLeft => "account_left",
        }
    }

    /// The same as a sentence.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::NotListed => "not listed any more",
            Self::AccountLeft => "its account is not in the organization any more",
        }
    }
}

impl ComparedWith {
    /// The date of the run that was compared with, as the files write it.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        match self {
            Self::Nothing(_) => None,
            Self::LastRun(date) => date,
        }
    }
}

/// The history of each of `keys`, and what differs from the last run.
pub(crate) fn compare(
    keys: &[AssessedKey<'_>],
    coverage: &[CoverageRow],
    last: &LastRun,
    today: Date,
) -> (Vec<History>, Changes) {
    match last {
        LastRun::None(why) => {
            let histories = keys.iter().map(|key| History::begun(key, today));
            let changes = Changes {
                compared_with: ComparedWith::Nothing(*why),
                gone: Vec::new(),
                unseen: Vec::new(),
            };
            (histories.collect(), changes)
        }
        LastRun::Known(known) => {
            let mut is_listed = vec![false; known.len()];
            let histories = keys.iter().map(|assessed| {
                let key = assessed.key;
                let (account, region, key_id) = (
                    key.account.id,
                    key.region_or_global(),
                    line_breaks_as_spaces(&key.key_id),
                );
                let slot = known.slot(account, region, key.kind, &key_id);
                if let Some(listed) = slot.and_then(|slot| is_listed.get_mut(slot)) {
                    *listed = true;
                }
                let last = slot.and_then(|slot| known.last_record(slot));
                History::since(last, assessed, today)
            });
            let histories = histories.collect();
            let changes = missing(known, &is_listed, &ListedCells::of(coverage));
            (histories, changes)
        }
    }
}

/// The known keys that are not listed, as gone or unseen.
fn missing(known: &KnownKeys, is_listed: &[bool], listed_cells: &ListedCells<'_>) -> Changes {
    let mut changes = Changes {
        compared_with: ComparedWith::LastRun(known.scan_date()),
        gone: Vec::new(),
        unseen: Vec::new(),
    };
    let cells = known.cells().zip(is_listed).enumerate();
    for (slot, ((account, region, kind), _)) in cells.filter(|(_, (_, listed))| !**listed) {
        let Some(key) = known.key(slot) else {
            continue;
        };
        match listed_cells.gone_reason(account, region, kind) {
            Some(why) => changes.gone.push(GoneKey { key, why }),
            None => changes.unseen.push(key),
        }
    }
    changes
}

/// What a run covered, as far as keys can be missed from it.
struct ListedCells<'a> {
    accounts: BTreeSet<AccountId>,
    /// Whether there are no other accounts in the organization.
    are_all_accounts: bool,
    /// Cells of which all keys were listed.
    cells: BTreeSet<(AccountId, &'a str, KeyKind)>,
}

impl<'a> ListedCells<'a> {
    fn of(coverage: &'a [CoverageRow]) -> Self {
        let whole = coverage.iter().filter(|row| row.is_listed_whole());
        Self {
            accounts: coverage
                .iter()
                .filter_map(CoverageRow::account_id)
                .collect(),
            are_all_accounts: !coverage.iter().any(CoverageRow::is_listing_of_accounts),
            cells: whole
                .filter_map(|row| match row.scope {
                    Scope::WholeAccount | Scope::EveryRegion { .. } => None,
                    Scope::Cell { kind, .. } => Some((row.account_id()?, row.scope.region(), kind)),
                })
                .collect(),
        }
    }

    /// Why a key of that cell that is not listed is gone; `None` where it may still exist.
    fn gone_reason(&self, account: AccountId, region: &str, kind: KeyKind) -> Option<GoneReason> {
        if !self.accounts.contains(&account) {
            return self.are_all_accounts.then_some(GoneReason::AccountLeft);
        }
        let cell = (account, region, kind.of_cell());
        self.cells.contains(&cell).then_some(GoneReason::NotListed)
    }
}

#[cfg(test)]
pub(crate) mod tests;
