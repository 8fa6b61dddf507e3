//! Reading one account: entering it, and its cells side by side.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::{
    account::Account,
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::{Cause, Gap, KeyKind, PackedCell},
    region::{self, Region},
    settings::{Kind, Source},
};

use crate::{
    cell::{self, Cell, CellReading},
    iam::Iam,
    iam_cell::{self, IamCell},
    kms::Kms,
    regions::{self, AccountRegions},
    scan::Scan,
    session::Session,
    stop::NoTimeLeft,
    tasks::Tasks,
};

/// What was found in an account.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) cells: Vec<PackedCell>,
    pub(crate) coverage: Vec<CoverageRow>,
}

/// Reads an account. What AWS refuses in it, or a fault in one of its cells, is a
/// row of the coverage.
pub(crate) async fn read(scan: &Arc<Scan>, account: &Arc<Account>) -> Found {
    // What comes before the cells is boxed: thousands of accounts wait for theirs.
    let entered = Box::pin(Session::enter(&scan.aws, &scan.entry, account));
    let session = match scan.stop.or(entered).await {
        Ok(Ok(session)) => Arc::new(session),
        Err(NoTimeLeft) => return only(no_time(account, Scope::WholeAccount)),
        Ok(Err(error)) => {
            error.log_gap("an account could not be entered");
            let role = scan.entry.role_arn(account.id);
            return only(CoverageRow {
                gap: Some(error.gap()),
                detail: format!("role {role}"),
                ..row(account, Scope::WholeAccount, CoverageStatus::Unreachable)
            });
        }
    };
    let mut cells = Cells::new(scan, session);
    if scan.settings.kinds.contains(&Kind::Iam) {
        cells.begin(None).await;
    }
    if scan.settings.kinds.contains(&Kind::Kms) {
        let regions = Box::pin(regions_of(scan, &cells.session));
        let regions = scan.stop.or(regions).await;
        cells.begin_kms(regions).await;
    }
    cells.finish().await
}

/// The cells of an account that are being read.
struct Cells<'a> {
    scan: &'a Arc<Scan>,
    session: Arc<Session>,
    tasks: Tasks<Scope, CellReading>,
    found: Found,
    /// What is to be said of every cell of KMS keys.
    kms_doubt: Option<String>,
    /// What is to be said where the cell of access keys is the only one.
    iam_only: Option<String>,
}

impl<'a> Cells<'a> {
    fn new(scan: &'a Arc<Scan>, session: Arc<Session>) -> Self {
        Self {
            scan,
            session,
            tasks: Tasks::default(),
            found: Found::default(),
            kms_doubt: None,
            iam_only: None,
        }
    }

    /// Begins every cell of KMS keys.
    async fn begin_kms(&mut self, regions: Result<(BTreeSet<Region>, Option<String>), NoTimeLeft>) {
        let account = &self.session.account;
        let Ok((regions, doubt)) = regions else {
            let row = no_time(account, Scope::WholeAccount);
            self.found.coverage.push(row);
            return;
        };
        if regions.is_empty() {
            let setting = Source::Environment.spelling("regions");
            let none = format!("no Region of {setting} is enabled in this account");
            if self.scan.settings.kinds.contains(&Kind::Iam) {
                self.iam_only = Some(none);
            } else {
                self.found.coverage.push(CoverageRow {
                    detail: none,
                    ..row(account, Scope::WholeAccount, CoverageStatus::Skipped)
                });
            }
        }
        self.kms_doubt = doubt;
        for region in regions {
            self.begin(Some(region)).await;
        }
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
        let turn = Arc::clone(&self.scan.cells).acquire_owned();
        let Ok(turn) = self.scan.stop.or(turn).await else {
            let row = no_time(&self.session.account, scope);
            self.found.coverage.push(row);
            self.scan.progress.cell_done();
            return;
        };
        let (scan, session) = (Arc::clone(self.scan), Arc::clone(&self.session));
        self.tasks.spawn(scope, async move {
            let reading = match region {
                Some(region) => read_kms(&scan, &session, &region).await,
                None => read_iam(&scan, &session).await,
            };
            drop(turn);
            scan.progress.cell_done();
            reading
        });
    }

    /// Waits for all cells.
    async fn finish(mut self) -> Found {
        while let Some(done) = self.tasks.join_next().await {
            let mut row = match done {
                Ok(cell) => {
                    self.found.cells.push(cell.keys);
                    cell.coverage
                }
                Err(scope) => fault(&self.session.account, scope, CoverageStatus::Failed),
            };
            let note = match row.scope {
                Scope::Cell { region: None, .. } => &self.iam_only,
                Scope::Cell { .. } | Scope::WholeAccount => &self.kms_doubt,
            };
            if let Some(note) = note {
                let separator = if row.detail.is_empty() { "" } else { "; " };
                row.detail = format!("{}{separator}{note}", row.detail);
            }
            self.found.coverage.push(row);
        }
        self.found
    }
}

async fn read_kms(scan: &Scan, session: &Session, region: &Region) -> CellReading {
    let settings = &scan.settings;
    let cell = Cell {
        aws: &scan.aws,
        session,
        kms: Kms::new(&scan.aws, session, region, settings.last_usage_rps),
        account: &session.account,
        region,
        settings,
        progress: &scan.progress,
        stop: &scan.stop,
        now: scan.now,
        unread: &scan.unfinished.keys,
    };
    cell::read(&cell).await
}

async fn read_iam(scan: &Scan, session: &Session) -> CellReading {
    let cell = IamCell {
        iam: Iam::new(&scan.aws, session),
        account: &session.account,
        partition: &scan.entry.scanner().partition,
        settings: &scan.settings,
        progress: &scan.progress,
        stop: &scan.stop,
        now: scan.now,
        was_unfinished: scan.unfinished.accounts.contains(&session.account.id),
    };
    iam_cell::read(&cell).await
}

/// The Regions to read in an account, and what is doubtful about them.
async fn regions_of(scan: &Scan, session: &Session) -> (BTreeSet<Region>, Option<String>) {
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

/// What says nothing but why there is nothing.
fn only(row: CoverageRow) -> Found {
    Found {
        coverage: vec![row],
        ..Found::default()
    }
}

fn row(account: &Arc<Account>, scope: Scope, status: CoverageStatus) -> CoverageRow {
    CoverageRow {
        account: Arc::clone(account),
        scope,
        status,
        keys: None,
        gap: None,
        detail: String::new(),
    }
}

/// The row of an account or cell that there was no time to begin.
fn no_time(account: &Arc<Account>, scope: Scope) -> CoverageRow {
    CoverageRow {
        gap: Some(Gap::NoTimeLeft),
        ..row(account, scope, CoverageStatus::Deferred)
    }
}

/// The row of an account or cell whose reading came to a sudden end by a fault
/// of the census itself.
pub(crate) fn fault(account: &Arc<Account>, scope: Scope, status: CoverageStatus) -> CoverageRow {
    CoverageRow {
        gap: Some(Gap::unanswered(
            "keycensus:Read",
            "InternalError",
            Cause::Fault,
        )),
        ..row(account, scope, status)
    }
}
