//! Findings for AWS Security Hub, in its finding format (ASFF): one for each key that is flagged, each
//! root access key, each root user who signed in, and each key that somebody was refused. `docs/SECURITY_HUB.md`
//! describes them for those who receive them.
//!
//! A finding has the same ID every night. Security Hub creates a finding whose ID it does not know and
//! updates one that it knows, unless its `UpdatedAt` is not after what it has: what is imported twice, or
//! by a run that was overtaken, changes nothing
//! (<https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>).

use crate::judge::{changes::GoneKey, judged_key::JudgedKey, report::Report};

mod asff;
mod counts;
mod finding_type;
mod gone;
mod listed;
mod product;
mod remediation;

pub use counts::DueFindings;
pub use product::Product;

/// Findings of a call of BatchImportFindings at most
/// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>). A call may have
/// 6 MB and a finding 240 KB
/// (<https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html>), of which
/// these take less than a tenth.
pub const MOST_FINDINGS: usize = 100;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its ID, the same every night.
    pub id: String,
    /// Whether what was found does not hold any more.
    pub is_archived: bool,
    /// The finding as Security Hub takes it: a JSON object.
    pub asff: String,
}

/// The findings of a key of `report`: those that there are, and, archived, those that there were and
/// are no more. A key that could not be read has none: what was found of it before stays as it is.
#[must_use]
pub fn of_key(report: &Report, judged: &JudgedKey, product: &Product) -> Vec<Finding> {
    let states = finding_type::of_key(judged);
    let findings = states.map(|(of_type, state)| {
        let finding = listed::finding(report, judged, of_type, state, product);
        finding.rendered()
    });
    findings.collect()
}

/// The findings that there were of a key that is gone, archived.
#[must_use]
pub fn of_gone(report: &Report, gone: &GoneKey, product: &Product) -> Vec<Finding> {
    let were = finding_type::of_known(&gone.key);
    let findings = were.map(|of_type| gone::finding(report, gone, of_type, product).rendered());
    findings.collect()
}

#[cfg(test)]
mod tests;
