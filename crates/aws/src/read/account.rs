//! Reading one account: entering it, and its cells side by side.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::{
    model::{
        account::Account,
        cause::Cause,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        reading::{KeyKind, PackedCell},
        region::{self, Region},
    },
    settings::Kind,
};
use tokio::{sync::OnceCell, task::JoinError};
use tokio_util::task::JoinMap;

use crate::{
    deadline::NoTimeLeft,
    read::{
        access_keys::{self, context::IamContext},
        context::ScanContext,
        kms_keys::{
            self,
            cell::{Cell, CellReading},
        },
        named_regions::{self, KnownRegions},
        regions::{self, AccountRegions},
    },
    services::{iam::Iam, kms::Kms},
    transport::{call_error::CallError, session::Session},
};

/// All cells of KMS keys of an account.
const EVERY_REGION: Scope = Scope::EveryRegion {
    kind: KeyKind::KmsKey,
};

/// What was found in an account.
#[derive(Debug, Default)]
pub(crate) struct AccountReading {
    pub(crate) cells: Vec<PackedCell>,
    pub(crate) coverage: Vec<CoverageRow>,
}

/// Reads an account. What AWS refuses in it, or a fault in one of its cells, is a
/// row of the coverage.
pub(crate) async fn read(scan: &Arc<ScanContext>, account: &Arc<Account>) -> AccountReading {
    // What comes before the cells is boxed: thousands of accounts wait for theirs.
    let entered = Box::pin(Session::enter(&scan.aws, &scan.entry, account));
    let session = match scan.deadline.or(entered).await {
        Ok(Ok(session)) => Arc::new(session),
        Err(NoTimeLeft) => return only(no_time(account, Scope::WholeAccount)),
        Ok(Err(error)) => {
            error.log_gap("an account could not be entered");
            let role = scan.entry.role_arn(account.id);
            return only(CoverageRow::unlisted(
                account,
                Scope::WholeAccount,
                CoverageStatus::Unreachable,
                Some(error.gap()),
                &format!("role {role}"),
            ));
        }
    };
    let mut cells = Cells::new(scan, session);
    if scan.settings.kinds.contains(&Kind::Iam) {
        cells.begin(None).await;
    }
    if scan.settings.kinds.contains(&Kind::Kms) {
        cells.begin_kms().await;
    }
    cells.finish().await
}

/// The cells of an account that are being read.
struct Cells<'a> {
    scan: &'a Arc<ScanContext>,
    session: Arc<Session>,
    /// The account's Regions, asked once, where a Region that a setting names cannot be
    /// listed.
    regions: Arc<OnceCell<KnownRegions>>,
    tasks: JoinMap<Scope, Option<CellReading>>,
    found: AccountReading,
}

impl<'a> Cells<'a> {
    fn new(scan: &'a Arc<ScanContext>, session: Arc<Session>) -> Self {
        Self {
            scan,
            session,
            regions: Arc::default(),
            tasks: JoinMap::new(),
            found: AccountReading::default(),
        }
    }

    /// Begins every cell of KMS keys.
    async fn begin_kms(&mut self) {
        if let Some(asked) = &self.scan.settings.regions {
            // Which of them are enabled matters only where one cannot be listed.
            for region in asked.clone() {
                self.begin(Some(region)).await;
            }
            return;
        }
        let regions = Box::pin(regions::list(&self.scan.aws, &self.session));
        let regions = match self.scan.deadline.or(regions).await {
            Ok(Ok(AccountRegions { enabled, .. })) => enabled,
            Ok(Err(error)) => self.regions_instead(&error).await,
            Err(NoTimeLeft) => {
                let row = no_time(&self.session.account, EVERY_REGION);
                self.found.coverage.push(row);
                return;
            }
        };
        for region in regions {
            self.begin(Some(region)).await;
        }
    }

    /// The Regions to read where the account's own are not known, which is a gap: there
    /// may be keys in others.
    async fn regions_instead(&mut self, error: &CallError) -> BTreeSet<Region> {
        error.log_gap("the Regions of an account are not known");
        let own = Box::pin(own_regions(self.scan));
        let (regions, read_instead) = match self.scan.deadline.or(own).await {
            Err(NoTimeLeft) => (BTreeSet::new(), "none, for lack of time"),
            Ok(Some(own)) => (own.clone(), "the Regions of the scanner's own account"),
            Ok(None) => {
                let partition = &self.scan.entry.scanner().partition;
                let known = region::known_in(partition).collect();
                (known, "all Regions known to this version")
            }
        };
        self.found.coverage.push(CoverageRow::unlisted(
            &self.session.account,
            EVERY_REGION,
            CoverageStatus::of_unlisted(error.cause),
            Some(error.gap()),
            &format!("which Regions are enabled is not known; read instead: {read_instead}"),
        ));
        regions
    }

    /// Begins one cell: of the KMS keys of a Region, or of access keys, which are
    /// in none.
    async fn begin(&mut self, region: Option<Region>) {
        let kind = match region {
            Some(_) => KeyKind::KmsKey,
            None => KeyKind::IamAccessKey,
        };
        let scope = Scope::Cell {
            region: region.clone(),
            kind,
        };
        self.scan.progress.add_cells(1);
        let permit = Arc::clone(&self.scan.cells).acquire_owned();
        let Ok(permit) = self.scan.deadline.or(permit).await else {
            let row = no_time(&self.session.account, scope);
            self.found.coverage.push(row);
            self.scan.progress.cell_done();
            return;
        };
        let (scan, session) = (Arc::clone(self.scan), Arc::clone(&self.session));
        let regions = Arc::clone(&self.regions);
        self.tasks.spawn(scope, async move {
            let reading = match region {
                Some(region) => {
                    let reading = read_kms(&scan, &session, &region).await;
                    named_regions::unless_not_enabled(&scan, &session, &regions, &region, reading)
                        .await
                }
                None => Some(read_iam(&scan, &session).await),
            };
            drop(permit);
            scan.progress.cell_done();
            reading
        });
    }

    /// Waits for all cells.
    async fn finish(mut self) -> AccountReading {
        while let Some((scope, done)) = self.tasks.join_next().await {
            let row = match done {
                Ok(Some(cell)) => {
                    self.found.cells.push(cell.keys);
                    cell.coverage
                }
                Ok(None) => continue,
                Err(panic) => fault(&self.session.account, scope, CoverageStatus::Failed, &panic),
            };
            self.found.coverage.push(row);
        }
        named_regions::say_what_is_not_enabled(
            &self.session.account,
            &self.scan.settings,
            &mut self.found.coverage,
        );
        self.found
    }
}

async fn read_kms(scan: &ScanContext, session: &Session, region: &Region) -> CellReading {
    let settings = &scan.settings;
    let cell = Cell {
        aws: &scan.aws,
        session,
        kms: Kms::new(&scan.aws, session, region, settings.last_usage_rps),
        account: &session.account,
        region,
        settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
        unread: &scan.unfinished.keys,
    };
    kms_keys::cell::read(&cell).await
}

async fn read_iam(scan: &ScanContext, session: &Session) -> CellReading {
    let context = IamContext {
        iam: Iam::new(&scan.aws, session),
        account: &session.account,
        partition: &scan.entry.scanner().partition,
        settings: &scan.settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
        was_unfinished: scan.unfinished.accounts.contains(&session.account.id),
    };
    access_keys::cell::read(&context).await
}

/// The Regions enabled in the account that the census runs in, asked once.
async fn own_regions(scan: &ScanContext) -> Option<&BTreeSet<Region>> {
    let ask = || async {
        let session = Session::own(scan.entry.scanner());
        let regions = regions::list(&scan.aws, &session).await.ok()?;
        Some(regions.enabled)
    };
    scan.own_regions.get_or_init(ask).await.as_ref()
}

/// What says nothing but why there is nothing.
fn only(row: CoverageRow) -> AccountReading {
    AccountReading {
        coverage: vec![row],
        ..AccountReading::default()
    }
}

/// The row of an account or cell that there was no time to begin.
fn no_time(account: &Arc<Account>, scope: Scope) -> CoverageRow {
    CoverageRow::unlisted(
        account,
        scope,
        CoverageStatus::Deferred,
        Some(Gap::NoTimeLeft),
        "",
    )
}

/// The row of an account or cell whose reading came to a sudden end by a fault
/// of the census itself.
pub(crate) fn fault(
    account: &Arc<Account>,
    scope: Scope,
    status: CoverageStatus,
    panic: &JoinError,
) -> CoverageRow {
    tracing::error!(account.id = %account.id, "a task panicked: {panic}");
    let gap = Gap::unanswered("keycensus:Read", "InternalError", Cause::Fault);
    CoverageRow::unlisted(account, scope, status, Some(gap), "")
}
