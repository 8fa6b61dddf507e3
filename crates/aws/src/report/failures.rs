//! Why some of what was to be delivered was not.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use keycensus_core::model::cause::Cause;

use crate::transport::{
    call_error::{CallError, CallSite},
    lock::lock,
};

/// How many items failed for each error code, and the first such failure.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<ByCode>);

type ByCode = BTreeMap<Box<str>, (u64, CallError)>;

impl Failures {
    /// So many items failed with this error.
    pub(crate) fn add(&self, items: u64, error: CallError) {
        add(&mut lock(&self.0), items, error);
    }

    /// How many items failed, and how many for each error code, where so many are `missing`. Every error
    /// code is logged once, with what `describe` says of so many items.
    pub(crate) fn ended(
        self,
        missing: u64,
        is_time_left: bool,
        operation: &'static str,
        site: &CallSite,
        describe: impl Fn(u64) -> String,
    ) -> (u64, BTreeMap<String, u64>) {
        let mut by_code = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let failed: u64 = by_code.values().map(|(items, _)| items).sum();
        let left = missing.saturating_sub(failed);
        if left > 0 {
            // Nobody knows of those that were under way when time ran out. Those that
            // were given up failed as most did.
            let most = by_code.values().max_by_key(|(items, _)| *items);
            let (code, cause) = match most {
                Some((_, error)) if is_time_left => (error.code.clone(), error.cause),
                _ => ("NoTimeLeft".into(), Cause::OutOfTime),
            };
            let error = CallError::unasked(operation, site, &code, cause);
            add(&mut by_code, left, error);
        }
        for (items, error) in by_code.values() {
            error.log_gap(&describe(*items));
        }
        let by_code = by_code.into_iter();
        let errors = by_code.map(|(code, (items, _))| (code.into(), items));
        (failed + left, errors.collect())
    }
}

fn add(failures: &mut ByCode, items: u64, error: CallError) {
    let (failed, _) = failures
        .entry(error.code.clone())
        .or_insert_with(|| (0, error));
    *failed += items;
}
