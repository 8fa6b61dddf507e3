//! What was called: an ordered log, and counts made from it.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    ops::AddAssign,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;

/// One call, as [`crate::Simulator::log`] tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedCall {
    /// `service:Operation`.
    pub operation: String,
    /// The account called into; for `sts:AssumeRole` the role's. Empty when the caller is not known.
    pub account: String,
    /// The Region of the call's signature.
    pub region: String,
    /// What it asked about: a key's ID, a role's or topic's ARN, an S3 object's key; empty when it lists.
    pub resource: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<String>,
    /// Whether the answer asks the caller to slow down.
    pub throttled: bool,
    /// When it arrived, in milliseconds since the simulator started.
    pub at_ms: u64,
}

/// How many calls there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// All that arrived, throttled ones too.
    pub sent: u64,
    /// Those answered with a request to slow down.
    pub throttled: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.throttled += other.throttled;
    }
}

/// A snapshot of how often each operation was called in each account and Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(BTreeMap<(String, String, String), Count>);

impl Calls {
    /// Calls of `service:Operation` that arrived, throttled ones too.
    pub fn sent(&self, operation: &str) -> u64 {
        self.count(operation, None, None).sent
    }

    /// Calls of `service:Operation` that were throttled.
    pub fn throttled(&self, operation: &str) -> u64 {
        self.count(operation, None, None).throttled
    }

    /// Calls of `service:Operation` in one account, one Region, or all.
    pub fn count(&self, operation: &str, account: Option<&str>, region: Option<&str>) -> Count {
        self.group(|(name, in_account, in_region)| {
            let wanted = name == operation
                && account.is_none_or(|account| account == in_account)
                && region.is_none_or(|region| region == in_region);
            wanted.then_some(())
        })
        .remove(&())
        .unwrap_or_default()
    }

    /// Counts by `service:Operation`.
    pub fn by_operation(&self) -> BTreeMap<String, Count> {
        self.group(|(operation, _, _)| Some(operation.clone()))
    }

    /// Counts by account.
    pub fn by_account(&self) -> BTreeMap<String, Count> {
        self.group(|(_, account, _)| Some(account.clone()))
    }

    /// Counts by Region.
    pub fn by_region(&self) -> BTreeMap<String, Count> {
        self.group(|(_, _, region)| Some(region.clone()))
    }

    /// Counts by operation, account and Region.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str, Count)> {
        self.0.iter().map(|((operation, account, region), count)| {
            (
                operation.as_str(),
                account.as_str(),
                region.as_str(),
                *count,
            )
        })
    }

    /// All calls.
    pub fn total(&self) -> Count {
        self.group(|_| Some(())).remove(&()).unwrap_or_default()
    }

    fn group<K: Ord>(
        &self,
        key: impl Fn(&(String, String, String)) -> Option<K>,
    ) -> BTreeMap<K, Count> {
        let mut groups = BTreeMap::new();
        for (cell, count) in &self.0 {
            if let Some(key) = key(cell) {
                *groups.entry(key).or_insert_with(Count::default) += *count;
            }
        }
        groups
    }
}

/// A call as the log keeps it: compact, because there may be millions.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) account: u64,
    pub(crate) resource: Option<Box<str>>,
    pub(crate) status: u16,
    pub(crate) code: Option<Cow<'static, str>>,
    pub(crate) throttled: bool,
    pub(crate) at: Duration,
}

/// The log of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<(Entry, Arc<str>)>,
    regions: HashSet<Arc<str>>,
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, region: &str, entry: Entry) {
        let mut inner = self.lock();
        let region = match inner.regions.get(region) {
            Some(region) => Arc::clone(region),
            None => {
                let region: Arc<str> = region.into();
                inner.regions.insert(Arc::clone(&region));
                region
            }
        };
        inner.entries.push((entry, region));
    }

    pub(crate) fn snapshot(&self) -> Vec<LoggedCall> {
        let inner = self.lock();
        let logged = inner.entries.iter().map(|(entry, region)| LoggedCall {
            operation: entry.operation.to_string(),
            account: account_text(entry.account),
            region: region.to_string(),
            resource: entry.resource.as_deref().unwrap_or_default().to_owned(),
            status: entry.status,
            code: entry.code.as_ref().map(ToString::to_string),
            throttled: entry.throttled,
            at_ms: u64::try_from(entry.at.as_millis()).unwrap_or(u64::MAX),
        });
        logged.collect()
    }

    pub(crate) fn calls(&self) -> Calls {
        let inner = self.lock();
        let mut counts: BTreeMap<(&str, u64, &str), Count> = BTreeMap::new();
        for (entry, region) in &inner.entries {
            *counts
                .entry((&entry.operation, entry.account, region))
                .or_default() += Count {
                sent: 1,
                throttled: u64::from(entry.throttled),
            };
        }
        let named = counts
            .into_iter()
            .map(|((operation, account, region), count)| {
                let cell = (
                    operation.to_owned(),
                    account_text(account),
                    region.to_owned(),
                );
                (cell, count)
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
            at: Duration::from_millis(1500),
        }
    }

    #[test]
    fn calls_are_counted_by_operation_account_and_region() {
        let log = Log::default();
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
}
