//! Security Hub of the scanner's account and Region, which gets a finding for each flagged key, root user and refused
//! use.
//!
//! A finding may be imported any number of times: it has the same ID, and what is imported twice changes nothing. What
//! cannot be imported is counted and logged; it never costs a run its digest.

use std::iter;

use futures_util::{StreamExt, stream};
use keycensus_core::{
    judge::{judged_account::JudgedAccount, report::Report, summary::SecurityHubOutcome},
    render::security_hub::{self, DueFindings, Finding, MOST_FINDINGS, Product},
    settings::{Settings, Switch},
};
use tokio::time::Instant;

use self::{importing::Importing, to_archive::ToArchive};
use crate::{report::readings::Readings, run::RunContext};

mod importing;
mod to_archive;

/// How many calls may be under way.
const IN_FLIGHT: usize = 4;

/// The product that findings are imported for; `None` where none are.
pub(crate) fn product(settings: &Settings, at: RunContext<'_>) -> Option<Product> {
    match settings.security_hub {
        Switch::On => Some(Product::default_of(at.scanner.account, at.aws.region())),
        Switch::Off => None,
    }
}

/// What there is to import, before it is.
pub(crate) fn due(product: Option<&Product>, due: DueFindings) -> SecurityHubOutcome {
    match product {
        Some(product) => SecurityHubOutcome {
            product_arn: Some(product.arn.clone()),
            active: due.active,
            archived: due.archived,
            ..SecurityHubOutcome::default()
        },
        None => SecurityHubOutcome::default(),
    }
}

/// Imports the findings of `report`, and archives those that earlier runs left, until `until` at the latest.
pub(crate) async fn import(
    at: RunContext<'_>,
    product: &Product,
    report: &Report,
    readings: &Readings,
    until: Option<Instant>,
) -> SecurityHubOutcome {
    let mut due = report.summary.security_hub.clone();
    let mut to_archive = ToArchive::left(at, product).await;
    if due.archived > 0 || !to_archive.is_empty() {
        due.archived += to_archive.update(findings(product, report, readings));
        to_archive.write(at).await;
    }
    let importing = Importing::new(at);
    let is_time_left = || until.is_none_or(|until| Instant::now() < until);
    let archived = to_archive.as_of(report.now).into_iter();
    let others = findings(product, report, readings);
    let others = others.filter(|finding| !to_archive.contains(&finding.id));
    let batches = in_batches(archived.chain(others));
    let batches = batches.take_while(|_| importing.has_hope() && is_time_left());
    let work =
        stream::iter(batches).for_each_concurrent(IN_FLIGHT, |batch| importing.import(batch));
    match until {
        Some(until) => drop(tokio::time::timeout_at(until, work).await),
        None => work.await,
    }
    let (outcome, archived) = importing.outcome(due, is_time_left());
    to_archive.are_archived(&archived);
    to_archive.write(at).await;
    outcome
}

/// Findings by the call that imports them.
fn in_batches(mut findings: impl Iterator<Item = Finding>) -> impl Iterator<Item = Vec<Finding>> {
    iter::from_fn(move || {
        let batch: Vec<Finding> = findings.by_ref().take(MOST_FINDINGS).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

/// The findings of a report, which are composed when they are asked for.
fn findings<'a>(
    product: &'a Product,
    report: &'a Report,
    readings: &'a Readings,
) -> impl Iterator<Item = Finding> + use<'a> {
    let accounts = readings.judged_as_far_as_readable("findings are not imported");
    accounts.flat_map(move |JudgedAccount { keys, gone, .. }| {
        let of_key = move |judged| security_hub::of_key(report, &judged, product);
        let of_gone = move |gone| security_hub::of_gone(report, &gone, product);
        let keys = keys.into_iter().flat_map(of_key);
        keys.chain(gone.into_iter().flat_map(of_gone))
    })
}
