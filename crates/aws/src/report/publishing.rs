//! Publishing a report that is complete: events, then the digest, then the messages of
//! one account each. Each is published once at most, and what may be missing is recorded.

use keycensus_core::{
    judge::{report::Report, summary::Summary},
    render::digest::{self, Decision, Digest},
    settings::topic_arn::TopicArn,
};
use serde_json::Value;

use crate::{
    deadline::reserve::Reserve,
    error::CensusError,
    lease::{
        event_lease::EventLease,
        event_record::Stage,
        report_lease::{self, ReportLease},
        report_record::DigestState,
    },
    report::{
        account_digests::AccountDigests,
        events,
        readings::Readings,
        topic::{self, Published},
        writing::Written,
    },
    run::{Census, Outcome, RunContext},
    transport::clock::Clock,
};

/// Publishes a report that is written.
///
/// # Errors
/// The digest cannot be sent.
pub(crate) async fn publish(
    census: &Census,
    at: RunContext<'_>,
    event_lease: &mut EventLease,
    written: Written,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let settings = &census.settings;
    let Written {
        report,
        readings,
        decision,
        mut lease,
    } = written;
    let digest = digest::compose(&report);
    let mut summary = report.summary.clone();
    let message = match (decision, &settings.topic_arn) {
        (Decision::Send { reason }, Some(topic)) => {
            summary.digest.reason = reason;
            Some((topic, &digest))
        }
        _ => None,
    };
    let messages = match message {
        Some(_) => digest::count_per_account(settings, &report),
        None => 0,
    };
    let state = match message {
        Some(_) => DigestState::Due,
        None => DigestState::NotDue,
    };
    lease.written(at, clock, state, messages).await;
    // From here on a retry sends the digest at most: what else this attempt published, it
    // would publish twice.
    let left = message.map(|(_, digest)| digest.clone());
    if event_lease
        .written(at, summary.to_value(), left, messages)
        .await?
    {
        let mut publishing = Publishing {
            census,
            at,
            event_lease,
            lease: &mut lease,
        };
        publishing
            .publish(&report, &readings, message, &mut summary)
            .await?;
    }
    summary.calls = at.aws.calls();
    summary.elapsed_ms = clock.elapsed_ms();
    Ok(Outcome {
        summary,
        keys_kept: census.progress.counters().keys_kept,
        digest_text: digest.text,
    })
}

/// What publishing a report needs.
pub(crate) struct Publishing<'a> {
    pub(crate) census: &'a Census,
    pub(crate) at: RunContext<'a>,
    pub(crate) event_lease: &'a mut EventLease,
    pub(crate) lease: &'a mut ReportLease,
}

impl Publishing<'_> {
    /// Puts the events, and then sends the digest and the messages of one account each, if
    /// they are to be sent.
    pub(crate) async fn publish(
        &mut self,
        report: &Report,
        readings: &Readings,
        message: Option<(&TopicArn, &Digest)>,
        summary: &mut Summary,
    ) -> Result<(), CensusError> {
        let at = self.at;
        let settings = &self.census.settings;
        let reserve = Reserve::of(settings);
        let has_events = summary.events.due > 0;
        let messages = match message {
            Some(_) => digest::count_per_account(settings, report),
            None => 0,
        };
        if let Some(bus) = &settings.event_bus
            && has_events
        {
            let deadline = self.census.deadline;
            let end = deadline.map(|at| reserve.events_end(at, messages as usize));
            summary.events = events::put(at, bus, report, readings, end).await;
            self.event_lease.amend(summary.to_value());
        }
        let Some((topic, digest)) = message else {
            if has_events {
                // If this fails, a second delivery knows less of the events; that is all.
                let _ = self.event_lease.enter(at, Stage::Done).await;
            }
            return Ok(());
        };
        if !self.event_lease.enter(at, Stage::Sending).await? {
            return Ok(());
        }
        let outcome = &mut summary.digest;
        // Until they are sent, this is not known: a run may end before that.
        outcome.per_account.may_be_lost = messages;
        match self.send(topic, digest, messages).await? {
            Some(message_id) => outcome.message_id = Some(message_id),
            None => outcome.may_be_lost = true,
        }
        let state = state(outcome.may_be_lost);
        if messages > 0 {
            self.event_lease.sent(at, summary.to_value()).await;
            let end = self
                .census
                .deadline
                .map(|deadline| reserve.messages_end(deadline));
            let digests = AccountDigests {
                settings,
                report,
                readings,
                messages,
            };
            let sent = digests.send(at, topic, end).await;
            summary.digest.per_account = sent;
            let missing = sent.failed + sent.may_be_lost;
            self.lease.tell_digest(at, state, missing).await;
        }
        self.event_lease.sent(at, summary.to_value()).await;
        Ok(())
    }

    /// Sends the digest of a report that an earlier attempt completed. The messages of one
    /// account each that were to follow it are lost.
    pub(crate) async fn publish_late(&mut self, digest: &Digest) -> Result<Value, CensusError> {
        let at = self.at;
        let mut summary = self.event_lease.summary();
        warn_of_events_that_may_be_missing(&summary);
        let Some(topic) = &self.census.settings.topic_arn else {
            return Ok(summary);
        };
        if !self.event_lease.enter(at, Stage::Sending).await? {
            return Ok(summary);
        }
        let messages = self.event_lease.account_digests();
        match self.send(topic, digest, messages).await? {
            Some(message_id) => summary["digest"]["message_id"] = message_id.into(),
            None => summary["digest"]["may_be_lost"] = true.into(),
        }
        if messages > 0 {
            tracing::warn!(
                "{messages} accounts' digests were not sent: the run that was to send them had ended"
            );
            summary["digest"]["per_account"]["failed"] = messages.into();
        }
        self.event_lease.sent(at, summary.clone()).await;
        Ok(summary)
    }

    /// Publishes a digest, after which there will be so many messages of one account each;
    /// gives SNS's ID of it, if it is known to be out. Where it surely was not sent, a
    /// retry may send it.
    async fn send(
        &mut self,
        topic: &TopicArn,
        digest: &Digest,
        messages: u64,
    ) -> Result<Option<String>, CensusError> {
        let at = self.at;
        let reserve = Reserve::of(&self.census.settings);
        let end = self
            .census
            .deadline
            .map(|deadline| reserve.digest_end(deadline));
        let published = topic::publish(at.aws, at.scanner, topic, digest, end).await;
        let (state, outcome) = match published {
            Ok(Published::Out(message_id)) => (DigestState::Sent, Ok(Some(message_id))),
            Ok(Published::MayBeLost(reason)) => {
                tracing::warn!(
                    run.id = self.census.run_id,
                    "the digest may not have been sent, and is not sent again: {reason}"
                );
                (DigestState::MayBeLost, Ok(None))
            }
            Err(error) => {
                let _ = self.event_lease.enter(at, Stage::NotSent).await;
                (DigestState::NotSent, Err(error))
            }
        };
        self.lease.tell_digest(at, state, messages).await;
        outcome
    }
}

fn state(may_be_lost: bool) -> DigestState {
    match may_be_lost {
        true => DigestState::MayBeLost,
        false => DigestState::Sent,
    }
}

/// Sends the digest of a report that an earlier attempt completed.
pub(crate) async fn send_late(
    census: &Census,
    at: RunContext<'_>,
    mut event_lease: EventLease,
    digest: &Digest,
) -> Result<Value, CensusError> {
    let run_id = event_lease.summary()["run_id"].as_str().map(str::to_owned);
    let mut lease = report_lease::of_report(at, &run_id.unwrap_or_default()).await;
    let mut publishing = Publishing {
        census,
        at,
        event_lease: &mut event_lease,
        lease: &mut lease,
    };
    publishing.publish_late(digest).await
}

/// Says so where the earlier attempt ended before it knew what became of its events.
fn warn_of_events_that_may_be_missing(summary: &Value) {
    let count = |name: &str| summary["events"][name].as_u64().unwrap_or(0);
    let unknown = count("due").saturating_sub(count("put") + count("failed"));
    if unknown > 0 {
        tracing::warn!("{unknown} events may not have been put: the run that put them was cut off");
    }
}
