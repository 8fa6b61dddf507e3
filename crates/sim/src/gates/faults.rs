//! Decides which fault strikes a call, and what the call's service still gets to see of it.

mod answers;
pub(crate) mod contents;
pub(crate) mod paging;
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
    wire::Fault,
    world::{Effect, FaultRule, World},
};

/// A fault that strikes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) effect: Effect,
    /// How late the body comes, if it is slow.
    pub(crate) delay: Duration,
}

/// What a fault leaves of a call.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The service answers it; what goes wrong goes wrong with the answer.
    Pass,
    /// Nobody answers it, and nothing happens.
    Silence,
    /// It is answered at the door, and nothing happens.
    Refuse(Fault),
}

/// How many calls each of a world's rules has matched.
#[derive(Debug)]
pub(crate) struct Faults {
    matched: Vec<AtomicU64>,
    bend_pages: bool,
}

impl Faults {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            matched: world.faults.iter().map(|_| AtomicU64::new(0)).collect(),
            bend_pages: world.faults.iter().any(|rule| bends_pages(rule.effect)),
        }
    }

    /// Whether any listing may go wrong.
    pub(crate) fn bend_pages(&self) -> bool {
        self.bend_pages
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
    let FaultRule {
        region,
        key,
        resource,
        ..
    } = rule;
    // The page that an empty one promised is not empty again, or no listing would ever end.
    let promised = rule.effect == Effect::EmptyPage && continuation.mark == Some(Mark::Promised);
    !promised
        && rule
            .account
            .as_deref()
            .is_none_or(|account| account == attempt.account)
        && attempt.is_meant(&rule.operation, region.as_deref(), key.as_deref())
        && resource
            .as_deref()
            .is_none_or(|resource| resource == attempt.resource)
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

/// Whether an effect changes a listing's pages.
pub(crate) fn bends_pages(effect: Effect) -> bool {
    matches!(
        effect,
        Effect::RepeatToken | Effect::CyclicTokens | Effect::EmptyPage | Effect::DuplicateItem
    )
}

/// Whether an effect changes what a service replied, and nothing of a call that failed.
pub(crate) fn needs_a_reply(effect: Effect) -> bool {
    bends_pages(effect)
        || matches!(
            effect,
            Effect::EmptyAnswer | Effect::NullAnswer | Effect::Contradiction | Effect::AboutAnother
        )
}

/// Whether a call that is not served all the same counts against its quota.
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

/// What an effect leaves of a call that arrives `now`.
pub(crate) fn verdict(effect: Effect, attempt: Attempt<'_>, now: Timestamp) -> Verdict {
    let service = attempt.operation.service();
    let fault = match effect {
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
        | Effect::NoMessageId
        | Effect::FailEntry => return Verdict::Pass,
        Effect::WriteConflict => answers::write_conflict(),
        Effect::Throttle => Fault::throttled(service),
        Effect::InternalError => answers::internal_error(service),
        Effect::Unavailable => answers::unavailable(service),
        Effect::ExpiredCredentials => Fault::expired(service),
        Effect::NotYetValidCredentials => answers::not_yet_valid(service, now),
        Effect::AccessDenied => attempt.denied(),
        Effect::RegionNotEnabled => Fault::unknown_token(service),
        Effect::Vanish => answers::vanished(attempt),
    };
    Verdict::Refuse(fault)
}

#[cfg(test)]
mod tests;
