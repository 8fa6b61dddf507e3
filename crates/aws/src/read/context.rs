//! What the accounts of an organization are read with.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use keycensus_core::{model::region::Region, settings::Settings};
use tokio::sync::{OnceCell, Semaphore};

use crate::{
    deadline::Deadline,
    parts::{
        index::Index,
        resumed::Resumed,
        sink::{Keeper, Sink},
    },
    progress::Progress,
    read::{last_night::LastNight, unfinished::Unfinished},
    run::{Census, RunContext},
    services::aws::Aws,
    transport::{clock::Clock, priority_semaphore::PrioritySemaphore, session::Entry},
};

/// The first keys of how many cells may be listed at once. Many more than there are requests in flight: a
/// Region that does not answer takes those of all accounts that are entered. This keeps cells that have
/// not begun from taking memory.
const CELLS_BEGUN_AT_ONCE: usize = 2_048;

/// The keys of how many cells may be read at once. At their pace they make 5,120 requests a second,
/// more than a function can. With half as many, 8,500 cells of a few keys each wait for permits longer
/// than the longest cell takes.
const CELLS_READ_AT_ONCE: usize = 1_024;

/// How many accounts may be entered and their KMS keys read at once. What was read of an account is in
/// memory until all of it is read: the fewer accounts are under way, the less that is. So many need not
/// wait for each other: ListAccounts returns 160 accounts a second, and most are read within three.
const ACCOUNTS_AT_ONCE: usize = 512;

/// The users of how many accounts may be read at once. At their pace they make 3,200 requests a second,
/// more than a function can.
const IAM_CELLS_AT_ONCE: usize = 128;

/// What every account is read with.
pub(crate) struct ScanContext {
    pub(crate) aws: Arc<Aws>,
    pub(crate) entry: Arc<Entry>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) deadline: Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// What the last run left undone.
    pub(crate) unfinished: Unfinished,
    /// What the last run's report has of keys that need not be read.
    pub(crate) last_night: LastNight,
    /// Where what is read is kept.
    pub(crate) sink: Sink,
    /// What earlier slices of the run have read.
    pub(crate) kept: Arc<Index>,
    /// The permits of cells that are begun, until their first keys are listed.
    pub(crate) cells: Arc<Semaphore>,
    /// The permits of cells whose KMS keys are read.
    pub(crate) reading: PrioritySemaphore,
    /// The permits of IAM cells whose users are read.
    pub(crate) iam_cells: Semaphore,
    /// The permits of accounts that are entered, and whose KMS keys are read.
    pub(crate) accounts: PrioritySemaphore,
    pub(crate) own_regions: OnceCell<Option<BTreeSet<Region>>>,
}

impl ScanContext {
    /// What a run is read with that goes on with what was kept, and who keeps what it reads.
    pub(crate) fn new(
        census: &Census,
        at: RunContext<'_>,
        resumed: Resumed,
        deadline: Deadline,
        clock: Clock,
    ) -> (Self, Keeper) {
        let (sink, keeper) = resumed.sink(census);
        let settings = &census.settings;
        let entry = Entry::new(at.scanner.clone(), settings, &census.run_id, clock);
        let scan = Self {
            aws: Arc::clone(&census.aws),
            entry: Arc::new(entry),
            settings: Arc::new(settings.clone()),
            progress: Arc::clone(&census.progress),
            deadline,
            now: census.now,
            unfinished: Unfinished::default(),
            last_night: LastNight::nothing(),
            sink,
            kept: Arc::new(resumed.kept.index),
            cells: Arc::new(Semaphore::new(CELLS_BEGUN_AT_ONCE)),
            reading: PrioritySemaphore::new(CELLS_READ_AT_ONCE, census.aws.capacity()),
            iam_cells: Semaphore::new(IAM_CELLS_AT_ONCE),
            accounts: PrioritySemaphore::new(ACCOUNTS_AT_ONCE, census.aws.capacity()),
            own_regions: OnceCell::new(),
        };
        (scan, keeper)
    }
}
