//! How far a running census is.

use std::sync::atomic::{AtomicU64, Ordering};

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
}
