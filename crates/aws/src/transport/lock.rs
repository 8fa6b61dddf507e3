//! Locks that a panic elsewhere does not take with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`. A task that panicked while it held the lock costs its own cell: what is
/// locked here is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
