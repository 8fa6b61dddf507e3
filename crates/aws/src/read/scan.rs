//! The second stage of a census: from the accounts to readings and coverage.

use std::{collections::BTreeMap, sync::Arc};

use keycensus_core::model::{
    account::{Account, AccountId},
    coverage::{CoverageRow, CoverageStatus, Scope},
    gap::Gap,
    organization_reading::Reading,
    reading::PackedKeys,
};
use tokio::sync::mpsc;
use tokio_util::task::JoinMap;

use crate::{
    deadline::NoTimeLeft,
    error::CensusError,
    plan::{
        left_out,
        organization::{ListedAccount, Listing, OrganizationAccount},
        ou_paths::OuPaths,
        selection::{Selection, regions_enabled_nowhere},
    },
    read::{
        account::{self, AccountReading},
        context::ScanContext,
    },
};

/// How many listed accounts may wait to be planned.
const ACCOUNTS_AHEAD: usize = 64;

/// Plans and reads the whole organization. Listing, planning, reading and looking
/// up where accounts are go on side by side: the first account is read while
/// others are still being listed.
///
/// # Errors
/// Not one account of the organization can be listed.
pub(crate) async fn read_organization(
    scan: &Arc<ScanContext>,
    listing: Listing<'_>,
) -> Result<Reading<PackedKeys>, CensusError> {
    let (listed, to_plan) = mpsc::channel(ACCOUNTS_AHEAD);
    let (planned, to_read) = mpsc::unbounded_channel();
    let (placed, to_place) = mpsc::unbounded_channel();
    let ((), left_out, (keys, mut coverage), ou_paths) = tokio::try_join!(
        listing.finish(listed, &scan.deadline),
        async { Ok(plan_accounts(scan, to_plan, planned, placed).await) },
        async { Ok(read_accounts(scan, to_read).await) },
        async { Ok(place_accounts(scan, to_place).await) },
    )?;
    coverage.extend(regions_enabled_nowhere(&scan.settings, &coverage));
    coverage.extend(left_out);
    Ok(Reading {
        keys,
        coverage,
        ou_paths,
    })
}

/// Decides for each account that is listed whether it is to be read; gives the
/// rows of those that are not.
async fn plan_accounts(
    scan: &ScanContext,
    mut listed: mpsc::Receiver<ListedAccount>,
    planned: mpsc::UnboundedSender<Arc<Account>>,
    placed: mpsc::UnboundedSender<OrganizationAccount>,
) -> Vec<CoverageRow> {
    let settings = &scan.settings;
    let mut ou_paths = OuPaths::new(&scan.aws, scan.entry.scanner());
    let mut selection = Selection::new(settings);
    let mut rows = Vec::new();
    while let Some(listed) = listed.recv().await {
        let account = match listed {
            ListedAccount::Account(account) => account,
            ListedAccount::NotAll(gap) => {
                selection.lacks_accounts(gap);
                continue;
            }
        };
        if !selection.is_new(account.id) {
            continue;
        }
        let unit_ids = match settings.organizational_units {
            Some(_) => {
                let unit_ids = scan.deadline.or(ou_paths.unit_ids(&account)).await;
                unit_ids.unwrap_or(Err(Gap::NoTimeLeft))
            }
            None => Ok(Vec::new()),
        };
        selection.has_units(&unit_ids);
        let read = Arc::new(Account {
            id: account.id,
            name: account.name.clone(),
        });
        match left_out::left_out(&account, &unit_ids, settings) {
            Some(left_out) => rows.push(left_out.row(&read)),
            None => {
                scan.progress.add_accounts(1);
                // The other ends take accounts until these are dropped.
                let _ = planned.send(read);
                let _ = placed.send(OrganizationAccount {
                    unit_ids: unit_ids
                        .ok()
                        .filter(|ids| !ids.is_empty())
                        .or(account.unit_ids),
                    ..account
                });
            }
        }
    }
    // Reading goes on meanwhile.
    drop((planned, placed));
    rows.extend(selection.rows(&mut ou_paths, &scan.deadline).await);
    rows
}

/// Looks up where accounts are, by name, as long as there is time.
async fn place_accounts(
    scan: &ScanContext,
    mut placed: mpsc::UnboundedReceiver<OrganizationAccount>,
) -> BTreeMap<AccountId, String> {
    let mut ou_paths = OuPaths::new(&scan.aws, scan.entry.scanner());
    let mut paths = BTreeMap::new();
    while let Some(account) = placed.recv().await {
        let path = scan.deadline.or(async {
            let unit_ids = ou_paths.unit_ids(&account).await.ok()?;
            Some(ou_paths.path(&unit_ids).await)
        });
        let path = match path.await {
            Ok(path) => path,
            Err(NoTimeLeft) => account.unit_ids.map(|ids| ids.join("/")),
        };
        paths.extend(path.map(|path| (account.id, path)));
    }
    paths
}

/// Reads every account. What one account refuses, or a fault in it, never costs
/// another its rows. Where the last run left something undone, accounts with
/// that begin first.
async fn read_accounts(
    scan: &Arc<ScanContext>,
    mut planned: mpsc::UnboundedReceiver<Arc<Account>>,
) -> (PackedKeys, Vec<CoverageRow>) {
    let mut keys = PackedKeys::default();
    let mut coverage = Vec::new();
    let mut tasks = JoinMap::new();
    let mut waited_for = scan.unfinished.accounts.clone();
    let mut held_back = Vec::new();
    let mut is_planning = true;
    loop {
        if waited_for.is_empty() || !is_planning {
            for account in held_back.drain(..) {
                tasks.spawn(Arc::clone(&account), begin(scan, account));
            }
        }
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            account = planned.recv(), if is_planning => match account {
                Some(account) if waited_for.is_empty() || waited_for.remove(&account.id) => {
                    tasks.spawn(Arc::clone(&account), begin(scan, account));
                }
                Some(account) => held_back.push(account),
                None => is_planning = false,
            },
            Some((account, done)) = tasks.join_next() => match done {
                Ok(mut found) => {
                    found.cells.into_iter().for_each(|cell| keys.push(cell));
                    coverage.append(&mut found.coverage);
                }
                Err(panic) => {
                    let row = account::fault(
                        &account, Scope::WholeAccount, CoverageStatus::Unreachable, &panic,
                    );
                    coverage.push(row);
                }
            },
            else => return (keys, coverage),
        }
    }
}

fn begin(
    scan: &Arc<ScanContext>,
    account: Arc<Account>,
) -> impl Future<Output = AccountReading> + Send + use<> {
    let scan = Arc::clone(scan);
    async move {
        let found = account::read(&scan, &account).await;
        scan.progress.account_done();
        found
    }
}
