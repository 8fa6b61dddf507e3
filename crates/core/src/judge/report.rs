//! The report, made from what was read: the third stage of a run.

use jiff::{Timestamp, civil::Date};

use crate::{
    judge::{
        findings::Findings,
        summary::{RunFacts, Summary},
    },
    model::time::date,
};

/// What a report says of an organization. The keys themselves are in its files.
#[derive(Debug, Clone)]
pub struct Report {
    /// Numbers, and the first of what is listed.
    pub findings: Findings,
    /// The run in numbers.
    pub summary: Summary,
    /// The run's UTC date.
    pub scan_date: Date,
    /// The moment the run began.
    pub now: Timestamp,
}

impl Report {
    /// The report of a run that found this.
    #[must_use]
    pub fn new(run: &RunFacts, findings: Findings) -> Self {
        Self {
            summary: Summary::of(run, &findings.counts),
            findings,
            scan_date: date(run.now),
            now: run.now,
        }
    }
}

#[cfg(test)]
mod tests;
