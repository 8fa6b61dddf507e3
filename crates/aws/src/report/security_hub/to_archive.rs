//! Findings that are to be archived, until Security Hub has taken them.
//!
//! What is archived tonight was found by the last run, and nothing tells the next run of it. So before findings are
//! imported, those to archive are written to an object of the bucket, with those that earlier runs left there; those that
//! were taken are removed from it afterwards. A run that was cut off, or that Security Hub refused, leaves them to the next.
//! A scan that writes to a folder leaves none.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use keycensus_core::{
    model::{layout::FINDINGS_TO_ARCHIVE, time::to_seconds},
    render::security_hub::{Finding, Product},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{error::CensusError, lease::shared_object::SharedObject, run::RunContext};

/// The version of the record's shape.
const SCHEMA: u32 = 1;
/// How many findings are kept at most, of 2 KB each: they are in memory. Of more, a run tries to archive all the same.
const MOST_KEPT: usize = 5_000;

/// Findings to archive.
#[derive(Debug)]
pub(super) struct ToArchive {
    object: SharedObject<Record>,
    /// What the object has: it is written only where it differs.
    stored: Record,
}

/// The object's content: findings as they are imported, by their IDs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Record {
    schema: u32,
    findings: BTreeMap<String, Value>,
}

impl ToArchive {
    /// What earlier runs left for this `product`. Where it cannot be read, it counts as nothing.
    pub(super) async fn left(at: RunContext<'_>, product: &Product) -> Self {
        let read = SharedObject::<Record>::read(at, FINDINGS_TO_ARCHIVE).await;
        let found = read.unwrap_or_else(|error| {
            warn(&error);
            None
        });
        let (stored, version) = match found {
            Some((record, version)) => (record, Some(version)),
            None => (Record::default(), None),
        };
        let mut content = stored.clone();
        content
            .findings
            .retain(|_, finding| finding["ProductArn"] == *product.arn);
        content.schema = SCHEMA;
        let mut object = SharedObject::new(FINDINGS_TO_ARCHIVE.to_owned(), content);
        if let Some(version) = version {
            object.adopt(version);
        }
        Self { object, stored }
    }

    fn findings(&mut self) -> &mut BTreeMap<String, Value> {
        &mut self.object.content.findings
    }

    pub(super) fn is_empty(&self) -> bool {
        self.object.content.findings.is_empty()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.object.content.findings.contains_key(id)
    }

    /// Adds those of this run's `findings` that are to be archived, and leaves out what holds again; tells how many are
    /// left that only earlier runs had.
    pub(super) fn update(&mut self, findings: impl Iterator<Item = Finding>) -> u64 {
        let mut of_earlier_runs: HashSet<String> = self.findings().keys().cloned().collect();
        for finding in findings {
            of_earlier_runs.remove(&finding.id);
            if !finding.is_archived {
                self.findings().remove(&finding.id);
            } else if self.contains(&finding.id) || self.findings().len() < MOST_KEPT {
                let asff = serde_json::from_str(&finding.asff).unwrap_or_default();
                self.findings().insert(finding.id, asff);
            }
        }
        of_earlier_runs.len() as u64
    }

    /// All of them, as of `now`: Security Hub ignores what is older than what it has.
    pub(super) fn as_of(&self, now: Timestamp) -> Vec<Finding> {
        let findings = self.object.content.findings.iter();
        let finding = |(id, asff): (&String, &Value)| {
            let mut asff = asff.clone();
            asff["UpdatedAt"] = to_seconds(now).into();
            Finding {
                id: id.clone(),
                is_archived: true,
                asff: asff.to_string(),
            }
        };
        findings.map(finding).collect()
    }

    /// Leaves out those that Security Hub has taken.
    pub(super) fn are_archived(&mut self, ids: &HashSet<String>) {
        self.findings().retain(|id, _| !ids.contains(id));
    }

    /// Writes them down, where that is not done already. What cannot be written is logged: the next run then does not
    /// know of it.
    pub(super) async fn write(&mut self, at: RunContext<'_>) {
        if self.object.content.findings == self.stored.findings {
            return;
        }
        match self.object.update(at).await {
            Ok(true) => self.stored = self.object.content.clone(),
            Ok(false) => tracing::warn!(
                "findings to archive were not written down: another run has written them"
            ),
            Err(error) => warn(&error),
        }
    }
}

fn warn(error: &CensusError) {
    tracing::warn!("findings to archive cannot be left to the next run: {error}");
}
