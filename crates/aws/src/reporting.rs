//! The third stage of a census: from readings to files, events and messages, in that
//! order.

use std::sync::Arc;

use keycensus_core::{
    aws_arn::TopicArn,
    digest::{self as told, Decision, Digest},
    last_run::LastRun,
    reading::{PackedKeys, Reading},
    report::Report,
    summary::{RunFacts, Summary},
};

use crate::{
    account_digests,
    census::{Census, Outcome},
    clock::Clock,
    digest::{self, NotPublished},
    error::CensusError,
    events,
    marker::Stage,
    occurrence::{Occurrence, Place},
    reserve::Reserve,
};

/// Writes the report and tells of it.
///
/// # Errors
/// The report cannot be written, or the digest cannot be sent.
pub(crate) async fn report(
    census: &Census,
    at: Place<'_>,
    occurrence: &mut Occurrence,
    reading: Reading<PackedKeys>,
    last: LastRun,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let settings = &census.settings;
    let run = RunFacts {
        run_id: census.run_id.clone(),
        now: census.now,
        stale_after_days: settings.stale_after_days,
        rotate_after_days: settings.rotate_after_days,
        member_role: settings.member_role.clone(),
        watch_days: settings.watch_days,
        dependents: settings.dependents,
    };
    let mut report = Report::new(&run, reading, &last);
    // It is as large as a file.
    drop(last);
    report.summary.report = at.destination.locations(report.scan_date);
    let decision = told::decide(settings, &report.summary);
    report.summary.digest = decision.before_sending();
    report.summary.events = events::due(settings.event_bus.as_ref(), &report);
    report.summary.calls = at.aws.calls();
    report.summary.elapsed_ms = elapsed_ms(clock);
    let report = Arc::new(report);
    at.destination.write(at.aws, &report).await?;

    let digest = told::compose(&report);
    let mut summary = report.summary.clone();
    let message = match (decision, &settings.topic_arn) {
        (Decision::Send { reason }, Some(topic)) => {
            summary.digest.reason = reason;
            Some((topic, &digest))
        }
        _ => None,
    };
    // From here on a retry sends the digest at most: what else this attempt told, it
    // would tell twice.
    let left = message.map(|(_, digest)| digest.clone());
    if occurrence.written(at, summary.to_value(), left).await? {
        tell(census, at, occurrence, &report, message, &mut summary).await?;
    }
    summary.calls = at.aws.calls();
    summary.elapsed_ms = elapsed_ms(clock);
    Ok(Outcome {
        summary,
        digest_text: digest.text,
    })
}

/// Puts the events, and then sends the digest and the messages of one account each, if
/// they are to be sent.
async fn tell(
    census: &Census,
    at: Place<'_>,
    occurrence: &mut Occurrence,
    report: &Report,
    message: Option<(&TopicArn, &Digest)>,
    summary: &mut Summary,
) -> Result<(), CensusError> {
    let settings = &census.settings;
    let reserve = Reserve::of(settings);
    let account_digests: Vec<_> = match message {
        Some(_) => told::per_account(settings, report).collect(),
        None => Vec::new(),
    };
    let has_events = summary.events.due > 0;
    if let Some(bus) = &settings.event_bus
        && has_events
    {
        let messages = account_digests.len();
        let end = census.deadline.map(|at| reserve.events_end(at, messages));
        summary.events = events::put(at, bus, report, end).await;
        occurrence.amend(summary.to_value());
    }
    let Some((topic, digest)) = message else {
        if has_events {
            // If this fails, a second delivery knows less of the events; that is all.
            let _ = occurrence.enter(at, Stage::Done).await;
        }
        return Ok(());
    };
    if occurrence.enter(at, Stage::Sending).await? {
        summary.digest.message_id = publish(at, occurrence, topic, digest).await?;
        let end = census.deadline.map(|at| reserve.messages_end(at));
        summary.digest.per_account = account_digests::send(at, topic, account_digests, end).await;
    }
    Ok(())
}

/// Sends the digest of a report that an earlier attempt completed.
pub(crate) async fn send_late(
    census: &Census,
    at: Place<'_>,
    mut occurrence: Occurrence,
    digest: &Digest,
) -> Result<serde_json::Value, CensusError> {
    let mut summary = occurrence.summary();
    warn_of_events_that_may_be_missing(&summary);
    if let Some(topic) = &census.settings.topic_arn
        && occurrence.enter(at, Stage::Sending).await?
    {
        let message_id = publish(at, &mut occurrence, topic, digest).await?;
        summary["digest"]["message_id"] = message_id.into();
    }
    Ok(summary)
}

/// Says so where the earlier attempt ended before it knew what became of its events.
fn warn_of_events_that_may_be_missing(summary: &serde_json::Value) {
    let count = |name: &str| summary["events"][name].as_u64().unwrap_or(0);
    let unknown = count("due").saturating_sub(count("put") + count("failed"));
    if unknown > 0 {
        tracing::warn!("{unknown} events may not have been put: the run that put them was cut off");
    }
}

/// Publishes a digest. Where it surely was not sent, a retry may send it.
async fn publish(
    at: Place<'_>,
    occurrence: &mut Occurrence,
    topic: &TopicArn,
    digest: &Digest,
) -> Result<Option<String>, CensusError> {
    let published = digest::publish(at.aws, at.scanner, topic, digest).await;
    match published {
        Ok(message_id) => Ok(message_id),
        Err(NotPublished { error, is_certain }) => {
            if is_certain {
                let _ = occurrence.enter(at, Stage::Written).await;
            }
            Err(error)
        }
    }
}

fn elapsed_ms(clock: Clock) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}
