//! One message an account, for the teams that own them.

use keycensus_core::{
    judge::summary::PerAccountOutcome, render::digest::AccountDigest, settings::topic_arn::TopicArn,
};
use tokio::time::Instant;

use crate::{
    report::topic::{Published, publish},
    run::RunContext,
    services::quotas::MESSAGES_RPS,
    transport::rate_limit::RateLimit,
};

/// Sends every message, until `until` at the latest. One that cannot be sent does not
/// stop the others.
pub(crate) async fn send(
    at: RunContext<'_>,
    topic: &TopicArn,
    digests: Vec<AccountDigest>,
    until: Option<Instant>,
) -> PerAccountOutcome {
    let mut outcome = PerAccountOutcome::default();
    let messages = digests.len() as u64;
    let sending = send_all(at, topic, digests, &mut outcome);
    match until {
        Some(until) if until <= Instant::now() => drop(sending),
        Some(until) => drop(tokio::time::timeout_at(until, sending).await),
        None => sending.await,
    }
    let left = messages - outcome.sent - outcome.failed - outcome.may_be_lost;
    if left > 0 {
        tracing::warn!("{left} accounts' digests were not sent: there was no time left");
        outcome.failed += left;
    }
    outcome
}

async fn send_all(
    at: RunContext<'_>,
    topic: &TopicArn,
    digests: Vec<AccountDigest>,
    outcome: &mut PerAccountOutcome,
) {
    let rate_limit = RateLimit::new(MESSAGES_RPS);
    for AccountDigest { account, digest } in digests {
        let ((), _outstanding) = rate_limit.acquire(async {}).await;
        // So it is of the message that is under way when time runs out.
        outcome.may_be_lost += 1;
        match publish(at.aws, at.scanner, topic, &digest, None).await {
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
}
