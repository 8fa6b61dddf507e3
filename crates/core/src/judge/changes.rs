//! What differs between the last run and this one.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};

use crate::{
    judge::{
        flagged::AssessedKey, history::History, known_keys::KnownKey, last_run::NoLastRun,
        refused_uses::way_back,
    },
    model::{
        coverage::{CoverageRow, Scope},
        kind::Family,
        plain_text::line_breaks_as_spaces,
        reading::KeyKind,
        time::date,
    },
};

mod counts;

pub use counts::ChangeCounts;

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

/// What an earlier run knew of an account.
pub(crate) struct Earlier {
    /// The account's keys, sorted by their identities.
    pub(crate) keys: Vec<KnownKey>,
    /// Whether an account of which there is no coverage row is not in the organization any more.
    pub(crate) are_all_accounts: bool,
}

/// The keys of an account that an earlier run knew and this one did not list.
#[derive(Default)]
pub(crate) struct Missing {
    pub(crate) gone: Vec<GoneKey>,
    pub(crate) unseen: Vec<KnownKey>,
}

/// The history of each of an account's `keys`, and those that are missing; `None`: there is no
/// earlier run to compare with.
pub(crate) fn compare(
    keys: &[AssessedKey<'_>],
    coverage: &[CoverageRow],
    kinds: &BTreeSet<Family>,
    earlier: Option<Earlier>,
    watch_days: u32,
    now: Timestamp,
) -> (Vec<History>, Missing) {
    let today = date(now);
    let Some(earlier) = earlier else {
        let histories = keys.iter().map(|key| History::begun(key, today));
        return (histories.collect(), Missing::default());
    };
    let mut is_listed = vec![false; earlier.keys.len()];
    let histories = keys.iter().map(|assessed| {
        let (account, region, kind, key_id) = assessed.key.identity();
        let key_id = line_breaks_as_spaces(key_id);
        let wanted = (account, region, kind, &*key_id);
        let slot = earlier
            .keys
            .binary_search_by(|known| known.identity().cmp(&wanted));
        if let Some(listed) = slot.ok().and_then(|slot| is_listed.get_mut(slot)) {
            *listed = true;
        }
        let last = slot.ok().and_then(|slot| earlier.keys.get(slot));
        let way_back = way_back(assessed.key, watch_days, now);
        History::since(last.map(KnownKey::record), assessed, way_back, today)
    });
    let histories = histories.collect();
    let cells = ListedCells::of(coverage, kinds, earlier.are_all_accounts);
    let known = earlier.keys.into_iter().zip(is_listed);
    let mut missing = Missing::default();
    for (key, _) in known.filter(|(_, is_listed)| !is_listed) {
        match cells.gone_reason(&key) {
            Some(why) => missing.gone.push(GoneKey { key, why }),
            None => missing.unseen.push(key),
        }
    }
    (histories, missing)
}

/// What a run covered of an account, as far as keys can be missed from it.
struct ListedCells<'a> {
    /// Why every key of the account is gone, where there is no row about it.
    left: Option<GoneReason>,
    /// Whether there is a row about it.
    is_covered: bool,
    /// Cells of which all keys were listed, as far as their kinds were read.
    cells: BTreeSet<(&'a str, KeyKind)>,
    /// What was read: a cell can have keys of others.
    kinds: &'a BTreeSet<Family>,
}

impl<'a> ListedCells<'a> {
    fn of(
        coverage: &'a [CoverageRow],
        kinds: &'a BTreeSet<Family>,
        are_all_accounts: bool,
    ) -> Self {
        let whole = coverage.iter().filter(|row| row.is_listed_whole());
        Self {
            left: are_all_accounts.then_some(GoneReason::AccountLeft),
            is_covered: !coverage.is_empty(),
            kinds,
            cells: whole
                .filter_map(|row| match row.scope {
                    Scope::WholeAccount | Scope::EveryRegion { .. } => None,
                    Scope::Cell { kind, .. } => Some((row.scope.region(), kind)),
                })
                .collect(),
        }
    }

    /// Why a key that is not listed is gone; `None` where it may still exist.
    fn gone_reason(&self, key: &KnownKey) -> Option<GoneReason> {
        if !self.is_covered {
            return self.left;
        }
        let cell = (key.region.as_str(), key.kind.of_cell());
        let is_listed = self.kinds.contains(&key.kind.family()) && self.cells.contains(&cell);
        is_listed.then_some(GoneReason::NotListed)
    }
}

#[cfg(test)]
pub(crate) mod tests;
