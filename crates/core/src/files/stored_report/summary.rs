//! `summary.json` read back: the run, the fields that no other file has, and the numbers that the
//! others must come to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::Value;

use super::{StoredFile, StoredFiles};
use crate::{
    files::damage::Damage,
    judge::{
        changes::ComparedWith,
        last_run::NoLastRun,
        summary::{
            CallCounts, DigestOutcome, EventsOutcome, FileLocations, RunFacts, SCHEMA, Summary,
        },
    },
    model::{
        kind::Family,
        layout::ReportFile,
        manifest::{Files, Manifest},
        previous_runs::PreviousRuns,
    },
    settings::{ReadMode, Switch},
};

/// A parsed `summary.json`.
#[derive(Debug)]
pub(super) struct StoredSummary {
    /// The run and the settings of its verdicts.
    pub(super) run: RunFacts,
    /// What the run was compared with.
    pub(super) compared_with: ComparedWith,
    unique: OwnFields,
    all: Value,
}

/// What earlier versions did not read.
const fn off() -> Switch {
    Switch::Off
}

/// The fields that no other file has.
#[derive(Debug, Deserialize)]
struct OwnFields {
    schema: u32,
    run_id: String,
    scanned_at: Timestamp,
    stale_after_days: u32,
    rotate_after_days: u32,
    member_role: String,
    watch_days: u32,
    dependents: Switch,
    #[serde(default = "off")]
    aws_managed: Switch,
    #[serde(default)]
    read: ReadMode,
    #[serde(default)]
    read_again_days: u32,
    #[serde(default)]
    exempt_tag: String,
    #[serde(default)]
    owner_tags: Vec<String>,
    kinds: BTreeSet<Family>,
    changes: StoredComparison,
    report: FileLocations,
    #[serde(default)]
    files: Files,
    #[serde(default)]
    previous: PreviousRuns,
    digest: DigestOutcome,
    events: EventsOutcome,
    calls: BTreeMap<String, CallCounts>,
    elapsed_ms: u64,
}

#[derive(Debug, Deserialize)]
struct StoredComparison {
    compared_with: Option<Date>,
    first_census_cause: Option<String>,
}

impl StoredComparison {
    fn read(&self) -> Result<ComparedWith, Damage> {
        let Some(cause) = &self.first_census_cause else {
            return Ok(ComparedWith::LastRun(self.compared_with));
        };
        let mut all = NoLastRun::ALL.into_iter();
        let known = all.find(|known| known.as_str() == cause);
        known.map(ComparedWith::Nothing).ok_or_else(|| {
            let all = NoLastRun::ALL.map(NoLastRun::as_str).join(", ");
            damage(format!(
                "changes.first_census_cause is {cause:?}: it should be null or one of: {all}"
            ))
        })
    }
}

impl StoredSummary {
    /// Reads the file.
    pub(super) fn read(json: &[u8]) -> Result<Self, Damage> {
        let all: Value = serde_json::from_slice(json)
            .map_err(|error| damage(format!("the file is not JSON, or is cut: {error}")))?;
        let unique = OwnFields::deserialize(&all).map_err(|error| {
            damage(format!(
                "{error}: an earlier version of Keycensus wrote the file, or it is damaged"
            ))
        })?;
        if unique.schema != SCHEMA {
            let schema = unique.schema;
            return Err(damage(format!(
                "schema is {schema}: this version of Keycensus reads {SCHEMA}"
            )));
        }
        Ok(Self {
            run: RunFacts {
                run_id: unique.run_id.clone(),
                now: unique.scanned_at,
                stale_after_days: unique.stale_after_days,
                rotate_after_days: unique.rotate_after_days,
                member_role: unique.member_role.clone(),
                watch_days: unique.watch_days,
                dependents: unique.dependents,
                aws_managed: unique.aws_managed,
                read: unique.read,
                read_again_days: unique.read_again_days,
                exempt_tag: unique.exempt_tag.clone(),
                owner_tags: unique.owner_tags.clone(),
                kinds: unique.kinds.clone(),
            },
            compared_with: unique.changes.read()?,
            unique,
            all,
        })
    }

    /// Whether a trend is among the run's files. Earlier versions kept none.
    pub(super) fn has_trend(&self) -> bool {
        self.unique.files.contains_key(ReportFile::TrendCsv.name())
    }

    /// Refuses files that this one does not name.
    pub(super) fn check_files<File: StoredFile>(
        &self,
        files: &StoredFiles<File>,
    ) -> Result<(), Damage> {
        let manifest = Manifest {
            run_id: self.run.run_id.clone(),
            scanned_at: self.run.now,
            settings: None,
            files: self.unique.files.clone(),
        };
        let of_every_version = [
            (ReportFile::KeysCsv, &files.keys_csv),
            (ReportFile::CoverageCsv, &files.coverage_csv),
            (ReportFile::ChangesCsv, &files.changes_csv),
            (ReportFile::UnseenCsv, &files.unseen_csv),
        ];
        let trend = files.trend_csv.as_ref();
        let trend_is_missing = trend.is_none() && self.has_trend();
        let trend = trend.map(|stored| (ReportFile::TrendCsv, stored));
        let other = of_every_version
            .into_iter()
            .chain(trend)
            .find(|(file, stored)| !manifest.is(*file, &stored.facts()));
        match other {
            None if trend_is_missing => Err(Damage::of(
                ReportFile::TrendCsv,
                "it is missing, and summary.json names it".to_owned(),
            )),
            None => Ok(()),
            Some((file, _)) => Err(Damage::of(
                file,
                format!(
                    "it is not the file that summary.json names by its SHA-256, that of run {:?}: a census is writing it, \
                     one failed while it did, or the file was changed since; read it again, or the report of a day \
                     (@{})",
                    manifest.run_id,
                    manifest.scan_date(),
                ),
            )),
        }
    }

    /// Refuses files that do not come to the numbers that this one has.
    pub(super) fn check(&self, counted: &Summary) -> Result<(), Damage> {
        let counted = counted.to_value();
        let difference = ["coverage", "keys", "changes"]
            .into_iter()
            .find_map(|part| difference(part, self.all.get(part), counted.get(part)));
        match difference {
            None => Ok(()),
            Some(difference) => Err(damage(format!(
                "{difference}: a file is cut, or they are of different runs; read them again when no census is \
                 writing them"
            ))),
        }
    }

    /// Adds the fields that only this file has to the counted summary.
    pub(super) fn complete(&self, counted: &mut Summary) {
        let unique = &self.unique;
        counted.report = unique.report.clone();
        counted.files = unique.files.clone();
        counted.previous = unique.previous.clone();
        counted.digest = unique.digest.clone();
        counted.events = unique.events.clone();
        counted.calls = unique.calls.clone();
        counted.elapsed_ms = unique.elapsed_ms;
    }
}

/// The first number of a part that is another one than `counted`.
fn difference(name: &str, stored: Option<&Value>, counted: Option<&Value>) -> Option<String> {
    match (stored, counted) {
        (Some(Value::Object(stored)), Some(Value::Object(counted))) => {
            counted.iter().find_map(|(part, counted)| {
                difference(&format!("{name}.{part}"), stored.get(part), Some(counted))
            })
        }
        (stored, counted) if stored == counted => None,
        (stored, counted) => {
            let text = |value: Option<&Value>| value.unwrap_or(&Value::Null).to_string();
            let (stored, counted) = (text(stored), text(counted));
            Some(format!(
                "{name} is {stored}, but the other files come to {counted}"
            ))
        }
    }
}

fn damage(problem: String) -> Damage {
    Damage::of(ReportFile::SummaryJson, problem)
}
