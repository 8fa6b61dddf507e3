//! How far a running census is.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::transport::lock::lock;

/// Counters that grow while a census runs; anyone may look at them.
#[derive(Debug, Default)]
pub struct Progress {
    accounts: AtomicU64,
    accounts_done: AtomicU64,
    cells: AtomicU64,
    cells_done: AtomicU64,
    keys_listed: AtomicU64,
    keys_read: AtomicU64,
    keys_kept: AtomicU64,
    unlisted: AtomicU64,
    cells_begun: AtomicU64,
    /// How many keys of each cell that is being read are listed and not read.
    left: Mutex<HashMap<u64, Arc<AtomicU64>>>,
}

/// What the counters say at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Accounts to enter.
    pub accounts: u64,
    /// Accounts that were entered and read, or could not be entered.
    pub accounts_done: u64,
    /// Cells known so far.
    pub cells: u64,
    /// Cells finished.
    pub cells_done: u64,
    /// Keys listed so far.
    pub keys_listed: u64,
    /// Keys finished.
    pub keys_read: u64,
    /// Keys that earlier invocations of the same run have read, beside those.
    pub keys_kept: u64,
    /// The most keys of a cell of KMS keys that are listed and not read yet.
    pub most_left: u64,
    /// Whether there may be more keys that are not listed yet.
    pub is_listing: bool,
}

/// Something whose keys are not all listed, until it is dropped.
#[derive(Debug)]
pub(crate) struct Unlisted(Arc<Progress>);

/// How far a cell of KMS keys is that is being read.
#[derive(Debug)]
pub(crate) struct KmsCellProgress {
    progress: Arc<Progress>,
    number: u64,
    left: Arc<AtomicU64>,
}

impl Progress {
    /// What the counters say now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            accounts: load(&self.accounts),
            accounts_done: load(&self.accounts_done),
            cells: load(&self.cells),
            cells_done: load(&self.cells_done),
            keys_listed: load(&self.keys_listed),
            keys_read: load(&self.keys_read),
            keys_kept: load(&self.keys_kept),
            most_left: lock(&self.left)
                .values()
                .map(|left| load(left))
                .max()
                .unwrap_or(0),
            is_listing: load(&self.unlisted) > 0,
        }
    }

    pub(crate) fn add_accounts(&self, n: u64) {
        self.accounts.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn account_done(&self) {
        self.accounts_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_cells(&self, n: u64) {
        self.cells.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn cell_done(&self) {
        self.cells_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn keys_kept(&self, n: u64) {
        self.keys_kept.store(n, Ordering::Relaxed);
    }

    pub(crate) fn key_listed(&self) {
        self.keys_listed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn key_read(&self) {
        self.keys_read.fetch_add(1, Ordering::Relaxed);
    }

    /// Begins something whose keys are to be listed.
    pub(crate) fn begin_listing(self: &Arc<Self>) -> Unlisted {
        self.unlisted.fetch_add(1, Ordering::Relaxed);
        Unlisted(Arc::clone(self))
    }

    /// Begins a cell of KMS keys.
    pub(crate) fn begin_kms_cell(self: &Arc<Self>) -> KmsCellProgress {
        let number = self.cells_begun.fetch_add(1, Ordering::Relaxed);
        let left = Arc::default();
        lock(&self.left).insert(number, Arc::clone(&left));
        KmsCellProgress {
            progress: Arc::clone(self),
            number,
            left,
        }
    }
}

impl Drop for Unlisted {
    fn drop(&mut self) {
        self.0.unlisted.fetch_sub(1, Ordering::Relaxed);
    }
}

impl KmsCellProgress {
    pub(crate) fn key_listed(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
        self.progress.key_listed();
    }

    pub(crate) fn key_read(&self) {
        self.left.fetch_sub(1, Ordering::Relaxed);
        self.progress.key_read();
    }
}

impl Drop for KmsCellProgress {
    fn drop(&mut self) {
        lock(&self.progress.left).remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Progress;

    #[test]
    fn the_cell_with_the_most_keys_left_counts_and_a_cell_that_ended_does_not() {
        let progress = Arc::new(Progress::default());
        let [one, other] = [(); 2].map(|()| progress.begin_kms_cell());
        (0..5).for_each(|_| one.key_listed());
        (0..3).for_each(|_| other.key_listed());
        (0..4).for_each(|_| one.key_read());
        assert_eq!(progress.counters().most_left, 3);
        assert_eq!(progress.counters().keys_listed, 8);
        drop(other);
        assert_eq!(progress.counters().most_left, 1);
    }

    #[test]
    fn more_keys_may_come_until_every_listing_has_ended() {
        let progress = Arc::new(Progress::default());
        let [one, other] = [(); 2].map(|()| progress.begin_listing());
        drop(one);
        assert!(progress.counters().is_listing);
        drop(other);
        assert!(!progress.counters().is_listing);
    }
}
