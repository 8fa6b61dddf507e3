//! Arbitrary nights of one small organization, for property tests.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};

use crate::{
    arbitrary::run,
    examples::{FIRST_CENSUS, access_key, account, kms_key, last_run, report_of},
    judge::{last_run::LastRun, summary::RunFacts, whole_report::WholeReport},
    model::{
        access_key::root_key_id,
        account::Account,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        organization_reading::Reading,
        reading::{KeyKind, KeyReading, Usage},
        region::Region,
    },
};

const ACCOUNTS: usize = 3;
/// Two Regions, and the cell of access keys.
const CELLS: usize = 3;
const KEYS: usize = 3;

/// What a night finds of one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum KeyOnNight {
    Stale,
    InUse,
    Exempt,
    Disabled,
    Unreadable,
    /// There is no such key.
    Nothing,
}

/// How a night lists one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CellListing {
    Whole,
    /// The listing ended early: keys with odd numbers were not listed.
    Cut,
    Denied,
    /// The cell has no coverage row: a setting left it out.
    LeftOut,
}

/// How a night finds one account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AccountEntry {
    Yes,
    Unreachable,
    /// The organization has no such account.
    Left,
    /// The listing of the organization's accounts ended before it.
    NotListed,
}

/// How a cell is listed, and what is found of each of its keys.
type Cell = (CellListing, Vec<KeyOnNight>);

#[derive(Debug, Clone)]
pub(crate) struct Night {
    accounts: Vec<(AccountEntry, Vec<Cell>)>,
}

/// A night whose keys are each one of `found`, and whose accounts are each one of `entered`.
pub(crate) fn night(
    found: Vec<KeyOnNight>,
    entered: Vec<AccountEntry>,
) -> impl Strategy<Value = Night> {
    let listed = vec![
        CellListing::Whole,
        CellListing::Whole,
        CellListing::Cut,
        CellListing::Denied,
        CellListing::LeftOut,
    ];
    let keys = vec(prop::sample::select(found), KEYS);
    let cells = vec((prop::sample::select(listed), keys), CELLS);
    let accounts = vec((prop::sample::select(entered), cells), ACCOUNTS);
    accounts.prop_map(|accounts| Night { accounts })
}

pub(crate) fn any_night() -> impl Strategy<Value = Night> {
    let found = vec![
        KeyOnNight::Stale,
        KeyOnNight::InUse,
        KeyOnNight::Exempt,
        KeyOnNight::Disabled,
        KeyOnNight::Unreadable,
        KeyOnNight::Nothing,
    ];
    let entered = vec![
        AccountEntry::Yes,
        AccountEntry::Yes,
        AccountEntry::Yes,
        AccountEntry::Unreachable,
        AccountEntry::Left,
        AccountEntry::NotListed,
    ];
    night(found, entered)
}

impl Night {
    /// The report of this night, the `nth` after the first.
    pub(crate) fn report(&self, nth: usize, last: &LastRun) -> WholeReport {
        let first = run();
        let days = jiff::SignedDuration::from_hours(24 * nth as i64);
        let run = RunFacts {
            now: first.now + days,
            ..first
        };
        report_of(&run, self.reading(), last)
    }

    fn reading(&self) -> Reading {
        let mut reading = Reading::default();
        let mut is_whole = true;
        for (n, (entered, cells)) in self.accounts.iter().enumerate() {
            let account = account(n as u64, "=name");
            match entered {
                AccountEntry::Left => {}
                AccountEntry::NotListed => is_whole = false,
                AccountEntry::Unreachable => reading.coverage.push(CoverageRow::unlisted(
                    &account,
                    Scope::WholeAccount,
                    CoverageStatus::Unreachable,
                    None,
                    "",
                )),
                AccountEntry::Yes => {
                    // Some row there is, even where settings leave every cell out.
                    reading
                        .coverage
                        .push(row(&account, CELLS, CellListing::Whole));
                    for (cell, (listed, keys)) in cells.iter().enumerate() {
                        if *listed != CellListing::LeftOut {
                            reading.coverage.push(row(&account, cell, *listed));
                        }
                        let is_listed = |key: &usize| match listed {
                            CellListing::Whole => true,
                            CellListing::Cut => key.is_multiple_of(2),
                            CellListing::Denied | CellListing::LeftOut => false,
                        };
                        let keys = keys.iter().enumerate().filter(|(key, _)| is_listed(key));
                        let keys = keys.filter_map(|(n, found)| key(&account, cell, n, *found));
                        reading.keys.extend(keys);
                    }
                }
            }
        }
        if !is_whole {
            reading.coverage.push(CoverageRow::of_organization(
                CoverageStatus::Failed,
                Gap::unreadable_answer("organizations:ListAccounts"),
                "not all accounts of the organization are known",
            ));
        }
        reading
    }
}

/// The Region and kind of a cell; the last one of an account is a Region without keys.
fn region_and_kind(cell: usize) -> (Option<Region>, KeyKind) {
    match cell {
        0 => (Region::parse("eu-west-1"), KeyKind::KmsKey),
        1 => (Region::parse("us-east-1"), KeyKind::KmsKey),
        2 => (None, KeyKind::IamAccessKey),
        _ => (Region::parse("ap-south-1"), KeyKind::KmsKey),
    }
}

fn row(account: &Arc<Account>, cell: usize, listed: CellListing) -> CoverageRow {
    let (region, kind) = region_and_kind(cell);
    let is_whole = listed == CellListing::Whole;
    let scope = Scope::Cell { region, kind };
    let (status, gaps): (_, &[Gap]) = match listed {
        CellListing::Whole => (CoverageStatus::Scanned, &[]),
        CellListing::Cut => (CoverageStatus::Partial, &[Gap::NoTimeLeft]),
        CellListing::Denied | CellListing::LeftOut => (CoverageStatus::Denied, &[]),
    };
    let keys = CellKeys {
        listed: KEYS as u64,
        unreadable: 0,
        is_whole,
    };
    match listed {
        CellListing::Denied => CoverageRow::unlisted(account, scope, status, None, ""),
        _ => CoverageRow::of_cell(account, scope, status, keys, gaps, ""),
    }
}

fn key(account: &Arc<Account>, cell: usize, n: usize, found: KeyOnNight) -> Option<KeyReading> {
    let used = match found {
        KeyOnNight::InUse => "2026-11-20T00:00:00Z",
        _ => "2026-05-01T00:00:00Z",
    };
    let (region, kind) = region_and_kind(cell);
    let mut key = match kind {
        KeyKind::KmsKey => kms_key(account, n, used),
        _ => access_key(account, "anna", n, used),
    };
    key.region = region;
    if kind == KeyKind::IamAccessKey && n == 0 {
        key.kind = KeyKind::RootAccessKey;
        key.key_id = root_key_id(1);
    }
    match found {
        KeyOnNight::Stale | KeyOnNight::InUse => {}
        KeyOnNight::Exempt => key.exemption = Some("legal".to_owned()),
        KeyOnNight::Disabled => key.state = Some("Disabled".to_owned()),
        KeyOnNight::Unreadable => key.usage = Usage::Unreadable(Gap::NoTimeLeft),
        KeyOnNight::Nothing => return None,
    }
    Some(key)
}

/// The reports of nights, each compared with the one before.
pub(crate) fn reports(nights: &[Night]) -> Vec<WholeReport> {
    let mut reports: Vec<WholeReport> = Vec::new();
    for (nth, night) in nights.iter().enumerate() {
        let last = match reports.last() {
            Some(report) => last_run(report),
            None => FIRST_CENSUS,
        };
        reports.push(night.report(nth, &last));
    }
    reports
}
