//! How long before its deadline a run must stop reading, so that there is time to
//! write what was read and to publish it.

use std::time::Duration;

use keycensus_core::settings::{DigestMode, DigestPer, Settings, Switch};
use tokio::time::Instant;

use crate::services::quotas::{EVENTS_A_SECOND, FINDINGS_A_SECOND, MESSAGES_RPS};

/// What writing a report and sending a digest takes at least: seven files twice, of which
/// the page has up to 3 MB, and the marker.
const FLOOR: Duration = Duration::from_secs(15);
/// What one more key adds to that: judging and sorting it, and at most two rows of it
/// that are uploaded twice, 1.2 KB in all. It was measured to take 18 µs of a fast
/// processor; a function has half of a slow one, and this leaves 10 MB a second for the
/// upload.
const A_KEY: Duration = Duration::from_micros(200);
/// What keeping what was read takes at the end of a slice.
const SLICE: Duration = Duration::from_secs(3);
/// The most that is kept for events, for findings, and for messages of one account each. Reading is
/// what a night is for: beyond this, what there is no time to publish is counted.
const MOST_FOR_EACH: Duration = Duration::from_secs(60);
/// What sending the digest takes, of the floor.
const DIGEST: Duration = Duration::from_secs(6);
/// How long before the deadline nothing more is waited for from SNS about the digest: what
/// became of it has to be written down, too.
const LAST_ANSWER: Duration = Duration::from_secs(2);
/// How long before the deadline the last message must be out: before the run gives up.
const LAST_MESSAGE: Duration = Duration::from_secs(1);

/// What a run keeps of its time for when it has read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reserve {
    floor: Duration,
    /// For each key: writing it.
    a_key: Duration,
    /// For each key: it may be one to put an event about.
    an_event: Duration,
    /// For each key: it may be one to import a finding about.
    a_finding: Duration,
    /// For each account: it may be one to send a message about.
    a_message: Duration,
}

impl Reserve {
    /// What a run with these settings needs.
    pub(crate) fn of(settings: &Settings) -> Self {
        let puts_events = settings.event_bus.is_some();
        let imports_findings = settings.security_hub == Switch::On;
        let sends_messages = settings.topic_arn.is_some()
            && settings.digest != DigestMode::Never
            && settings.digest_per == DigestPer::Account;
        let each = |is_wanted: bool, a_second: f64| match is_wanted {
            true => Duration::from_secs_f64(1.0 / a_second),
            false => Duration::ZERO,
        };
        Self {
            floor: FLOOR,
            a_key: A_KEY,
            an_event: each(puts_events, EVENTS_A_SECOND),
            a_finding: each(imports_findings, FINDINGS_A_SECOND),
            a_message: each(sends_messages, MESSAGES_RPS),
        }
    }

    /// What an invocation needs that only reads.
    pub(crate) fn of_slice() -> Self {
        Self {
            floor: SLICE,
            a_key: Duration::ZERO,
            an_event: Duration::ZERO,
            a_finding: Duration::ZERO,
            a_message: Duration::ZERO,
        }
    }

    /// How long before the deadline reading must stop, where so many keys are listed by
    /// then, in so many accounts.
    pub(crate) fn after_reading(self, keys: u64, accounts: u64) -> Duration {
        self.floor
            + times(self.a_key, keys)
            + most(self.an_event, keys)
            + most(self.a_finding, keys)
            + most(self.a_message, accounts)
    }

    /// Until when events may be put, where there will be so many findings to import, and so many
    /// messages after the digest.
    pub(crate) fn events_end(self, deadline: Instant, findings: u64, messages: u64) -> Instant {
        let findings_end = self.findings_end(deadline, messages);
        before(findings_end, most(self.a_finding, findings))
    }

    /// Until when findings may be imported, where there will be so many messages after the digest.
    pub(crate) fn findings_end(self, deadline: Instant, messages: u64) -> Instant {
        before(deadline, DIGEST + most(self.a_message, messages))
    }

    /// Until when an answer about the digest is waited for.
    pub(crate) fn digest_end(self, deadline: Instant) -> Instant {
        before(deadline, LAST_ANSWER)
    }

    /// Until when messages may be sent.
    pub(crate) fn messages_end(self, deadline: Instant) -> Instant {
        before(deadline, LAST_MESSAGE)
    }
}

fn most(each: Duration, n: u64) -> Duration {
    times(each, n).min(MOST_FOR_EACH)
}

fn times(each: Duration, n: u64) -> Duration {
    each.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX))
}

fn before(deadline: Instant, reserved: Duration) -> Instant {
    deadline.checked_sub(reserved).unwrap_or_else(Instant::now)
}

#[cfg(test)]
mod tests {
    use keycensus_core::settings::{Settings, Source, Written};

    use super::Reserve;

    fn seconds(settings: &[(&str, &str)], keys: u64, accounts: u64) -> u64 {
        let written = settings.iter().map(|(name, text)| Written {
            source: Source::Event,
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        });
        let settings = Settings::read(written).unwrap();
        Reserve::of(&settings)
            .after_reading(keys, accounts)
            .as_secs()
    }

    const TOPIC: (&str, &str) = ("topic_arn", "arn:aws:sns:eu-west-1:111111111111:keycensus");
    const PER_ACCOUNT: (&str, &str) = ("digest_per", "account");
    const BUS: (&str, &str) = ("event_bus", "default");

    #[test]
    fn more_is_kept_the_more_there_is_to_write() {
        assert_eq!(seconds(&[], 0, 300), 15);
        assert_eq!(seconds(&[], 100_000, 300), 35);
    }

    #[test]
    fn time_for_an_event_on_every_key_is_kept_where_there_is_a_bus() {
        assert_eq!(seconds(&[BUS], 20_000, 300), 15 + 4 + 10);
        assert_eq!(seconds(&[BUS], 200_000, 300), 15 + 40 + 60);
    }

    #[test]
    fn time_for_a_finding_on_every_key_is_kept_where_they_are_imported() {
        const HUB: (&str, &str) = ("security_hub", "on");
        assert_eq!(seconds(&[HUB], 20_000, 300), 15 + 4 + 20);
        assert_eq!(seconds(&[HUB, BUS], 200_000, 300), 15 + 40 + 60 + 60);
    }

    #[test]
    fn time_for_a_message_on_every_account_is_kept_where_accounts_get_one() {
        assert_eq!(seconds(&[TOPIC, PER_ACCOUNT], 0, 300), 15 + 30);
        assert_eq!(seconds(&[TOPIC, PER_ACCOUNT], 0, 5_000), 15 + 60);
        assert_eq!(seconds(&[PER_ACCOUNT], 0, 300), 15);
        let never = ("digest", "never");
        assert_eq!(seconds(&[TOPIC, PER_ACCOUNT, never], 0, 300), 15);
    }
}
