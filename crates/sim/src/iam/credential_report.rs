//! `GenerateCredentialReport` and `GetCredentialReport`.
//!
//! A report is the account as it was when its generation began. It is good for four hours
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>); until then asking for a new
//! one starts nothing.

use std::{collections::HashMap, sync::Mutex};

use aws_smithy_types::base64;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{csv, date_time};
use crate::{
    state::{Call, State, lock},
    wire::Fault,
    world::{CredentialReport, World},
};

const GOOD_FOR: SignedDuration = SignedDuration::from_hours(4);

/// The latest report of every account that has one.
#[derive(Debug)]
pub(crate) struct Reports(Mutex<HashMap<String, Report>>);

#[derive(Clone, Copy, Debug)]
struct Report {
    began: Timestamp,
    done: Timestamp,
}

/// What there is to be had of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Absent,
    Running,
    /// With the moment its generation began.
    Good(Timestamp),
    Expired,
}

fn stage_of(report: Option<&Report>, now: Timestamp) -> Stage {
    match report {
        None => Stage::Absent,
        Some(report) if now < report.done => Stage::Running,
        Some(report) if now.duration_since(report.began) < GOOD_FOR => Stage::Good(report.began),
        Some(_) => Stage::Expired,
    }
}

impl Reports {
    /// The reports that exist when the world begins, at `epoch`.
    pub(crate) fn new(world: &World, epoch: Timestamp) -> Self {
        let existing = world.accounts.iter().filter_map(|account| {
            let began = account.credential_report.age?.resolve(epoch);
            let report = Report { began, done: began };
            Some((account.id.clone(), report))
        });
        Self(Mutex::new(existing.collect()))
    }

    fn stage(&self, account: &str, now: Timestamp) -> Stage {
        stage_of(lock(&self.0).get(account), now)
    }

    /// What there was before this call, which starts a report unless there is a good one or one is under way.
    fn request(&self, account: &str, now: Timestamp, takes: SignedDuration) -> Stage {
        let mut reports = lock(&self.0);
        let before = stage_of(reports.get(account), now);
        if matches!(before, Stage::Absent | Stage::Expired) {
            let report = Report {
                began: now,
                done: now.saturating_add(takes).unwrap_or(Timestamp::MAX),
            };
            reports.insert(account.to_owned(), report);
        }
        before
    }
}

/// Asks for a report.
pub(super) fn generate(state: &State, call: &Call<'_>) -> Value {
    let id = &call.caller.account;
    let takes_ms = match state.account(id) {
        Some(account) => account.credential_report.takes_ms,
        None => CredentialReport::default().takes_ms,
    };
    let takes = SignedDuration::from_millis(i64::try_from(takes_ms).unwrap_or(i64::MAX));
    match state.reports.request(id, state.clock.now(), takes) {
        Stage::Absent | Stage::Expired => json!({
            "State": "STARTED",
            "Description": "No report exists. Starting a new report generation task",
        }),
        Stage::Running => json!({"State": "INPROGRESS"}),
        Stage::Good(_) => json!({"State": "COMPLETE"}),
    }
}

/// The report, if there is a good one.
pub(super) fn get(state: &State, call: &Call<'_>) -> Result<Value, Fault> {
    let id = &call.caller.account;
    let (code, status, message) = match state.reports.stage(id, state.clock.now()) {
        Stage::Good(generated) => return Ok(written(state, id, generated)),
        Stage::Absent => (
            "ReportNotPresent",
            410,
            "No report has been generated for this account.",
        ),
        Stage::Expired => (
            "ReportExpired",
            410,
            "The most recent report has expired. Generate a new one.",
        ),
        Stage::Running => ("ReportInProgress", 404, "A report is being generated."),
    };
    Err(Fault::new(code, status, message))
}

fn written(state: &State, id: &str, generated: Timestamp) -> Value {
    let account = state.account(id);
    let given = account.and_then(|account| account.credential_report.content.clone());
    let content = given.unwrap_or_else(|| csv::report(state, id, generated));
    json!({
        "Content": base64::encode(content),
        "ReportFormat": "text/csv",
        "GeneratedTime": date_time(generated),
    })
}
