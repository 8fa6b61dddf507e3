//! How often each operation was called.

use std::{borrow::Cow, collections::BTreeMap, sync::Mutex};

use keycensus_core::judge::summary::CallCounts;

use crate::transport::lock::lock;

/// Counts of requests by `service:Operation`, retries included.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<BTreeMap<Cow<'static, str>, CallCounts>>);

impl Calls {
    pub(crate) fn sent(&self, operation: &'static str) {
        self.count(operation, |counts| counts.sent += 1);
    }

    pub(crate) fn throttled(&self, operation: &'static str) {
        self.count(operation, |counts| counts.throttled += 1);
    }

    /// Adds those of earlier invocations of the same run.
    pub(crate) fn add(&self, earlier: &BTreeMap<String, CallCounts>) {
        let mut counts = lock(&self.0);
        for (operation, earlier) in earlier {
            let count = counts.entry(operation.clone().into()).or_default();
            count.sent += earlier.sent;
            count.throttled += earlier.throttled;
        }
    }

    /// The counts so far.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, CallCounts> {
        let counts = lock(&self.0);
        counts
            .iter()
            .map(|(operation, counts)| (operation.clone().into_owned(), *counts))
            .collect()
    }

    fn count(&self, operation: &'static str, add: impl Fn(&mut CallCounts)) {
        let mut counts = lock(&self.0);
        add(counts.entry(operation.into()).or_default());
    }
}
