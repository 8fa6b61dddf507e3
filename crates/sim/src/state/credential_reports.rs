//! IAM's credential reports.
//!
//! A report shows the account as it was when its generation began. It is valid for four hours
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>); until then a request for a new
//! one starts no generation.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::{lock::lock, world::World};

const VALID_FOR: SignedDuration = SignedDuration::from_hours(4);

/// The latest report of every account that has one.
#[derive(Debug)]
pub(crate) struct CredentialReports(Mutex<HashMap<String, Report>>);

#[derive(Clone, Copy, Debug)]
struct Report {
    began: Timestamp,
    done: Timestamp,
}

/// The stage of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Absent,
    Running,
    /// Valid, with the time at which its generation began.
    Valid(Timestamp),
    Expired,
}

fn stage_of(report: Option<&Report>, now: Timestamp) -> Stage {
    match report {
        None => Stage::Absent,
        Some(report) if now < report.done => Stage::Running,
        Some(report) if now.duration_since(report.began) < VALID_FOR => Stage::Valid(report.began),
        Some(_) => Stage::Expired,
    }
}

impl CredentialReports {
    /// The reports that exist when the world begins, at `epoch`.
    pub(crate) fn new(world: &World, epoch: Timestamp) -> Self {
        let existing = world.accounts.iter().filter_map(|account| {
            let began = account.credential_report.age?.resolve(epoch);
            let report = Report { began, done: began };
            Some((account.id.clone(), report))
        });
        Self(Mutex::new(existing.collect()))
    }

    /// The account's report at `now`.
    pub(crate) fn stage(&self, account: &str, now: Timestamp) -> Stage {
        stage_of(lock(&self.0).get(account), now)
    }

    /// The stage before this call, which starts a report unless one is valid or running.
    pub(crate) fn request(&self, account: &str, now: Timestamp, takes: SignedDuration) -> Stage {
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
