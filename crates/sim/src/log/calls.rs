//! Calls: an ordered log, and counts made from it.

mod call_log;

use std::{collections::BTreeMap, ops::AddAssign};

use serde::Serialize;

pub(crate) use self::call_log::{CallLog, Entry, account_number};

/// One call of [`crate::Simulator::log`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedCall {
    /// `service:Operation`.
    pub operation: String,
    /// The account called into; for `sts:AssumeRole` the role's. Empty when the caller is not known.
    pub account: String,
    /// The Region of the call's signature.
    pub region: String,
    /// What it is about: a key's ID, a role's or topic's ARN, an S3 object's key; empty when it lists.
    pub resource: String,
    /// HTTP status of the answer; 0 when there was none.
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<String>,
    /// Whether the answer asks the caller to slow down.
    pub throttled: bool,
    /// Name of the fault that struck it.
    pub fault: Option<&'static str>,
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
