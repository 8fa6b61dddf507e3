//! The second stage of a census: from the accounts to readings and coverage.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use keycensus_core::{
    account::Account,
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::{Gap, KeyKind, Reading},
    region::{self, Region},
    settings::{Settings, Source},
};
use tokio::{
    sync::{OnceCell, OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinSet},
};

use crate::{
    cell::{self, Cell, CellReading},
    connection::Aws,
    kms::Kms,
    progress::Progress,
    regions::{self, AccountRegions},
    session::{Entry, Session},
};

/// How many cells may be waiting for their first page of keys. A cell that has
/// begun never waits for another; this only keeps cells that have not begun from
/// taking memory.
const CELLS_BEGINNING: usize = 256;

/// What accounts are read with.
pub(crate) struct Scan {
    pub(crate) aws: Arc<Aws>,
    pub(crate) entry: Arc<Entry>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) progress: Arc<Progress>,
    beginning: Arc<Semaphore>,
    own_regions: OnceCell<Option<BTreeSet<Region>>>,
}

impl Scan {
    pub(crate) fn new(
        aws: Arc<Aws>,
        entry: Arc<Entry>,
        settings: Arc<Settings>,
        progress: Arc<Progress>,
    ) -> Self {
        Self {
            aws,
            entry,
            settings,
            progress,
            beginning: Arc::new(Semaphore::new(CELLS_BEGINNING)),
            own_regions: OnceCell::new(),
        }
    }
}

/// Reads every account. What one account refuses, or a fault in it, never costs
/// another its rows.
pub(crate) async fn read_accounts(scan: &Arc<Scan>, accounts: Vec<Arc<Account>>) -> Reading {
    scan.progress.add_accounts(accounts.len() as u64);
    let mut reading = Reading::default();
    let mut tasks = Tasks::default();
    for account in accounts {
        let scan = Arc::clone(scan);
        tasks.spawn(Arc::clone(&account), async move {
            let reading = read_account(&scan, &account).await;
            scan.progress.account_done();
            reading
        });
    }
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok(mut account) => {
                reading.keys.append(&mut account.keys);
                reading.coverage.append(&mut account.coverage);
            }
            Err(account) => {
                reading.coverage.push(fault(
                    &account,
                    Scope::WholeAccount,
                    CoverageStatus::Unreachable,
                ));
            }
        }
    }
    reading
}

async fn read_account(scan: &Arc<Scan>, account: &Arc<Account>) -> Reading {
    let session = match Session::enter(&scan.aws, &scan.entry, account).await {
        Ok(session) => Arc::new(session),
        Err(error) => {
            error.log_gap("an account could not be entered");
            let role = scan.entry.role_arn(account.id);
            return Reading {
                keys: Vec::new(),
                coverage: vec![CoverageRow {
                    gap: Some(error.gap()),
                    detail: format!("role {role}"),
                    ..not_entered(account, CoverageStatus::Unreachable)
                }],
            };
        }
    };
    let (regions, doubt) = regions_of(scan, &session).await;
    if regions.is_empty() {
        let setting = Source::Environment.spelling("regions");
        return Reading {
            keys: Vec::new(),
            coverage: vec![CoverageRow {
                detail: format!("no Region of {setting} is enabled in this account"),
                ..not_entered(account, CoverageStatus::Skipped)
            }],
        };
    }
    read_cells(scan, &session, regions, doubt.as_deref()).await
}

async fn read_cells(
    scan: &Arc<Scan>,
    session: &Arc<Session>,
    regions: BTreeSet<Region>,
    doubt: Option<&str>,
) -> Reading {
    scan.progress.add_cells(regions.len() as u64);
    let mut reading = Reading::default();
    let mut tasks = Tasks::default();
    for region in regions {
        // Never closed, so there is always a permit in the end.
        let turn = Arc::clone(&scan.beginning).acquire_owned().await.ok();
        let (scan, session) = (Arc::clone(scan), Arc::clone(session));
        tasks.spawn(region.clone(), async move {
            let reading = read_cell(&scan, &session, &region, turn).await;
            scan.progress.cell_done();
            reading
        });
    }
    while let Some(done) = tasks.join_next().await {
        let mut row = match done {
            Ok(mut cell) => {
                reading.keys.append(&mut cell.keys);
                cell.coverage
            }
            Err(region) => {
                let kind = KeyKind::KmsKey;
                fault(
                    &session.account,
                    Scope::Cell { region, kind },
                    CoverageStatus::Failed,
                )
            }
        };
        if let Some(doubt) = doubt {
            let separator = if row.detail.is_empty() { "" } else { "; " };
            row.detail = format!("{}{separator}{doubt}", row.detail);
        }
        reading.coverage.push(row);
    }
    reading
}

async fn read_cell(
    scan: &Scan,
    session: &Session,
    region: &Region,
    turn: Option<OwnedSemaphorePermit>,
) -> CellReading {
    let settings = &scan.settings;
    let cell = Cell {
        kms: Kms::new(&scan.aws, session, region, settings.last_usage_rps),
        account: &session.account,
        region,
        settings,
        progress: &scan.progress,
    };
    cell::read(&cell, turn).await
}

/// The Regions to read in an account, and what is doubtful about them.
async fn regions_of(scan: &Arc<Scan>, session: &Session) -> (BTreeSet<Region>, Option<String>) {
    let asked = scan.settings.regions.as_ref();
    let wanted = |regions: BTreeSet<Region>| match asked {
        Some(asked) => regions.intersection(asked).cloned().collect(),
        None => regions,
    };
    let error = match regions::list(&scan.aws, session).await {
        Ok(AccountRegions { enabled, .. }) => return (wanted(enabled), None),
        Err(error) => error,
    };
    error.log_gap("the Regions of an account are not known");
    let refusal = error.gap();
    match own_regions(scan).await {
        Some(own) => (
            wanted(own.clone()),
            Some(format!(
                "{refusal}: the Regions of the scanner's own account were read"
            )),
        ),
        None => {
            let known = region::known_in(&scan.entry.scanner().partition).collect();
            let regions = asked.cloned().unwrap_or(known);
            (
                regions,
                Some(format!("{refusal}: which Regions are enabled is not known")),
            )
        }
    }
}

/// The Regions enabled in the account that the census runs in, asked once.
async fn own_regions(scan: &Scan) -> Option<&BTreeSet<Region>> {
    let ask = || async {
        let session = Session::own(scan.entry.scanner());
        let regions = regions::list(&scan.aws, &session).await.ok()?;
        Some(regions.enabled)
    };
    scan.own_regions.get_or_init(ask).await.as_ref()
}

fn not_entered(account: &Arc<Account>, status: CoverageStatus) -> CoverageRow {
    CoverageRow {
        account: Arc::clone(account),
        scope: Scope::WholeAccount,
        status,
        keys: None,
        gap: None,
        detail: String::new(),
    }
}

/// The row of an account or cell whose reading came to a sudden end by a fault
/// of the census itself.
fn fault(account: &Arc<Account>, scope: Scope, status: CoverageStatus) -> CoverageRow {
    CoverageRow {
        scope,
        gap: Some(Gap {
            operation: "keycensus:Read",
            code: "InternalError".into(),
            refused: false,
        }),
        ..not_entered(account, status)
    }
}

/// Tasks that are told apart by a name, so that one that ends in a fault still
/// has a row.
struct Tasks<N, T> {
    set: JoinSet<T>,
    names: HashMap<tokio::task::Id, N>,
}

impl<N, T> Default for Tasks<N, T> {
    fn default() -> Self {
        Self {
            set: JoinSet::new(),
            names: HashMap::new(),
        }
    }
}

impl<N, T: Send + 'static> Tasks<N, T> {
    fn spawn(&mut self, name: N, task: impl Future<Output = T> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.insert(id, name);
    }

    /// The next result; the task's name where it ended in a fault.
    async fn join_next(&mut self) -> Option<Result<T, N>> {
        loop {
            match self.set.join_next_with_id().await? {
                Ok((id, result)) => {
                    self.names.remove(&id);
                    return Some(Ok(result));
                }
                Err(fault) => {
                    tracing::error!("a task ended in a fault: {fault}");
                    if let Some(name) = self.names.remove(&JoinError::id(&fault)) {
                        return Some(Err(name));
                    }
                }
            }
        }
    }
}
