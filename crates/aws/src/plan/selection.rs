//! What settings name and the organization does not have.
//!
//! What is not there was not read, though a setting asks for it: a gap. A name that only
//! leaves something out, or selects what is empty, costs the report nothing: its row is
//! `skipped`, with an error code of its own.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::{
    model::{
        account::{Account, AccountId},
        cause::Cause,
        coverage::{
            ACCOUNT_NOT_FOUND, CoverageRow, CoverageStatus, SELECTS_NOTHING, Scope, UNIT_NOT_FOUND,
        },
        gap::Gap,
        region::Region,
    },
    settings::{Settings, Source},
};

use crate::{
    deadline::{Deadline, NoTimeLeft},
    plan::{
        organization::{LIST_ACCOUNTS, OrganizationAccount},
        ou_paths::{DESCRIBE_UNIT, LIST_PARENTS, OuPaths},
    },
};

/// What settings name, beside what the organization has.
pub(crate) struct Selection<'a> {
    settings: &'a Settings,
    /// The accounts that were listed.
    accounts: BTreeSet<AccountId>,
    /// The roots and units that have an account below them.
    units: BTreeSet<String>,
    /// Why it is not known of some account which units are above it.
    units_gap: Option<Gap>,
    /// Why not all accounts were listed.
    accounts_gap: Option<Gap>,
}

impl<'a> Selection<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            accounts: BTreeSet::new(),
            units: BTreeSet::new(),
            units_gap: None,
            accounts_gap: None,
        }
    }

    /// Notes an account of the organization. Returns whether it is new: pages can repeat
    /// an account.
    pub(crate) fn is_new(&mut self, account: AccountId) -> bool {
        self.accounts.insert(account)
    }

    /// Notes the units above an account, or why they are not known.
    pub(crate) fn has_units(&mut self, unit_ids: &Result<Vec<String>, Gap>) {
        match unit_ids {
            Ok(ids) => self.units.extend(ids.iter().cloned()),
            Err(gap) => self.units_gap = Some(gap.clone()),
        }
    }

    /// Notes that not all accounts were listed, and why.
    pub(crate) fn lacks_accounts(&mut self, gap: Gap) {
        self.accounts_gap = Some(gap);
    }

    /// A row for each account and unit that a setting names and that is not there, or
    /// selects nothing, and one where not all accounts were listed, once their listing has
    /// ended.
    pub(crate) async fn rows(
        self,
        ou_paths: &mut OuPaths<'_>,
        deadline: &Deadline,
    ) -> Vec<CoverageRow> {
        let mut rows = self.accounts_not_found();
        let named = self.settings.organizational_units.iter().flatten();
        for unit in named.filter(|unit| !self.units.contains(*unit)) {
            rows.extend(self.unit_row(unit, ou_paths, deadline).await);
        }
        rows.iter().for_each(log);
        rows.extend(self.accounts_gap.map(incomplete_listing));
        rows
    }

    fn accounts_not_found(&self) -> Vec<CoverageRow> {
        let not_found = || Gap::unanswered(LIST_ACCOUNTS, ACCOUNT_NOT_FOUND, Cause::Gone);
        let (gap, but) = match &self.accounts_gap {
            None => (not_found(), "but no account of the organization"),
            Some(gap) => (
                gap.clone(),
                "and not among the accounts that could be listed",
            ),
        };
        let row = |id: &AccountId, status, setting| {
            let account = Arc::new(Account {
                id: *id,
                name: String::new(),
            });
            let why = format!("named in {}, {but}", spelled(setting));
            let gap = Some(gap.clone());
            CoverageRow::unlisted(&account, Scope::WholeAccount, status, gap, &why)
        };
        let is_missing = |id: &&AccountId| !self.accounts.contains(*id);
        let asked = self.settings.accounts.as_ref();
        let asked_for = asked.into_iter().flatten().filter(is_missing);
        let mut rows: Vec<CoverageRow> = asked_for
            .map(|id| row(id, CoverageStatus::Unreachable, "accounts"))
            .collect();
        // Beside a list of the accounts to read, it does not matter which others there are.
        if asked.is_none() && self.accounts_gap.is_none() {
            let excluded = self.settings.exclude_accounts.iter().filter(is_missing);
            rows.extend(excluded.map(|id| row(id, CoverageStatus::Skipped, "exclude_accounts")));
        }
        rows
    }

    /// The row of a unit or root that a setting names and that is above no account;
    /// `None` where that is not known and there is a row for it already.
    async fn unit_row(
        &self,
        unit: &str,
        ou_paths: &mut OuPaths<'_>,
        deadline: &Deadline,
    ) -> Option<CoverageRow> {
        let setting = spelled("organizational_units");
        let not_found = |operation| {
            CoverageRow::of_organization(
                CoverageStatus::Unreachable,
                Gap::unanswered(operation, UNIT_NOT_FOUND, Cause::Gone),
                &format!("{unit}, named in {setting}, does not exist in the organization"),
            )
        };
        let not_known = |gap| {
            CoverageRow::of_organization(
                CoverageStatus::Unreachable,
                gap,
                &format!("whether {unit}, named in {setting}, exists is not known"),
            )
        };
        if unit.starts_with("r-") {
            // An organization has one root, which is above every account.
            let root_is_known = self.units.iter().any(|id| id.starts_with("r-"));
            return Some(match &self.units_gap {
                Some(gap) if !root_is_known => not_known(gap.clone()),
                _ => not_found(LIST_PARENTS),
            });
        }
        match deadline.or(Box::pin(ou_paths.check_unit(unit))).await {
            Err(NoTimeLeft) => Some(not_known(Gap::NoTimeLeft)),
            Ok(Err(error)) if &*error.code == "OrganizationalUnitNotFoundException" => {
                Some(not_found(DESCRIBE_UNIT))
            }
            Ok(Err(error)) => {
                error.log_gap("whether an organizational unit exists is not known");
                Some(not_known(error.gap()))
            }
            // Accounts below it may be among those of which this is not known, or which
            // were not listed.
            Ok(Ok(())) if self.units_gap.is_some() || self.accounts_gap.is_some() => None,
            Ok(Ok(())) => Some(selects_nothing(
                LIST_ACCOUNTS,
                &format!("{unit}, named in {setting}, has no account below it"),
            )),
        }
    }
}

/// What a coverage row says of an account that a setting names, when it is left out for
/// another reason; `None` where no setting names it.
pub(crate) fn named_in_vain(account: &OrganizationAccount, settings: &Settings) -> Option<Gap> {
    let named = settings.accounts.as_ref()?;
    let is_named = named.contains(&account.id);
    is_named.then(|| Gap::unanswered(LIST_ACCOUNTS, SELECTS_NOTHING, Cause::Gone))
}

/// A row for each Region that a setting names and that is not among those that are `enabled` in some
/// account that was entered.
pub(crate) fn regions_enabled_nowhere(
    settings: &Settings,
    enabled: &BTreeSet<Region>,
) -> Vec<CoverageRow> {
    if !settings.reads_regions() {
        return Vec::new();
    }
    let named = settings.regions.iter().flatten();
    let nowhere = named.filter(|region| !enabled.contains(region));
    let rows: Vec<CoverageRow> = nowhere
        .map(|region| {
            let setting = spelled("regions");
            selects_nothing(
                "account:ListRegions",
                &format!("{region}, named in {setting}, is enabled in no account that was read"),
            )
        })
        .collect();
    rows.iter().for_each(log);
    rows
}

fn selects_nothing(operation: &'static str, why: &str) -> CoverageRow {
    let gap = Gap::unanswered(operation, SELECTS_NOTHING, Cause::Gone);
    CoverageRow::of_organization(CoverageStatus::Skipped, gap, why)
}

/// The row of an organization of which not all accounts were listed. Those that were are
/// read.
fn incomplete_listing(gap: Gap) -> CoverageRow {
    let status = match gap {
        Gap::NoTimeLeft => CoverageStatus::Deferred,
        Gap::Unanswered { .. } => CoverageStatus::Failed,
    };
    CoverageRow::of_organization(
        status,
        gap,
        "not all accounts of the organization are known",
    )
}

fn log(row: &CoverageRow) {
    tracing::warn!(
        account.id = row
            .account
            .as_ref()
            .map(|account| tracing::field::display(account.id)),
        error.code = row.gap.as_ref().map(Gap::code),
        "a setting names what is not there, or selects nothing: {}",
        row.detail,
    );
}

/// A setting as the environment spells it.
pub(crate) fn spelled(setting: &str) -> String {
    Source::Environment.spelling(setting)
}

#[cfg(test)]
mod tests {
    use keycensus_core::model::{account::AccountId, coverage::CoverageStatus, gap::Gap};

    use super::Selection;
    use crate::plan::tests::settings;

    #[test]
    fn an_account_that_is_named_may_be_among_those_that_were_not_listed() {
        for (setting, rows_told) in [("accounts", 1), ("exclude_accounts", 0)] {
            let settings = settings(setting, "999999999999");
            let mut selection = Selection::new(&settings);
            selection.lacks_accounts(Gap::NoTimeLeft);
            let rows = selection.accounts_not_found();
            assert_eq!(rows.len(), rows_told, "{setting}");
            for row in rows {
                assert!(row.status.is_gap() && !row.is_not_found());
                assert_eq!(
                    row.detail,
                    "no time left; named in KEYCENSUS_ACCOUNTS, and not among the accounts that could be listed"
                );
            }
        }
    }

    #[test]
    fn an_account_that_is_named_but_missing_has_a_row() {
        for (setting, spelled, status) in [
            (
                "accounts",
                "KEYCENSUS_ACCOUNTS",
                CoverageStatus::Unreachable,
            ),
            (
                "exclude_accounts",
                "KEYCENSUS_EXCLUDE_ACCOUNTS",
                CoverageStatus::Skipped,
            ),
        ] {
            let settings = settings(setting, "111111111111,999999999999");
            let mut selection = Selection::new(&settings);
            assert!(selection.is_new(AccountId::parse("111111111111").unwrap()));
            let rows = selection.accounts_not_found();
            assert_eq!(rows.len(), 1, "{setting}");
            assert_eq!(rows[0].status, status);
            assert_eq!(
                rows[0].detail,
                format!(
                    "organizations:ListAccounts AccountNotFound; \
                     named in {spelled}, but no account of the organization"
                )
            );
        }
    }
}
