//! The requests that AWS may count in the current second, and those that are
//! outstanding.
//!
//! A request counts against the quota when the service receives it, which the
//! client does not see. It lies between the moment at which the request left and
//! the moment at which its answer came. Usually both are one round trip apart, and
//! requests are received as they left. An answer that takes much longer shows that
//! the network or the service stalled, and everything that a stall held back is
//! received at once when it ends. Such a request counts as if it had left one usual
//! round trip before its answer came. While it is outstanding, it may be received
//! at any moment, and counts.
//!
//! Answers that come together of requests that left one after the other show a stall,
//! too, before any usual round trip is known: those requests were received together,
//! shortly before.
//!
//! The usual round trip is the shortest of the last answers, as in BBR
//! (<https://datatracker.ietf.org/doc/draft-ietf-ccwg-bbr/>, "`BBR.min_rtt`"): a
//! stall makes answers late, never early. Where every answer takes long, that is
//! the usual round trip, and nothing counts as late.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// The time in which AWS counts requests.
const SECOND: Duration = Duration::from_secs(1);
/// An answer that takes longer than usual by less than this shows no stall: round
/// trips vary.
const JITTER: Duration = Duration::from_millis(100);

/// The requests that were outstanding within the last second.
#[derive(Debug)]
pub(super) struct Recent {
    /// In the order in which they left.
    requests: VecDeque<Request>,
    /// How many requests have left.
    left: u64,
    usual: UsualRoundTrip,
}

/// One request.
#[derive(Debug)]
struct Request {
    number: u64,
    left_at: Instant,
    /// When it was answered or given up; `None` while it is outstanding.
    ended_at: Option<Instant>,
    /// Whether it was answered, and not by a throttle.
    is_answered: bool,
    /// Whether its answer came with that to the one before or after, though they did not leave together.
    came_with_another: bool,
}

/// How many requests count at a moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) requests: u32,
    /// When the first of them stops to count; `None` where only an answer ends that.
    pub(super) until: Option<Instant>,
}

impl Recent {
    /// For a quota of `allowed` requests a second.
    pub(super) fn new(allowed: f64) -> Self {
        Self {
            requests: VecDeque::new(),
            left: 0,
            usual: UsualRoundTrip::new(allowed),
        }
    }

    /// Notes that a request leaves, and numbers it.
    pub(super) fn leaves(&mut self, now: Instant) -> u64 {
        self.left += 1;
        self.requests.push_back(Request {
            number: self.left,
            left_at: now,
            ended_at: None,
            is_answered: false,
            came_with_another: false,
        });
        self.left
    }

    /// Notes that a request was answered, which shows how long a round trip takes at most.
    pub(super) fn answered(&mut self, number: u64, now: Instant) {
        if let Some(request) = self.end(number, now) {
            request.is_answered = true;
            let round_trip = request.took(now);
            self.usual.is_at_most(round_trip);
        }
    }

    /// Notes that a request is not outstanding any more.
    pub(super) fn ended(&mut self, number: u64, now: Instant) {
        self.end(number, now);
    }

    fn end(&mut self, number: u64, now: Instant) -> Option<&mut Request> {
        let index = self
            .requests
            .binary_search_by_key(&number, |request| request.number)
            .ok()?;
        self.requests.get_mut(index)?.ended_at = Some(now);
        for first in [index.checked_sub(1), Some(index)].into_iter().flatten() {
            if let (Some(one), Some(other)) =
                (self.requests.get(first), self.requests.get(first + 1))
                && came_together(one, other)
            {
                self.requests[first].came_with_another = true;
                self.requests[first + 1].came_with_another = true;
            }
        }
        self.requests.get_mut(index)
    }

    /// Forgets the requests that cannot count any more: none does for longer than a second after its end,
    /// whatever the usual round trip turns out to be. Those that no stall held back show what that is.
    fn forget(&mut self, now: Instant) {
        let usual = &mut self.usual;
        self.requests.retain(|request| {
            let counts = request
                .ended_at
                .is_none_or(|ended_at| ended_at + SECOND > now);
            if !counts && request.is_answered && !request.came_with_another {
                usual.learn(request.took(now));
            }
            counts
        });
    }

    /// How many requests count now.
    pub(super) fn counted(&mut self, now: Instant) -> Counted {
        self.forget(now);
        let usual = self.usual.get();
        let is_stalled = |request: &Request| request.took(now) > usual + JITTER;
        let due = match self.requests.iter().any(is_stalled) {
            true => usual,
            false => usual + JITTER,
        };
        let mut counted = Counted {
            requests: 0,
            until: None,
        };
        for request in &self.requests {
            let until = match (request.took(now) > due, request.ended_at) {
                (_, Some(ended_at)) if request.came_with_another => Some(ended_at + SECOND),
                (false, _) => Some(request.left_at + SECOND),
                (true, Some(ended_at)) => Some(ended_at - usual + SECOND),
                (true, None) => None,
            };
            if until.is_none_or(|until| until > now) {
                counted.requests += 1;
                counted.until = [counted.until, until].into_iter().flatten().min();
            }
        }
        counted
    }
}

fn came_together(one: &Request, other: &Request) -> bool {
    let (Some(ended), Some(other_ended)) = (one.ended_at, other.ended_at) else {
        return false;
    };
    let apart = |a: Instant, b: Instant| a.max(b) - a.min(b);
    apart(ended, other_ended) + JITTER < apart(one.left_at, other.left_at)
}

impl Request {
    /// How long it was outstanding until now.
    fn took(&self, now: Instant) -> Duration {
        self.ended_at.unwrap_or(now) - self.left_at
    }
}

/// The shortest round trip of the last answers that did not come together: of at least two seconds' worth, so
/// that what one stall held back is never all of them. Where stalls hold back all requests, it stays what it was.
#[derive(Debug)]
struct UsualRoundTrip {
    /// How many answers make a half.
    half: u32,
    /// How many answers came since the last half was full.
    answers: u32,
    /// The shortest since then, and the shortest of the half before.
    shortest: [Option<Duration>; 2],
}

impl UsualRoundTrip {
    fn new(allowed: f64) -> Self {
        Self {
            half: (2.0 * allowed).ceil() as u32,
            answers: 0,
            shortest: [None; 2],
        }
    }

    /// Learns of a round trip that shows how short one can be.
    fn is_at_most(&mut self, round_trip: Duration) {
        let known = self.shortest.into_iter().flatten().min();
        if known.is_none_or(|known| round_trip < known) {
            self.shortest[0] = Some(round_trip);
        }
    }

    /// Learns of a round trip that no stall has made longer, as far as is known.
    fn learn(&mut self, round_trip: Duration) {
        if self.answers == self.half {
            self.shortest = [None, self.shortest[0]];
            self.answers = 0;
        }
        self.answers += 1;
        let [shortest, _] = &mut self.shortest;
        *shortest = Some(shortest.map_or(round_trip, |known| known.min(round_trip)));
    }

    /// Zero before the first answer.
    fn get(&self) -> Duration {
        self.shortest
            .into_iter()
            .flatten()
            .min()
            .unwrap_or_default()
    }
}
