//! The second stage of a census: from the accounts to readings and coverage.

use std::{collections::BTreeMap, sync::Arc};

use keycensus_core::{
    files::census_plan::CensusPlan,
    model::{
        account::{Account, AccountId},
        coverage::{CoverageRow, CoverageStatus, Scope},
        partial_reading::{Extent, PartialReading},
    },
};
use tokio::sync::mpsc;
use tokio_util::task::JoinMap;

use crate::{
    deadline::NoTimeLeft,
    error::CensusError,
    parts::{index::Index, sink::Keeper},
    plan::{
        organization::{ACCOUNTS_AHEAD, ListedAccount, Listing, OrganizationAccount},
        ou_paths::OuPaths,
        selecting::select,
    },
    read::{account, context::ScanContext},
    run::RunContext,
    transport::priority_semaphore::Urgency,
};

/// Which accounts are to be read.
pub(crate) enum Accounts<'a> {
    /// Those of a listing that has begun.
    Listed(Box<Listing<'a>>),
    /// Those of a plan that an earlier slice has kept.
    Planned(CensusPlan),
}

/// Reads accounts, and keeps what is read; gives the plan, and where all that was read is.
///
/// # Errors
/// Not one account of the organization can be listed.
pub(crate) async fn read_and_keep(
    scan: ScanContext,
    accounts: Accounts<'_>,
    keeper: Keeper,
    at: RunContext<'_>,
) -> Result<(CensusPlan, Index), CensusError> {
    let scan = Arc::new(scan);
    // Dropped when all is read, and with it the other end of the keeper.
    let read = async move { read_organization(&scan, accounts).await };
    let (plan, index) = tokio::join!(read, keeper.run(at));
    Ok((plan?, index))
}

/// Plans the whole organization, and keeps the plan.
///
/// # Errors
/// Not one account of the organization can be listed, or there is no time left to list them all.
pub(crate) async fn plan_and_keep(
    scan: ScanContext,
    listing: Listing<'_>,
    keeper: Keeper,
    at: RunContext<'_>,
) -> Result<CensusPlan, CensusError> {
    let deadline = scan.deadline.clone();
    let (planned, _) = mpsc::unbounded_channel();
    let plan = async move { plan(&scan, listing, planned).await };
    let (plan, _) = tokio::join!(plan, keeper.run(at));
    match deadline.is_reached() {
        false => plan,
        true => Err(CensusError::OutOfTime {
            to: "to list the organization's accounts".to_owned(),
        }),
    }
}

/// Plans and reads the whole organization, and gives the plan. Listing, planning, reading and
/// looking up where accounts are go on side by side: the first account is read while others are
/// still being listed. What is read is kept as it comes.
///
/// # Errors
/// Not one account of the organization can be listed.
async fn read_organization(
    scan: &Arc<ScanContext>,
    accounts: Accounts<'_>,
) -> Result<CensusPlan, CensusError> {
    let (planned, to_read) = mpsc::unbounded_channel();
    let plan = async {
        match accounts {
            Accounts::Listed(listing) => plan(scan, *listing, planned).await,
            Accounts::Planned(plan) => {
                scan.progress.add_accounts(plan.accounts.len() as u64);
                for account in &plan.accounts {
                    // The other end takes accounts until this one is dropped.
                    let _ = planned.send(Arc::clone(account));
                }
                drop(planned);
                Ok(plan)
            }
        }
    };
    let read = async {
        read_accounts(scan, to_read).await;
        Ok(())
    };
    let (plan, ()) = tokio::try_join!(plan, read)?;
    Ok(plan)
}

/// Lists the organization, and decides which accounts are to be read. A plan that there was no time
/// to end is not kept.
async fn plan(
    scan: &ScanContext,
    listing: Listing<'_>,
    planned: mpsc::UnboundedSender<Arc<Account>>,
) -> Result<CensusPlan, CensusError> {
    let (listed, to_plan) = mpsc::channel(ACCOUNTS_AHEAD);
    let (placed, to_place) = mpsc::unbounded_channel();
    let ((), (accounts, left_out), ou_paths) = tokio::try_join!(
        listing.finish(listed, &scan.deadline),
        async { Ok(plan_accounts(scan, to_plan, planned, placed).await) },
        async { Ok(place_accounts(scan, to_place).await) },
    )?;
    let plan = CensusPlan {
        accounts,
        ou_paths,
        left_out,
    };
    if !scan.deadline.is_reached() {
        scan.sink.keep_plan(plan.clone());
    }
    Ok(plan)
}

/// Gives the accounts that are to be read, each as soon as that is decided, and the rows of what is not read.
async fn plan_accounts(
    scan: &ScanContext,
    listed: mpsc::Receiver<ListedAccount>,
    planned: mpsc::UnboundedSender<Arc<Account>>,
    placed: mpsc::UnboundedSender<OrganizationAccount>,
) -> (Vec<Arc<Account>>, Vec<CoverageRow>) {
    let mut accounts = Vec::new();
    let ou_paths = OuPaths::new(&scan.aws, scan.entry.scanner());
    let each = {
        let accounts = &mut accounts;
        move |account: Arc<Account>, in_organization| {
            scan.progress.add_accounts(1);
            accounts.push(Arc::clone(&account));
            // The other ends take accounts until these are dropped.
            let _ = planned.send(account);
            let _ = placed.send(in_organization);
        }
    };
    let unselected = select(&scan.settings, ou_paths, &scan.deadline, listed, each).await;
    let mut rows = unselected.left_out;
    rows.extend(unselected.not_found);
    (accounts, rows)
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

/// Reads every account that was not read to its end. What one account refuses, or a fault in it,
/// never costs another its rows. Where the last run left something undone, accounts with
/// that begin first.
async fn read_accounts(
    scan: &Arc<ScanContext>,
    mut planned: mpsc::UnboundedReceiver<Arc<Account>>,
) {
    let mut tasks = JoinMap::new();
    let mut waited_for = scan.unfinished.accounts.clone();
    let mut held_back = Vec::new();
    let mut is_planning = true;
    // Accounts that have not begun.
    let mut unlisted = Some(scan.progress.begin_listing());
    loop {
        if waited_for.is_empty() || !is_planning {
            for account in held_back.drain(..) {
                tasks.spawn(Arc::clone(&account), begin(scan, account));
            }
        }
        if !is_planning {
            drop(unlisted.take());
        }
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            account = planned.recv(), if is_planning => match account {
                Some(account) if scan.kept.extent(account.id) == Some(Extent::Whole) => {
                    waited_for.remove(&account.id);
                    scan.progress.account_done();
                }
                Some(account) if waited_for.is_empty() || waited_for.remove(&account.id) => {
                    tasks.spawn(Arc::clone(&account), begin(scan, account));
                }
                Some(account) => held_back.push(account),
                None => is_planning = false,
            },
            Some((account, done)) = tasks.join_next() => {
                if let Err(panic) = done {
                    let row = account::not_read::fault(
                        &account, Scope::WholeAccount, CoverageStatus::Unreachable, &panic,
                    );
                    scan.sink.keep(&account, PartialReading::only(row));
                }
            }
            else => return,
        }
    }
}

fn begin(
    scan: &Arc<ScanContext>,
    account: Arc<Account>,
) -> impl Future<Output = ()> + Send + use<> {
    let scan = Arc::clone(scan);
    let unlisted = scan.progress.begin_listing();
    async move {
        // Thousands of accounts wait here: what is in memory of one that waits is this future.
        let permit = scan.deadline.or(scan.accounts.permit(Urgency::FIRST)).await;
        let found = Box::pin(account::read(&scan, &account, unlisted, permit.ok())).await;
        scan.sink.keep(&account, found);
        scan.progress.account_done();
    }
}
