//! `report.html`: the run as a page to look at. One file that needs no other and
//! asks nothing of any network.
//!
//! [`Page`] holds everything that the templates show, already cut and worded;
//! they escape whatever they are given. Strangers' text goes through
//! [`shortened`](crate::digest::wording::shortened) on its way there, so that it
//! can neither turn the reading direction nor hide.

use askama::Template;

use crate::{
    digest::{answer::answer, wording::counted},
    report::Report,
};

mod accounts;
mod console;
mod gaps;
mod heat_map;
mod idle_age;
mod key_table;
mod numbers;
mod policy;
mod root_keys;
mod verdicts;
mod words;

pub use key_table::KEYS_SHOWN;

/// How tonight's census differs from the last one, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The date of the census compared with, where it says one.
    pub compared_with: Option<String>,
    /// Why there was none to compare with; `None` where there was.
    pub first_census: Option<String>,
    /// Keys that were not there.
    pub new: u64,
    /// Keys that were there, not flagged.
    pub newly_flagged: u64,
    /// Keys that nobody used, and now somebody does.
    pub used_again: u64,
    /// Keys whose state differs.
    pub state_changed: u64,
    /// Keys that are no longer there.
    pub gone: u64,
}

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    report: &'a Report,
    changes: Option<&'a Changes>,
    policy: String,
    style: &'static str,
    script: &'static str,
    answer: String,
    threshold: String,
    numbers: Vec<numbers::Number>,
    idle_age: idle_age::Histogram,
    flagged_by_account: accounts::Ranking,
    cost_by_account: accounts::Ranking,
    heat_map: heat_map::HeatMap,
    gaps: gaps::Gaps,
    root_keys: root_keys::RootKeys,
    key_table: key_table::KeyTable,
    verdicts: Vec<verdicts::VerdictRow>,
}

/// The page of a report. Without `changes` nothing is said of any; the same
/// report gives the same bytes.
#[must_use]
pub fn page(report: &Report, changes: Option<&Changes>) -> String {
    let page = Page {
        report,
        changes,
        policy: policy::content_security_policy(),
        style: policy::STYLE,
        script: policy::SCRIPT,
        answer: answer(report),
        threshold: counted(report.summary.stale_after_days.into(), "day", "days"),
        numbers: numbers::numbers(report),
        idle_age: idle_age::Histogram::of(report),
        flagged_by_account: accounts::flagged(report),
        cost_by_account: accounts::cost(report),
        heat_map: heat_map::HeatMap::of(report),
        gaps: gaps::Gaps::of(report),
        root_keys: root_keys::RootKeys::of(report),
        key_table: key_table::KeyTable::of(report),
        verdicts: verdicts::verdicts(report),
    };
    // Text and numbers go into a String, which cannot fail.
    page.render().unwrap_or_default()
}

#[cfg(test)]
mod tests;
