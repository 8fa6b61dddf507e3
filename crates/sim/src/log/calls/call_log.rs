//! The log of one simulator, and its counts.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{Calls, Count, LoggedCall};
use crate::lock::lock;

/// A call as the log keeps it: compact, because there may be millions.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) account: u64,
    pub(crate) resource: Option<Box<str>>,
    pub(crate) status: u16,
    pub(crate) code: Option<Cow<'static, str>>,
    pub(crate) throttled: bool,
    pub(crate) fault: Option<&'static str>,
    pub(crate) at: Duration,
}

/// What was called, in one simulator.
#[derive(Debug)]
pub(crate) struct CallLog(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` when calls are counted only.
    entries: Option<Vec<(Entry, Arc<str>)>>,
    counts: HashMap<(Cow<'static, str>, u64, Arc<str>), Count>,
    regions: HashSet<Arc<str>>,
}

impl CallLog {
    /// An empty log, which keeps entries or only counts them.
    pub(crate) fn new(keeps_entries: bool) -> Self {
        Self(Mutex::new(Inner {
            entries: keeps_entries.then(Vec::new),
            counts: HashMap::new(),
            regions: HashSet::new(),
        }))
    }

    pub(crate) fn push(&self, region: &str, entry: Entry) {
        let mut inner = lock(&self.0);
        let region = match inner.regions.get(region) {
            Some(region) => Arc::clone(region),
            None => {
                let region: Arc<str> = region.into();
                inner.regions.insert(Arc::clone(&region));
                region
            }
        };
        let cell = (entry.operation.clone(), entry.account, Arc::clone(&region));
        *inner.counts.entry(cell).or_default() += Count {
            sent: 1,
            throttled: u64::from(entry.throttled),
        };
        if let Some(entries) = &mut inner.entries {
            entries.push((entry, region));
        }
    }

    pub(crate) fn snapshot(&self) -> Vec<LoggedCall> {
        let inner = lock(&self.0);
        let entries = inner.entries.as_deref().unwrap_or_default();
        let logged = entries.iter().map(|(entry, region)| LoggedCall {
            operation: entry.operation.to_string(),
            account: account_text(entry.account),
            region: region.to_string(),
            resource: entry.resource.as_deref().unwrap_or_default().to_owned(),
            status: entry.status,
            code: entry.code.as_ref().map(ToString::to_string),
            throttled: entry.throttled,
            fault: entry.fault,
            at_ms: u64::try_from(entry.at.as_millis()).unwrap_or(u64::MAX),
        });
        logged.collect()
    }

    pub(crate) fn calls(&self) -> Calls {
        let inner = lock(&self.0);
        let named = inner
            .counts
            .iter()
            .map(|((operation, account, region), count)| {
                let cell = (
                    operation.to_string(),
                    account_text(*account),
                    region.to_string(),
                );
                (cell, *count)
            });
        Calls(named.collect())
    }
}

/// An account ID as a number, 0 when it is none.
pub(crate) fn account_number(id: &str) -> u64 {
    id.parse().unwrap_or(0)
}

fn account_text(number: u64) -> String {
    match number {
        0 => String::new(),
        number => format!("{number:012}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(operation: &'static str, account: u64, throttled: bool) -> Entry {
        Entry {
            operation: operation.into(),
            account,
            resource: None,
            status: if throttled { 400 } else { 200 },
            code: None,
            throttled,
            fault: None,
            at: Duration::from_millis(1500),
        }
    }

    #[test]
    fn calls_are_counted_by_operation_account_and_region() {
        let log = CallLog::new(true);
        log.push("eu-west-1", entry("kms:ListKeys", 22, false));
        log.push("us-east-1", entry("kms:ListKeys", 22, true));
        log.push("us-east-1", entry("sts:AssumeRole", 33, false));
        let calls = log.calls();
        assert_eq!(calls.sent("kms:ListKeys"), 2);
        assert_eq!(calls.throttled("kms:ListKeys"), 1);
        assert_eq!(calls.sent("kms:DescribeKey"), 0);
        assert_eq!(
            calls
                .count("kms:ListKeys", Some("000000000022"), Some("us-east-1"))
                .throttled,
            1
        );
        assert_eq!(
            calls.by_region()["us-east-1"],
            Count {
                sent: 2,
                throttled: 1
            }
        );
        assert_eq!(calls.by_account()["000000000033"].sent, 1);
        assert_eq!(
            calls.total(),
            Count {
                sent: 3,
                throttled: 1
            }
        );
        assert_eq!(log.snapshot()[1].at_ms, 1500);
    }

    #[test]
    fn a_log_of_counts_counts_the_same_and_keeps_nothing() {
        let (counts, everything) = (CallLog::new(false), CallLog::new(true));
        for log in [&counts, &everything] {
            log.push("eu-west-1", entry("kms:ListKeys", 22, false));
            log.push("eu-west-1", entry("kms:ListKeys", 22, true));
        }
        assert_eq!(counts.calls(), everything.calls());
        assert_eq!(
            (counts.snapshot().len(), everything.snapshot().len()),
            (0, 2)
        );
    }
}
