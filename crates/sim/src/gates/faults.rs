//! Decides which fault strikes a call, and whether the call still reaches its service.

pub(crate) mod contents;
pub(crate) mod paging;
mod service_errors;
mod transmit;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use self::paging::{Continuation, Mark};
pub(crate) use self::transmit::{Reaction, silence, transmit};
use crate::{
    gates::{
        attempt::Attempt,
        random::{FAULT, draw, happens},
    },
    wire::AwsError,
    world::{Effect, FaultRule, World},
};

/// A fault that strikes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) effect: Effect,
    /// Delay of a slow body.
    pub(crate) delay: Duration,
}

/// What a fault does to a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The service answers it; the fault is in the answer.
    Pass,
    /// It has no answer and no effect.
    Silence,
    /// It is answered with an error and has no effect.
    Refuse(AwsError),
}

/// How many calls each of a world's rules has matched.
#[derive(Debug)]
pub(crate) struct Faults {
    matched: Vec<AtomicU64>,
    alters_pages: bool,
}

impl Faults {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            matched: world.faults.iter().map(|_| AtomicU64::new(0)).collect(),
            alters_pages: world.faults.iter().any(|rule| alters_page(rule.effect)),
        }
    }

    /// Whether any rule alters pages of listings.
    pub(crate) fn alters_pages(&self) -> bool {
        self.alters_pages
    }

    /// The first rule in file order that strikes this call. Every rule that matches counts it.
    pub(crate) fn strike(
        &self,
        world: &World,
        attempt: Attempt<'_>,
        continuation: &Continuation,
    ) -> Option<Strike> {
        let mut first = None;
        for (position, (rule, matched)) in world.faults.iter().zip(&self.matched).enumerate() {
            if !matches(rule, attempt, continuation) {
                continue;
            }
            let number = matched.fetch_add(1, Ordering::Relaxed) + 1;
            if first.is_none() && is_due(rule, world.seed, FAULT + position as u64, number) {
                first = Some(Strike {
                    effect: rule.effect,
                    delay: Duration::from_millis(rule.delay_ms),
                });
            }
        }
        first
    }
}

fn matches(rule: &FaultRule, attempt: Attempt<'_>, continuation: &Continuation) -> bool {
    let account = rule.account.as_deref();
    // The page that an empty one promised is not empty again, or no listing would ever end.
    let promised = rule.effect == Effect::EmptyPage && continuation.mark == Some(Mark::Promised);
    !promised
        && account.is_none_or(|account| account == attempt.account)
        && attempt.matches(
            &rule.operation,
            rule.region.as_deref(),
            rule.key.as_deref(),
            rule.resource.as_deref(),
        )
        && rule.effect.applies_to(attempt.operation)
}

/// Whether a rule strikes the matching call of this number, from 1.
fn is_due(rule: &FaultRule, seed: u64, purpose: u64, number: u64) -> bool {
    rule.nth.is_none_or(|nth| number == nth)
        && rule.first.is_none_or(|first| number <= first)
        && rule
            .probability
            .is_none_or(|probability| happens(probability, draw(seed, purpose, number)))
}

/// Whether an effect alters a page of a listing.
pub(crate) fn alters_page(effect: Effect) -> bool {
    matches!(
        effect,
        Effect::RepeatToken | Effect::CyclicTokens | Effect::EmptyPage | Effect::DuplicateItem
    )
}

/// Whether an effect changes a service's reply, and no error.
pub(crate) fn needs_a_reply(effect: Effect) -> bool {
    alters_page(effect)
        || matches!(
            effect,
            Effect::EmptyAnswer | Effect::NullAnswer | Effect::Contradiction | Effect::AboutAnother
        )
}

/// Whether a call that does not reach its service counts against its quota.
pub(crate) fn spends_quota(effect: Effect) -> bool {
    matches!(
        effect,
        Effect::InternalError
            | Effect::Unavailable
            | Effect::Hang
            | Effect::AccessDenied
            | Effect::Vanish
    )
}

/// What an effect does to a call that arrives at `now`.
pub(crate) fn verdict(effect: Effect, attempt: Attempt<'_>, now: Timestamp) -> Verdict {
    let service = attempt.operation.service();
    let error = match effect {
        Effect::ResetBefore | Effect::Hang => return Verdict::Silence,
        Effect::ResetAfter
        | Effect::SlowBody
        | Effect::GarbledBody
        | Effect::TruncatedBody
        | Effect::WrongContentType
        | Effect::EmptyBody
        | Effect::NoContent
        | Effect::EmptyAnswer
        | Effect::NullAnswer
        | Effect::Contradiction
        | Effect::AboutAnother
        | Effect::OversizedBody
        | Effect::RepeatToken
        | Effect::CyclicTokens
        | Effect::EmptyPage
        | Effect::DuplicateItem
        | Effect::DeletedFirst
        | Effect::LateError
        | Effect::NoMessageId
        | Effect::FailEntry => return Verdict::Pass,
        Effect::WriteConflict => service_errors::write_conflict(),
        Effect::Throttle => AwsError::throttled(service),
        Effect::InternalError => service_errors::internal_error(service),
        Effect::Unavailable => service_errors::unavailable(service),
        Effect::ExpiredCredentials => AwsError::expired(service),
        Effect::NotYetValidCredentials => service_errors::not_yet_valid(service, now),
        Effect::AccessDenied => attempt.denied(),
        Effect::RegionNotEnabled => AwsError::unknown_token(service),
        Effect::Vanish => service_errors::vanished(attempt),
    };
    Verdict::Refuse(error)
}

#[cfg(test)]
mod tests;
