//! Reading one account: entering it, and its cells side by side.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use keycensus_core::{
    model::{
        account::Account,
        cause::Cause,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        partial_reading::{Extent, PartialReading},
        reading::{KeyKind, KeyReading},
        region::{self, GLOBAL, Region},
    },
    settings::Kind,
};
use tokio::{sync::OnceCell, task::JoinError};
use tokio_util::task::JoinMap;

use crate::{
    deadline::NoTimeLeft,
    progress::Unlisted,
    read::{
        access_keys::{self, context::IamContext},
        cell_reading::CellReading,
        context::ScanContext,
        kms_keys::{
            self,
            cell::{Begun, Cell, KeptCell},
        },
        named_regions::{self, KnownRegions},
        regions::{self, AccountRegions},
        secrets::{self, SecretsContext},
    },
    services::{iam::Iam, kms::Kms, secrets_manager::SecretsManager},
    transport::{call_error::CallError, priority_semaphore::Permit, session::Session},
};

/// Reads an account, or what is left of it. What AWS refuses in it, or a fault in one of its cells,
/// is a row of the coverage. It is `unlisted` until all its cells have begun, and its `permit` is
/// released where it only waits for its credential report.
pub(crate) async fn read(
    scan: &Arc<ScanContext>,
    account: &Arc<Account>,
    unlisted: Unlisted,
    permit: Option<Permit>,
) -> PartialReading {
    let kept = scan.kept.load(account).unwrap_or_default();
    let kept = KeptAccount::new(kept, scan);
    if scan.deadline.is_near() {
        return not_gone_on(account, kept.reading);
    }
    let entered = Box::pin(Session::enter(&scan.aws, &scan.entry, account));
    let session = match scan.deadline.or(entered).await {
        Ok(Ok(session)) => Arc::new(session),
        Err(NoTimeLeft) => return not_gone_on(account, kept.reading),
        Ok(Err(error)) => {
            error.log_gap("an account could not be entered");
            let role = scan.entry.role_arn(account.id);
            return not_entered(account, kept.reading, error.gap(), &format!("role {role}"));
        }
    };
    let mut cells = Cells::new(scan, session, kept);
    let of_iam = [Kind::Iam, Kind::Passwords, Kind::ServiceCredentials];
    if of_iam.iter().any(|kind| scan.settings.kinds.contains(kind)) {
        cells.begin(KeyKind::IamAccessKey, None).await;
    }
    if scan.settings.reads_regions() {
        cells.begin_regions().await;
    }
    drop(unlisted);
    cells.finish(permit).await
}

/// What earlier slices of the run have read of an account.
struct KeptAccount {
    /// All but the keys that were read.
    reading: PartialReading,
    /// What was read of KMS cells that were not read to their end.
    cells: BTreeMap<Scope, KeptCell>,
    /// The access keys that were read, where the IAM cell was not read to its end.
    access_keys: Vec<KeyReading>,
}

impl KeptAccount {
    fn new(mut reading: PartialReading, scan: &ScanContext) -> Self {
        let mut cells: BTreeMap<Scope, KeptCell> = BTreeMap::new();
        let mut access_keys = Vec::new();
        for key in std::mem::take(&mut reading.keys) {
            let cell = key.cell();
            match key.kind {
                _ if reading.has_cell(&cell) => {}
                // They are listed again.
                KeyKind::Secret => {}
                KeyKind::KmsKey => {
                    let kept = cells.entry(cell).or_default();
                    kept.add(&key, &scan.settings, scan.now);
                }
                KeyKind::IamAccessKey
                | KeyKind::RootAccessKey
                | KeyKind::IamPassword
                | KeyKind::RootPassword
                | KeyKind::ServiceCredential => access_keys.push(key),
            }
        }
        Self {
            reading,
            cells,
            access_keys,
        }
    }
}

/// The cells of an account that are being read.
struct Cells<'a> {
    scan: &'a Arc<ScanContext>,
    session: Arc<Session>,
    /// The account's Regions, asked once, where a Region that a setting names cannot be
    /// listed.
    regions: Arc<OnceCell<KnownRegions>>,
    /// Whether the IAM cell no longer waits for its credential report.
    users_are_read: Arc<AtomicBool>,
    tasks: JoinMap<Scope, Option<CellReading>>,
    /// What earlier slices of the run have read.
    kept: KeptAccount,
    found: PartialReading,
}

impl<'a> Cells<'a> {
    fn new(scan: &'a Arc<ScanContext>, session: Arc<Session>, kept: KeptAccount) -> Self {
        Self {
            scan,
            session,
            regions: Arc::default(),
            users_are_read: Arc::default(),
            tasks: JoinMap::new(),
            kept,
            found: PartialReading {
                extent: Extent::Whole,
                ..PartialReading::default()
            },
        }
    }

    /// Begins every cell that is in a Region: those of KMS keys, which take the longest, first.
    async fn begin_regions(&mut self) {
        let regions = self.regions().await;
        for kind in self.kinds_in_regions() {
            for region in &regions {
                self.begin(kind, Some(region.clone())).await;
            }
        }
    }

    /// The kinds of cells that are in Regions.
    fn kinds_in_regions(&self) -> impl Iterator<Item = KeyKind> + use<> {
        let of_regions = [KeyKind::KmsKey, KeyKind::Secret].into_iter();
        let settings = Arc::clone(&self.scan.settings);
        of_regions.filter(move |kind| settings.kinds.contains(&Kind::of(*kind)))
    }

    /// What the rows are about that are about all Regions of the account: one for each kind.
    fn every_region(&self) -> impl Iterator<Item = Scope> + use<> {
        self.kinds_in_regions()
            .map(|kind| Scope::EveryRegion { kind })
    }

    /// The Regions to read.
    async fn regions(&mut self) -> BTreeSet<Region> {
        if let Some(asked) = &self.scan.settings.regions {
            // Which of them are enabled matters only where one cannot be listed.
            return asked.clone();
        }
        let regions = Box::pin(regions::list(&self.scan.aws, &self.session));
        match self.scan.deadline.or(regions).await {
            Ok(Ok(AccountRegions { enabled, .. })) => enabled,
            Ok(Err(error)) => self.regions_instead(&error).await,
            Err(NoTimeLeft) => {
                for scope in self.every_region() {
                    self.cut(scope);
                }
                BTreeSet::new()
            }
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
        let more = format!("which Regions are enabled is not known; read instead: {read_instead}");
        for scope in self.every_region() {
            self.found.coverage.push(CoverageRow::unlisted(
                &self.session.account,
                scope,
                CoverageStatus::of_unlisted(error.cause),
                Some(error.gap()),
                &more,
            ));
        }
        regions
    }

    /// Begins one cell: of the KMS keys or secrets of a Region, or of access keys, which are
    /// in none.
    async fn begin(&mut self, kind: KeyKind, region: Option<Region>) {
        let scope = Scope::Cell {
            region: region.clone(),
            kind,
        };
        self.scan.progress.add_cells(1);
        if self.kept.reading.has_cell(&scope) {
            self.scan.progress.cell_done();
            return;
        }
        let permit = Arc::clone(&self.scan.cells).acquire_owned();
        let permit = self.scan.deadline.or(permit).await;
        // The semaphore is never closed.
        let (Ok(Ok(permit)), false) = (permit, self.scan.deadline.is_near()) else {
            self.cut(scope);
            self.scan.progress.cell_done();
            return;
        };
        let (scan, session) = (Arc::clone(self.scan), Arc::clone(&self.session));
        let regions = Arc::clone(&self.regions);
        let users_are_read = Arc::clone(&self.users_are_read);
        let kept = self.kept.cells.remove(&scope).unwrap_or_default();
        let access_keys = match region {
            Some(_) => Vec::new(),
            None => std::mem::take(&mut self.kept.access_keys),
        };
        let unlisted = scan.progress.begin_listing();
        self.tasks.spawn(scope, async move {
            // Boxed, so that an IAM cell that waits takes no more memory than it needs.
            let reading = match region {
                Some(region) => {
                    Box::pin(async {
                        let reading = match kind {
                            KeyKind::Secret => {
                                drop((unlisted, permit));
                                read_secrets(&scan, &session, &region).await
                            }
                            _ => {
                                let begun = Begun { unlisted, permit };
                                read_kms(&scan, &session, &region, kept, begun).await
                            }
                        };
                        named_regions::unless_not_enabled(
                            &scan, &session, &regions, &region, reading,
                        )
                        .await
                    })
                    .await
                }
                None => {
                    // What is left is told of KMS keys only.
                    drop((unlisted, permit));
                    let iam = read_iam(&scan, &session, access_keys, &users_are_read);
                    Some(Box::pin(iam).await)
                }
            };
            let reading = reading.map(|reading| reading.keeping_keys(&scan, &session));
            scan.progress.cell_done();
            reading
        });
    }

    /// Notes that there was no time left for something.
    fn cut(&mut self, scope: Scope) {
        let row = no_time(&self.session.account, scope);
        self.found.cut_coverage.push(row);
        self.found.extent = Extent::Cut;
    }

    /// Waits for all cells. Where only the IAM cell is left, and waits for its credential report, the
    /// permit is released, and what is known of the other cells is kept.
    async fn finish(mut self, mut permit: Option<Permit>) -> PartialReading {
        loop {
            if permit.is_some() && self.waits_for_credential_report() {
                drop(permit.take());
                self.keep_coverage();
            }
            let Some((scope, done)) = self.tasks.join_next().await else {
                return self.found;
            };
            match done {
                Ok(Some(mut cell)) => {
                    self.found.keys.append(&mut cell.keys);
                    self.found.unread_keys.append(&mut cell.unread_keys);
                    if cell.extent == Extent::Cut {
                        self.found.extent = Extent::Cut;
                        self.found.cut_coverage.push(cell.coverage);
                    } else {
                        self.found.coverage.push(cell.coverage);
                    }
                }
                Ok(None) => {}
                Err(panic) => {
                    let status = CoverageStatus::Failed;
                    let row = fault(&self.session.account, scope, status, &panic);
                    self.found.coverage.push(row);
                }
            }
        }
    }

    fn waits_for_credential_report(&self) -> bool {
        let of_iam = |scope: &Scope| matches!(scope, Scope::Cell { region: None, .. });
        self.tasks.len() == 1
            && self.tasks.keys().all(of_iam)
            && !self.users_are_read.load(Ordering::Relaxed)
    }

    /// Keeps the rows of the cells that were read.
    fn keep_coverage(&mut self) {
        if self.found.coverage.is_empty() {
            return;
        }
        let some = PartialReading {
            coverage: std::mem::take(&mut self.found.coverage),
            ..PartialReading::default()
        };
        self.scan.sink.keep(&self.session.account, some);
    }
}

async fn read_kms(
    scan: &ScanContext,
    session: &Session,
    region: &Region,
    kept: KeptCell,
    begun: Begun,
) -> CellReading {
    let settings = &scan.settings;
    let last_night = &scan.last_night;
    let last = last_night.cell(session.account.id, region.as_str(), &scan.deadline);
    let cell = Cell {
        aws: &scan.aws,
        session,
        kms: Kms::new(&scan.aws, session, region, settings.last_usage_rps)
            .until(scan.deadline.last_call()),
        account: &session.account,
        region,
        settings,
        progress: scan.progress.begin_kms_cell(),
        deadline: &scan.deadline,
        now: scan.now,
        unread: &scan.unfinished.keys,
        last: last.await,
        last_night,
        sink: &scan.sink,
        reading: &scan.reading,
    };
    kms_keys::cell::read(&cell, kept, begun).await
}

async fn read_secrets(scan: &ScanContext, session: &Session, region: &Region) -> CellReading {
    let context = SecretsContext {
        secrets_manager: SecretsManager::new(&scan.aws, session, region),
        account: &session.account,
        region,
        settings: &scan.settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
    };
    secrets::read(&context).await
}

impl CellReading {
    /// The reading without its keys, which are kept: other cells of the account may take long.
    fn keeping_keys(mut self, scan: &ScanContext, session: &Session) -> Self {
        if !self.keys.is_empty() {
            let some = PartialReading {
                keys: std::mem::take(&mut self.keys),
                ..PartialReading::default()
            };
            scan.sink.keep(&session.account, some);
        }
        self
    }
}

async fn read_iam(
    scan: &ScanContext,
    session: &Session,
    kept: Vec<KeyReading>,
    users_are_read: &AtomicBool,
) -> CellReading {
    let last_night = &scan.last_night;
    let last = last_night.cell(session.account.id, GLOBAL, &scan.deadline);
    let context = IamContext {
        iam: Iam::new(&scan.aws, session),
        account: &session.account,
        partition: &scan.entry.scanner().partition,
        settings: &scan.settings,
        progress: &scan.progress,
        deadline: &scan.deadline,
        now: scan.now,
        last: last.await,
        was_unfinished: scan.unfinished.accounts.contains(&session.account.id),
    };
    access_keys::cell::read(&context, kept, &scan.iam_cells, users_are_read).await
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

/// The reading of an account that there was no time to enter: what earlier slices lacked time for
/// is as they left it.
fn not_gone_on(account: &Arc<Account>, kept: PartialReading) -> PartialReading {
    if kept.cut_coverage.is_empty() {
        return PartialReading::cut(no_time(account, Scope::WholeAccount));
    }
    PartialReading {
        unread_keys: kept.unread_keys,
        cut_coverage: kept.cut_coverage,
        extent: Extent::Cut,
        ..PartialReading::default()
    }
}

/// The reading of an account that could not be entered; where earlier slices could enter it, what
/// they lacked time for is as they left it, with a note.
fn not_entered(
    account: &Arc<Account>,
    kept: PartialReading,
    gap: Gap,
    role: &str,
) -> PartialReading {
    let was_entered = |row: &CoverageRow| row.scope != Scope::WholeAccount;
    if !kept
        .coverage
        .iter()
        .chain(&kept.cut_coverage)
        .any(was_entered)
    {
        let status = CoverageStatus::Unreachable;
        let scope = Scope::WholeAccount;
        let row = CoverageRow::unlisted(account, scope, status, Some(gap), role);
        return PartialReading::only(row);
    }
    let mut cut_coverage = kept.cut_coverage;
    for row in &mut cut_coverage {
        row.note(&format!(
            "the account could not be entered again: {gap}; {role}"
        ));
    }
    PartialReading {
        unread_keys: kept.unread_keys,
        cut_coverage,
        extent: Extent::Whole,
        ..PartialReading::default()
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
