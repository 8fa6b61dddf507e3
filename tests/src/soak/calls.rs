//! What a run may do, and in which order: it reads, and tells at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{BUCKET, Run};

/// All that is ever called of IAM.
const IAM_READS: [&str; 6] = [
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:ListUserTags",
];

pub(super) fn only_read(run: &Run, broken: &mut Vec<String>) {
    for call in run.aws.log() {
        let name = call.operation.split(':').nth(1).unwrap_or_default();
        let reads = match call.operation.starts_with("iam:") {
            true => IAM_READS.contains(&call.operation.as_str()),
            false => ["List", "Describe", "Get", "Head"]
                .iter()
                .any(|verb| name.starts_with(verb)),
        };
        let writes_report =
            call.operation == "s3:PutObject" && call.resource.starts_with("keycensus/");
        let is_fine = reads
            || writes_report
            || ["sts:AssumeRole", "events:PutEvents", "sns:Publish"]
                .contains(&call.operation.as_str());
        if !is_fine {
            broken.push(format!("called {} on {}", call.operation, call.resource));
        }
    }
}

/// Nobody else uses the quotas, so hardly a request is throttled, those aside that a
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

pub(super) fn tell_last(run: &Run, of_events: usize, broken: &mut Vec<String>) {
    let sent = run.aws.messages().len();
    if sent > of_events {
        broken.push(format!("{sent} digests of {of_events} events were sent"));
    }
    if sent > 0
        && run
            .aws
            .object(BUCKET, "keycensus/latest/summary.json")
            .is_none()
    {
        broken.push("a digest was sent before its report was complete".to_owned());
    }
}

/// What is said to be on the bus is, and what is not is counted; a retry does not know
/// what became of those that an attempt before it was cut off from.
pub(super) fn tell_of_every_event(
    run: &Run,
    told: &Value,
    is_retry: bool,
    broken: &mut Vec<String>,
) {
    let count = |name: &str| told[name].as_u64().unwrap_or(0);
    let events = run.aws.events();
    let distinct: BTreeSet<&str> = events.iter().map(|event| &*event.detail).collect();
    let known = count("put") + count("failed");
    let is_known = known == count("due") || is_retry && known < count("due");
    if !is_known || count("put") > distinct.len() as u64 {
        broken.push(format!("{} events are on the bus: {told}", distinct.len()));
    }
    if told["bus"].is_null() && !events.is_empty() {
        broken.push("there are events and no bus".to_owned());
    }
}
