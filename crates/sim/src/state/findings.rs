//! Findings that were imported into Security Hub.

use std::sync::Mutex;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::lock::lock;

/// A finding of Security Hub.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The product that it was imported for.
    pub product_arn: String,
    /// Its `Id`.
    pub id: String,
    /// How often it was created or updated; an import that was ignored does not count.
    pub versions: u64,
    /// The finding as it was imported last.
    pub asff: Value,
}

/// All findings, in the order in which they were created.
#[derive(Debug, Default)]
pub(crate) struct Findings(Mutex<Vec<Finding>>);

impl Findings {
    pub(crate) fn all(&self) -> Vec<Finding> {
        lock(&self.0).clone()
    }

    pub(crate) fn take(&self, other: &Self) {
        *lock(&self.0) = other.all();
    }

    /// Creates the finding, or updates that with its ID, unless that was updated at the same time or later: Security Hub
    /// ignores an update from before
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>). What it does
    /// of one from the same time, AWS does not say.
    pub(crate) fn import(&self, product_arn: &str, id: &str, asff: &Value) {
        let mut findings = lock(&self.0);
        let is_it = |finding: &&mut Finding| finding.product_arn == product_arn && finding.id == id;
        match findings.iter_mut().find(is_it) {
            Some(finding) if updated_at(asff) > updated_at(&finding.asff) => {
                finding.versions += 1;
                finding.asff = asff.clone();
            }
            Some(_) => {}
            None => findings.push(Finding {
                product_arn: product_arn.to_owned(),
                id: id.to_owned(),
                versions: 1,
                asff: asff.clone(),
            }),
        }
    }
}

fn updated_at(asff: &Value) -> Option<Timestamp> {
    asff["UpdatedAt"].as_str()?.parse().ok()
}
