//! The cells of an account, read side by side.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use keycensus_core::model::{
    coverage::{CoverageRow, CoverageStatus, Scope},
    partial_reading::{Extent, PartialReading},
    reading::KeyKind,
    region::{self, Region},
};
use tokio::sync::OnceCell;
use tokio_util::task::JoinMap;

use crate::{
    deadline::NoTimeLeft,
    read::{
        account::{
            any_cell::{read_iam, read_kms, read_secrets},
            kept::KeptAccount,
            not_read::{fault, no_time},
        },
        cell_reading::CellReading,
        context::ScanContext,
        kms_keys::cell::Begun,
        named_regions::{self, KnownRegions},
        regions::{self, AccountRegions},
    },
    transport::{call_error::CallError, priority_semaphore::Permit, session::Session},
};

/// The cells of an account that are being read.
pub(super) struct Cells<'a> {
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
    pub(super) fn new(
        scan: &'a Arc<ScanContext>,
        session: Arc<Session>,
        kept: KeptAccount,
    ) -> Self {
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
    pub(super) async fn begin_regions(&mut self) {
        let regions = self.regions().await;
        for kind in self.kinds_in_regions() {
            for region in &regions {
                self.begin(kind, Some(region.clone())).await;
            }
        }
    }

    /// The kinds of cells that are in Regions.
    fn kinds_in_regions(&self) -> impl Iterator<Item = KeyKind> + use<> {
        let of_regions = KeyKind::ALL.into_iter().filter(|kind| !kind.is_of_iam());
        let settings = Arc::clone(&self.scan.settings);
        of_regions.filter(move |kind| settings.reads(*kind))
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
    pub(super) async fn begin(&mut self, kind: KeyKind, region: Option<Region>) {
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
    pub(super) async fn finish(mut self, mut permit: Option<Permit>) -> PartialReading {
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

/// The Regions enabled in the account that the census runs in, asked once.
async fn own_regions(scan: &ScanContext) -> Option<&BTreeSet<Region>> {
    let ask = || async {
        let session = Session::own(scan.entry.scanner());
        let regions = regions::list(&scan.aws, &session).await.ok()?;
        Some(regions.enabled)
    };
    scan.own_regions.get_or_init(ask).await.as_ref()
}
