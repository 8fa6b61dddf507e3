//! One message an account, for the teams that own them.

use keycensus_core::{aws_arn::TopicArn, digest::AccountDigest, summary::PerAccountOutcome};

use crate::{digest::publish, occurrence::Place, pace::Pace};

/// Messages a second. SNS takes at least 300 a second for all of an account's
/// topics, and delivers at most 10 a second to a subscribed address
/// (<https://docs.aws.amazon.com/general/latest/gr/sns.html>).
const MESSAGES_RPS: f64 = 10.0;

/// Sends every message. One that cannot be sent does not stop the others.
pub(crate) async fn send(
    at: Place<'_>,
    topic: &TopicArn,
    digests: Vec<AccountDigest>,
) -> PerAccountOutcome {
    let pace = Pace::new(MESSAGES_RPS);
    let mut outcome = PerAccountOutcome::default();
    for AccountDigest { account, digest } in digests {
        pace.turn(async {}).await;
        match publish(at.aws, at.scanner, topic, &digest).await {
            Ok(_) => outcome.sent += 1,
            Err(not) => {
                tracing::warn!(account.id = %account.id, "an account's digest was not sent: {}", not.error);
                outcome.failed += 1;
            }
        }
    }
    outcome
}
