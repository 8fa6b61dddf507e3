//! Publishing a report that is complete: events, then findings for Security Hub, then the digest, its short form for a
//! chat channel, and the messages of one account each. Each but the findings is published once at most, and what may be
//! missing is recorded.

use keycensus_core::{
    judge::{report::Report, summary::Summary},
    render::{
        chat,
        digest::{self, Decision, Digest},
    },
    settings::topic_arn::TopicArn,
};
use serde_json::Value;
use tokio::time::Instant;

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
        security_hub,
        topic::{self, Message, Published},
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
        mut report,
        readings,
        decision,
        mut lease,
    } = written;
    let mut digest = digest::compose(&report);
    let mut summary = report.summary.clone();
    let topics = match decision {
        Decision::Send { reason } => {
            summary.digest.reason = reason;
            let chat_topic = settings.chat_topic_arn.as_ref();
            summary.digest.chat.topic_arn = chat_topic.map(ToString::to_string);
            Topics {
                digest: settings.topic_arn.as_ref(),
                chat: chat_topic,
            }
        }
        Decision::DoNotSend { .. } => Topics::default(),
    };
    let messages = match topics.digest {
        Some(_) => digest::count_per_account(settings, &report),
        None => 0,
    };
    let state = match topics.digest {
        Some(_) => DigestState::Due,
        None => DigestState::NotDue,
    };
    lease.written(at, clock, state, messages).await;
    // From here on a retry sends the digest at most: what else this attempt published, it
    // would publish twice.
    let left = topics.digest.map(|_| digest.clone());
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
            .before_digest(&report, &readings, messages, &mut summary)
            .await;
        if summary.security_hub != report.summary.security_hub {
            report.summary.security_hub = summary.security_hub.clone();
            digest = digest::compose(&report);
            publishing.event_lease.amend_digest(&digest);
        }
        publishing
            .publish(&report, &readings, topics, &digest, messages, &mut summary)
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

/// Where messages go; `None`: nowhere.
#[derive(Debug, Clone, Copy, Default)]
struct Topics<'a> {
    digest: Option<&'a TopicArn>,
    chat: Option<&'a TopicArn>,
}

/// What publishing a report needs.
pub(crate) struct Publishing<'a> {
    pub(crate) census: &'a Census,
    pub(crate) at: RunContext<'a>,
    pub(crate) event_lease: &'a mut EventLease,
    pub(crate) lease: &'a mut ReportLease,
}

impl Publishing<'_> {
    /// Puts the events and imports the findings, where there will be so many messages of one account each after
    /// the digest.
    async fn before_digest(
        &mut self,
        report: &Report,
        readings: &Readings,
        messages: u64,
        summary: &mut Summary,
    ) {
        let at = self.at;
        let settings = &self.census.settings;
        let deadline = self.census.deadline;
        let reserve = Reserve::of(settings);
        let findings = summary.security_hub.due();
        if let Some(bus) = &settings.event_bus
            && summary.events.due > 0
        {
            let end = deadline.map(|at| reserve.events_end(at, findings, messages));
            summary.events = events::put(at, bus, report, readings, end).await;
            self.event_lease.amend(summary.to_value());
        }
        if let Some(product) = security_hub::product(settings, at)
            && summary.security_hub.product_arn.is_some()
        {
            let end = deadline.map(|at| reserve.findings_end(at, messages));
            summary.security_hub = security_hub::import(at, &product, report, readings, end).await;
            self.event_lease.amend(summary.to_value());
        }
    }

    /// Sends the digest, its short form for a chat channel, and the messages of one account each, as far as they are to
    /// be sent.
    async fn publish(
        &mut self,
        report: &Report,
        readings: &Readings,
        topics: Topics<'_>,
        digest: &Digest,
        messages: u64,
        summary: &mut Summary,
    ) -> Result<(), CensusError> {
        let at = self.at;
        let settings = &self.census.settings;
        let reserve = Reserve::of(settings);
        let messages_end = self
            .census
            .deadline
            .map(|deadline| reserve.messages_end(deadline));
        let has_published = summary.events.due + summary.security_hub.due() > 0;
        let Some(topic) = topics.digest else {
            if let Some(chat_topic) = topics.chat {
                summary.digest.chat.may_be_lost = true;
                self.event_lease.amend(summary.to_value());
                if !self.event_lease.enter(at, Stage::Done).await? {
                    return Ok(());
                }
                self.send_to_chat(chat_topic, report, messages_end, summary)
                    .await;
            }
            if has_published || topics.chat.is_some() {
                self.event_lease.amend(summary.to_value());
                // If this fails, a second delivery knows less of what was published; that is all.
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
        outcome.chat.may_be_lost = topics.chat.is_some();
        match self.send(topic, digest, messages).await? {
            Some(message_id) => outcome.message_id = Some(message_id),
            None => outcome.may_be_lost = true,
        }
        let state = state(outcome.may_be_lost);
        if let Some(chat_topic) = topics.chat {
            self.event_lease.sent(at, summary.to_value()).await;
            self.send_to_chat(chat_topic, report, messages_end, summary)
                .await;
        }
        if messages > 0 {
            self.event_lease.sent(at, summary.to_value()).await;
            let digests = AccountDigests {
                settings,
                report,
                readings,
                messages,
            };
            let sent = digests.send(at, topic, messages_end).await;
            summary.digest.per_account = sent;
            let missing = sent.failed + sent.may_be_lost;
            self.lease.tell_digest(at, state, missing).await;
        }
        self.event_lease.sent(at, summary.to_value()).await;
        Ok(())
    }

    /// Sends the short form of the digest. It never costs a run what comes after it.
    async fn send_to_chat(
        &self,
        topic: &TopicArn,
        report: &Report,
        until: Option<Instant>,
        summary: &mut Summary,
    ) {
        let message = chat::compose(report);
        let message = Message::plain(&message);
        let outcome = &mut summary.digest.chat;
        outcome.may_be_lost = false;
        match topic::publish(self.at.aws, self.at.scanner, topic, message, until).await {
            Ok(Published::Out(message_id)) => outcome.message_id = Some(message_id),
            Ok(Published::MayBeLost(reason)) => {
                tracing::warn!(
                    run.id = self.census.run_id,
                    "the message for the chat channel may not have been sent, and is not sent again: {reason}"
                );
                outcome.may_be_lost = true;
            }
            Err(error) => {
                tracing::warn!(
                    run.id = self.census.run_id,
                    "the message for the chat channel was not sent: {error}"
                );
                outcome.failed = true;
            }
        }
    }

    /// Sends the digest of a report that an earlier attempt completed. The messages of one
    /// account each that were to follow it are lost.
    pub(crate) async fn publish_late(&mut self, digest: &Digest) -> Result<Value, CensusError> {
        let at = self.at;
        let mut summary = self.event_lease.summary();
        warn_of_what_may_be_missing(&summary);
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
        if summary["digest"]["chat"]["topic_arn"].is_string() {
            tracing::warn!(
                "the message for the chat channel was not sent: the run that was to send it had ended"
            );
            summary["digest"]["chat"]["failed"] = true.into();
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
        let published = topic::publish(at.aws, at.scanner, topic, Message::of(digest), end).await;
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

/// Says so where the earlier attempt ended before it knew what became of its events, findings or message for a chat
/// channel.
fn warn_of_what_may_be_missing(summary: &Value) {
    let count = |of: &str, name: &str| summary[of][name].as_u64().unwrap_or(0);
    let events = count("events", "due");
    let unknown = events.saturating_sub(count("events", "put") + count("events", "failed"));
    if unknown > 0 {
        tracing::warn!("{unknown} events may not have been put: the run that put them was cut off");
    }
    let of_hub = |name| count("security_hub", name);
    let findings = of_hub("active") + of_hub("archived");
    let unknown = findings.saturating_sub(of_hub("imported") + of_hub("failed"));
    if unknown > 0 {
        tracing::warn!(
            "{unknown} findings may not have been imported into Security Hub: the run that imported them was cut off"
        );
    }
}
