//! The report, made from what was read: the third stage of a run.

use jiff::{Timestamp, civil::Date};

use crate::{
    judge::{
        findings::Findings,
        summary::{RunFacts, Summary},
        trend::{Night, Trend},
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
    /// Earlier nights, as far as they are known, and this one.
    pub trend: Trend,
    /// The run's UTC date.
    pub scan_date: Date,
    /// The moment the run began.
    pub now: Timestamp,
}

impl Report {
    /// The report of a run that found this. Nothing is known of earlier nights.
    #[must_use]
    pub fn new(run: &RunFacts, findings: Findings) -> Self {
        let summary = Summary::of(run, &findings.counts);
        let scan_date = date(run.now);
        let tonight = Night::of(scan_date, &summary);
        Self {
            summary,
            findings,
            trend: Trend::default().with(tonight),
            scan_date,
            now: run.now,
        }
    }

    /// The report with the nights that an earlier run knew, and its own.
    #[must_use]
    pub fn after(mut self, earlier: Trend) -> Self {
        let tonight = self.trend.night(self.scan_date).cloned();
        self.trend = tonight.into_iter().fold(earlier, Trend::with);
        self
    }
}

#[cfg(test)]
mod tests;
