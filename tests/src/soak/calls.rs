//! What a run may do, and in which order: it reads, and sends at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{BUCKET, Run, parts::words};

/// All that is ever called of IAM.
const IAM_READS: &str = "GenerateCredentialReport GetCredentialReport ListUsers \
                         ListAccessKeys GetAccessKeyLastUsed ListUserTags \
                         ListServiceSpecificCredentials";

pub(super) fn only_read(run: &Run, broken: &mut Vec<String>) {
    for call in run.aws.log() {
        let (service, name) = call.operation.split_once(':').unwrap_or_default();
        let begins_like_reading = ["List", "Lookup", "Describe", "Get", "Head"]
            .iter()
            .any(|verb| name.starts_with(verb));
        let is_fine = match (service, name) {
            ("iam", _) => words(IAM_READS).contains(&name),
            ("s3", "PutObject") => call.resource.starts_with("keycensus/"),
            ("sts", "AssumeRole")
            | ("events", "PutEvents")
            | ("securityhub", "BatchImportFindings")
            | ("sns", "Publish") => true,
            _ => begins_like_reading,
        };
        if !is_fine {
            broken.push(format!("called {} on {}", call.operation, call.resource));
        }
    }
}

/// No other caller uses the quotas, so hardly a request is throttled, those aside that a
/// fault throttles: of each quota one, and one in 200. Network jitter may bring one too
/// many together. So may a stall at the beginning of a cell, where no answer has shown
/// yet how long a round trip takes without one.
pub(super) fn keep_the_quotas(run: &Run, broken: &mut Vec<String>) {
    let mut of_quota: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for call in run.aws.log() {
        let quota = (call.operation, call.account, call.region);
        let (sent, throttled) = of_quota.entry(quota).or_default();
        *sent += 1;
        *throttled += usize::from(call.throttled && call.fault.is_none());
    }
    for ((operation, account, region), (sent, throttled)) in of_quota {
        if throttled > 1 + sent / 200 {
            broken.push(format!(
                "{throttled} of {sent} requests of {operation} in {account}, {region} were throttled"
            ));
        }
    }
}

pub(super) fn digests_come_last(run: &Run, of_events: usize, broken: &mut Vec<String>) {
    let sent = run.aws.messages().len();
    if sent > of_events {
        broken.push(format!("{sent} digests of {of_events} events were sent"));
    }
    let summary = run.aws.object(BUCKET, "keycensus/latest/summary.json");
    if sent > 0 && summary.is_none() {
        broken.push("a digest was sent before its report was complete".to_owned());
    }
}

/// What the summary has on the bus is there, and what is not is counted; a retry does not know
/// what became of those that an attempt before it was cut off from.
pub(super) fn every_event_is_counted(
    run: &Run,
    counted: &Value,
    is_retry: bool,
    broken: &mut Vec<String>,
) {
    let count = |name: &str| counted[name].as_u64().unwrap_or(0);
    let events = run.aws.events();
    let distinct: BTreeSet<&str> = events.iter().map(|event| &*event.detail).collect();
    let known = count("put") + count("failed");
    let is_known = known == count("due") || is_retry && known < count("due");
    if !is_known || count("put") > distinct.len() as u64 {
        broken.push(format!(
            "{} events are on the bus: {counted}",
            distinct.len()
        ));
    }
    if counted["bus"].is_null() && !events.is_empty() {
        broken.push("there are events and no bus".to_owned());
    }
}
