//! One message an account, for the teams that own them.

use keycensus_core::{
    judge::{report::Report, summary::PerAccountOutcome},
    model::account::Account,
    render::digest::{self, AccountDigest, Digest},
    settings::{Settings, topic_arn::TopicArn},
};
use tokio::time::Instant;

use crate::{
    error::CensusError,
    report::{
        readings::Readings,
        topic::{Message, Published, publish},
    },
    run::RunContext,
    services::quotas::MESSAGES_RPS,
    transport::rate_limit::RateLimit,
};

/// The messages of a report, each of which is composed when it is sent.
pub(crate) struct AccountDigests<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) report: &'a Report,
    pub(crate) readings: &'a Readings,
    /// How many there are.
    pub(crate) messages: u64,
}

impl AccountDigests<'_> {
    /// Sends every message, until `until` at the latest. One that cannot be sent does not
    /// stop the others.
    pub(crate) async fn send(
        &self,
        at: RunContext<'_>,
        topic: &TopicArn,
        until: Option<Instant>,
    ) -> PerAccountOutcome {
        let mut outcome = PerAccountOutcome::default();
        let sending = self.send_all(at, topic, &mut outcome);
        match until {
            Some(until) if until <= Instant::now() => drop(sending),
            Some(until) => drop(tokio::time::timeout_at(until, sending).await),
            None => sending.await,
        }
        let left = self.messages - outcome.sent - outcome.failed - outcome.may_be_lost;
        if left > 0 {
            tracing::warn!("{left} accounts' digests were not sent: there was no time left");
            outcome.failed += left;
        }
        outcome
    }

    async fn send_all(
        &self,
        at: RunContext<'_>,
        topic: &TopicArn,
        outcome: &mut PerAccountOutcome,
    ) {
        if let Err(error) = self.send_each(at, topic, outcome).await {
            tracing::warn!("accounts' digests are not sent: {error}");
        }
    }

    async fn send_each(
        &self,
        at: RunContext<'_>,
        topic: &TopicArn,
        outcome: &mut PerAccountOutcome,
    ) -> Result<(), CensusError> {
        let rate_limit = RateLimit::new(MESSAGES_RPS);
        let mut accounts = self.readings.judged()?;
        while let Some(account) = accounts.next()? {
            let digest = digest::per_account(self.settings, self.report, &account);
            if let Some(AccountDigest { account, digest }) = digest {
                let ((), _outstanding) = rate_limit.acquire(async {}).await;
                send(at, topic, &account, &digest, outcome).await;
            }
        }
        Ok(())
    }
}

async fn send(
    at: RunContext<'_>,
    topic: &TopicArn,
    account: &Account,
    digest: &Digest,
    outcome: &mut PerAccountOutcome,
) {
    // So it is of the message that is under way when time runs out.
    outcome.may_be_lost += 1;
    match publish(at.aws, at.scanner, topic, Message::of(digest), None).await {
        Ok(Published::Out(_)) => {
            outcome.may_be_lost -= 1;
            outcome.sent += 1;
        }
        Ok(Published::MayBeLost(reason)) => {
            tracing::warn!(account.id = %account.id, "an account's digest may not have been sent: {reason}");
        }
        Err(error) => {
            tracing::warn!(account.id = %account.id, "an account's digest was not sent: {error}");
            outcome.may_be_lost -= 1;
            outcome.failed += 1;
        }
    }
}
