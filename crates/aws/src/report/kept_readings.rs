//! What was read of every account, put together from the parts when it is asked for: all of it is too
//! much to be kept in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use keycensus_core::{
    files::census_plan::CensusPlan,
    model::{
        account::{Account, AccountId},
        account_reading::AccountReading,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        partial_reading::PartialReading,
        region::Region,
    },
    settings::Settings,
};

use crate::{
    error::CensusError,
    parts::index::Index,
    plan::selection::regions_enabled_nowhere,
    read::{named_regions, nothing_read},
};

/// What was read of every account of an organization.
pub(crate) struct KeptReadings {
    settings: Settings,
    index: Index,
    accounts: BTreeMap<Option<AccountId>, Planned>,
    ou_paths: BTreeMap<AccountId, String>,
}

/// What a plan has of an account, or of the organization itself.
#[derive(Debug, Default)]
struct Planned {
    /// It is to be read.
    account: Option<Arc<Account>>,
    /// Why it is not; or what there is to say of the organization.
    rows: Vec<CoverageRow>,
}

impl KeptReadings {
    /// What was read of the accounts of `plan`. An account that was not begun counts as out of time.
    ///
    /// # Errors
    /// No account was entered.
    pub(crate) fn new(
        settings: &Settings,
        plan: CensusPlan,
        index: Index,
    ) -> Result<Self, CensusError> {
        let mut accounts: BTreeMap<Option<AccountId>, Planned> = BTreeMap::new();
        for account in plan.accounts {
            let planned = accounts.entry(Some(account.id)).or_default();
            planned.account = Some(account);
        }
        for row in plan.left_out {
            let id = row.account.as_ref().map(|account| account.id);
            accounts.entry(id).or_default().rows.push(row);
        }
        let mut readings = Self {
            settings: settings.clone(),
            index,
            accounts,
            ou_paths: plan.ou_paths,
        };
        readings.look_through()?;
        Ok(readings)
    }

    /// Sees whether an account was entered, and adds what there is to say of Regions that a setting
    /// names.
    fn look_through(&mut self) -> Result<(), CensusError> {
        let named: BTreeSet<Region> = self.settings.regions.iter().flatten().cloned().collect();
        let mut enabled = BTreeSet::new();
        let mut left_out = Vec::new();
        let (mut is_any_entered, mut is_any_reachable) = (false, false);
        for account in self.all() {
            for row in account.coverage {
                is_any_reachable |= row.status != CoverageStatus::Unreachable;
                if nothing_read::is_entered(&row) {
                    is_any_entered = true;
                    left_out = Vec::new();
                } else if !is_any_entered {
                    left_out.push(row.clone());
                }
                let of_region = named.iter().filter(|region| row.scope.is_of_region(region));
                enabled.extend(of_region.cloned());
            }
            if is_any_entered && enabled.len() == named.len() {
                break;
            }
        }
        let nowhere = match is_any_reachable {
            true => regions_enabled_nowhere(&self.settings, &enabled),
            false => Vec::new(),
        };
        if !is_any_entered {
            left_out.extend(nowhere);
            return Err(nothing_read::error(&left_out));
        }
        if !nowhere.is_empty() {
            self.accounts.entry(None).or_default().rows.extend(nowhere);
        }
        Ok(())
    }

    /// What was read of each account, in the order of their IDs; the organization itself comes first,
    /// if there is a row about it.
    pub(crate) fn all(&self) -> impl Iterator<Item = AccountReading> {
        let accounts = self.accounts.iter();
        accounts.map(|(id, planned)| self.reading(*id, planned))
    }

    fn reading(&self, id: Option<AccountId>, planned: &Planned) -> AccountReading {
        let mut reading = AccountReading {
            account: id,
            keys: Vec::new(),
            coverage: planned.rows.clone(),
            ou_path: None,
        };
        if let Some(account) = &planned.account {
            let kept = self.index.load(account);
            let kept = kept.unwrap_or_else(|| not_begun(account));
            let (keys, mut coverage) = kept.finish(account);
            named_regions::say_what_is_not_enabled(account, &self.settings, &mut coverage);
            reading.keys = keys;
            reading.coverage.append(&mut coverage);
            reading.ou_path = self.ou_paths.get(&account.id).cloned();
        }
        reading
    }
}

fn not_begun(account: &Arc<Account>) -> PartialReading {
    let status = CoverageStatus::Deferred;
    let gap = Some(Gap::NoTimeLeft);
    PartialReading::cut(CoverageRow::unlisted(
        account,
        Scope::WholeAccount,
        status,
        gap,
        "",
    ))
}
