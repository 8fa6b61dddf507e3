//! The `detail` of an event: the key's row of `keys.csv` as JSON, and the run.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    judge::{detail, history::Change, judged_key::JudgedKey, report::Report},
    model::time::to_seconds,
};

/// The version of the detail's shape. Fields may be added to it; a field that goes, or
/// means something else, makes another.
const SCHEMA: u32 = 1;

/// The key as its row has it, under the names of the columns: text as it is, without
/// what a spreadsheet needs, and `null` where the row has nothing.
#[derive(Debug, Serialize)]
struct Detail<'a> {
    schema: u32,
    run_id: &'a str,
    /// The moment the run began.
    scanned_at: &'a str,
    scan_date: String,
    account_id: &'a str,
    account_name: &'a str,
    ou_path: Option<&'a str>,
    region: &'a str,
    kind: &'a str,
    key_id: &'a str,
    arn: Option<&'a str>,
    name: Option<String>,
    owner: Option<&'a str>,
    manager: Option<&'a str>,
    state: Option<&'a str>,
    created_at: Option<String>,
    tracked_since: Option<String>,
    last_used_at: Option<String>,
    last_operation: Option<&'a str>,
    last_service: Option<&'a str>,
    last_used_region: Option<&'a str>,
    cloudtrail_event_id: Option<&'a str>,
    kms_request_id: Option<&'a str>,
    idle_days: Option<i64>,
    verdict: &'a str,
    flagged: bool,
    exempt: bool,
    recommendation: &'a str,
    monthly_cost_usd: Option<f64>,
    detail: Option<String>,
    first_flagged_on: Option<Date>,
    change: Option<&'a str>,
    multi_region_set: Option<&'a str>,
    refused_uses: Option<u64>,
    refused_last_at: Option<String>,
    refused_last_by: Option<&'a str>,
    /// Verdict and state of the last run, where they differ; as in `changes.csv`.
    previous_verdict: Option<&'a str>,
    previous_state: Option<&'a str>,
    report: Locations<'a>,
}

/// Where the rest can be read.
#[derive(Debug, Serialize)]
struct Locations<'a> {
    keys_csv: &'a str,
    report_html: &'a str,
}

/// The detail of the event about a key of `report`.
pub(super) fn json(judged: &JudgedKey, report: &Report) -> String {
    // A struct of texts and finite numbers always serializes.
    serde_json::to_string(&detail(judged, report)).unwrap_or_default()
}

fn detail<'a>(judged: &'a JudgedKey, report: &'a Report) -> Detail<'a> {
    let key = &judged.key;
    let summary = &report.summary;
    let last_use = judged.last_use();
    let refused = key.refused_uses();
    let refused_last = refused.and_then(|found| found.last.as_ref());
    let previous = judged.history.previous.as_deref();
    Detail {
        schema: SCHEMA,
        run_id: &summary.run_id,
        scanned_at: &summary.scanned_at,
        scan_date: report.scan_date.to_string(),
        account_id: key.account.id.as_str(),
        account_name: &key.account.name,
        ou_path: known(&judged.ou_path),
        region: judged.region(),
        kind: key.kind.as_str(),
        key_id: &key.key_id,
        arn: known(&key.arn),
        name: Some(key.names.join(";")).filter(|name| !name.is_empty()),
        owner: key.owner.as_deref(),
        manager: key.manager.map(|manager| manager.as_str()),
        state: key.state.as_deref(),
        created_at: moment(key.created_at),
        tracked_since: moment(judged.tracked_since()),
        last_used_at: moment(last_use.map(|used| used.at)),
        last_operation: last_use.and_then(|used| used.operation.as_deref()),
        last_service: last_use.and_then(|used| used.service.as_deref()),
        last_used_region: last_use.and_then(|used| used.region.as_deref()),
        cloudtrail_event_id: last_use.and_then(|used| used.cloudtrail_event_id.as_deref()),
        kms_request_id: last_use.and_then(|used| used.kms_request_id.as_deref()),
        idle_days: judged.judgement.idle_days,
        verdict: judged.judgement.verdict.as_str(),
        flagged: judged.is_flagged(),
        exempt: key.exemption.is_some(),
        recommendation: judged.recommendation.as_str(),
        monthly_cost_usd: judged.monthly_cents.map(|cents| cents as f64 / 100.0),
        detail: Some(detail::describe(judged)).filter(|detail| !detail.is_empty()),
        first_flagged_on: judged.history.first_flagged_on,
        change: judged.history.change.map(Change::as_str),
        multi_region_set: key.multi_region_set(),
        refused_uses: refused.and_then(|found| found.count),
        refused_last_at: moment(refused_last.map(|last| last.at)),
        refused_last_by: refused_last.and_then(|last| known(&last.by)),
        previous_verdict: previous.map(|last| last.verdict.as_str()),
        previous_state: previous.and_then(|last| known(&last.state)),
        report: Locations {
            keys_csv: &summary.report.keys_csv,
            report_html: &summary.report.report_html,
        },
    }
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(to_seconds)
}
