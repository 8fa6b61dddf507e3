//! How often each operation was called.

use std::{collections::BTreeMap, sync::Mutex};

use keycensus_core::judge::summary::CallCounts;

use crate::transport::lock::lock;

/// Counts of requests by `service:Operation`, retries included.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<&'static str, CallCounts>>);

impl Calls {
    pub(crate) fn sent(&self, operation: &'static str) {
        self.count(operation, |counts| counts.sent += 1);
    }

    pub(crate) fn throttled(&self, operation: &'static str) {
        self.count(operation, |counts| counts.throttled += 1);
    }

    /// The counts so far.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, CallCounts> {
        let counts = lock(&self.0);
        counts
            .iter()
            .map(|(operation, counts)| ((*operation).to_owned(), *counts))
            .collect()
    }

    fn count(&self, operation: &'static str, add: impl Fn(&mut CallCounts)) {
        let mut counts = lock(&self.0);
        add(counts.entry(operation).or_default());
    }
}
