//! `report.html`: the run as an HTML page, in one file that loads nothing from a network.
//!
//! `Page` holds everything that the templates show, already cut and worded; they escape whatever
//! they are given. Untrusted text goes through
//! [`shortened`](crate::render::digest::wording::shortened) on its way there, so that it can
//! neither change the reading direction nor hide.

use askama::Template;

use crate::{
    judge::report::Report,
    render::digest::{
        headline::clauses,
        wording::{capitalized, counted, not_all_read},
    },
};

mod accounts;
pub(super) mod before_deletion;
pub(super) mod changes;
pub(super) mod gaps;
pub(super) mod heat_map;
mod idle_age;
mod key_table;
pub(super) mod needed;
mod numbers;
mod policy;
pub(super) mod root_keys;
pub(super) mod service_credentials;
mod trend;
mod verdicts;
mod words;

pub use key_table::KEYS_SHOWN;

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    report: &'a Report,
    changes: changes::Changes,
    needed: needed::Needed,
    policy: String,
    style: &'static str,
    script: &'static str,
    /// Its clauses, each a sentence.
    headline: Vec<String>,
    threshold: String,
    numbers: Vec<numbers::Number>,
    idle_age: idle_age::Histogram,
    flagged_by_account: accounts::Ranking,
    cost_by_account: accounts::Ranking,
    heat_map: heat_map::HeatMap,
    gaps: gaps::Gaps,
    before_deletion: before_deletion::BeforeDeletion,
    root_keys: root_keys::RootKeys,
    service_credentials: service_credentials::ServiceCredentials,
    key_table: key_table::KeyTable,
    trend: trend::Trend,
    verdicts: Vec<verdicts::VerdictRow>,
    not_all_read: Option<&'static str>,
}

/// The page of a report; the same report gives the same bytes.
#[must_use]
pub fn page(report: &Report) -> String {
    let page = Page {
        report,
        changes: changes::Changes::of(report),
        needed: needed::Needed::of(report),
        policy: policy::content_security_policy(),
        style: policy::STYLE,
        script: policy::SCRIPT,
        headline: sentences(&clauses(report)),
        threshold: counted(report.summary.stale_after_days.into(), "day", "days"),
        numbers: numbers::numbers(report),
        idle_age: idle_age::Histogram::of(report),
        flagged_by_account: accounts::flagged(report),
        cost_by_account: accounts::cost(report),
        heat_map: heat_map::HeatMap::of(report),
        gaps: gaps::Gaps::of(report),
        before_deletion: before_deletion::BeforeDeletion::of(report),
        root_keys: root_keys::RootKeys::of(report),
        service_credentials: service_credentials::ServiceCredentials::of(report),
        key_table: key_table::KeyTable::of(report),
        trend: trend::Trend::of(report),
        verdicts: verdicts::verdicts(report),
        not_all_read: not_all_read(&report.summary),
    };
    // Text and numbers go into a String, which cannot fail.
    page.render().unwrap_or_default()
}

fn sentences(clauses: &[String]) -> Vec<String> {
    let sentence = |clause: &String| format!("{}.", capitalized(clause));
    clauses.iter().map(sentence).collect()
}

#[cfg(test)]
mod tests;
