//! The count of refused uses of a KMS key, night by night.
//!
//! CloudTrail delivers events late, and a report has no IDs of those that it counted. So a run counts
//! what was until an hour before it began, and looks from there on at the next: each event is counted by
//! exactly one run, if CloudTrail delivers it within the hour.

use std::{collections::HashSet, ops::ControlFlow};

use jiff::{SignedDuration, Timestamp};

use crate::{
    explain::trail_event::TrailEvent,
    model::{
        gap::Gap,
        refused_uses::{RefusedUse, RefusedUses},
    },
};

/// How long CloudTrail may take to deliver an event that is to be counted. It takes about 5 minutes on
/// average
/// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>).
const DELIVERY: SignedDuration = SignedDuration::from_hours(1);

/// What an earlier run found, and when it began.
#[derive(Debug, Clone)]
pub struct LastFound {
    /// When the run began.
    pub run_at: Timestamp,
    /// What it found.
    pub found: RefusedUses,
}

/// A count that is under way. Events come latest first.
#[derive(Debug)]
pub struct Counting {
    /// What was until then is counted; what is later is not, because more of it may be delivered.
    until: Timestamp,
    /// What an earlier run has counted, and until when.
    before: Option<(Timestamp, u64)>,
    /// IDs of events that were seen: pages can repeat one.
    seen: HashSet<String>,
    count: u64,
    /// How many are too recent to be counted.
    too_recent: u64,
    last: Option<RefusedUse>,
    /// What an earlier run found last.
    last_before: Option<RefusedUse>,
    /// Whether the key could be used since what an earlier run has counted.
    was_usable: bool,
}

impl Counting {
    /// Begins to count, for a run that begins at `now`, after what an earlier run found. Where that did not read
    /// the history to its end, all of it is counted again.
    #[must_use]
    pub fn begin(now: Timestamp, last: Option<LastFound>) -> Self {
        let last = last.filter(|last| last.run_at <= now);
        let before = last
            .as_ref()
            .filter(|last| last.found.gap.is_none())
            .and_then(|last| Some((counted_until(last.run_at), last.found.count?)));
        Self {
            until: counted_until(now),
            before,
            seen: HashSet::new(),
            count: 0,
            too_recent: 0,
            last: None,
            last_before: last.and_then(|last| last.found.last),
            was_usable: false,
        }
    }

    /// From when on events are to be looked up; `None`: all that the history has.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.before.map(|(until, _)| until)
    }

    /// Takes the next event. [`ControlFlow::Break`]: the key could be used then, and earlier ones do not matter.
    pub fn take(&mut self, event: &TrailEvent) -> ControlFlow<()> {
        let Some(at) = event.listed.at else {
            return ControlFlow::Continue(());
        };
        if !self.seen.insert(event.listed.id.clone()) {
            return ControlFlow::Continue(());
        }
        if event.shows_usable_key() {
            self.was_usable = true;
            return ControlFlow::Break(());
        }
        if event.is_refused_use() {
            let is_new = self.since().is_none_or(|since| at > since);
            let counts = match at <= self.until {
                true => &mut self.count,
                false => &mut self.too_recent,
            };
            *counts += u64::from(is_new);
            if self.last.as_ref().is_none_or(|last| last.at < at) {
                let by = event.principal().unwrap_or_default();
                self.last = Some(RefusedUse { at, by });
            }
        }
        ControlFlow::Continue(())
    }

    /// What was found, when all of the history was read that matters.
    #[must_use]
    pub fn end(self) -> RefusedUses {
        let (before, last_before) = match self.was_usable {
            true => (None, None),
            false => (self.before, self.last_before),
        };
        RefusedUses {
            count: Some(self.count + before.map_or(0, |(_, count)| count)),
            last: self.last.or(last_before),
            gap: None,
        }
    }

    /// What was found where the key has more events than are read of one: at least those.
    #[must_use]
    pub fn end_early(self) -> RefusedUses {
        RefusedUses::at_least(self.count + self.too_recent, self.last.or(self.last_before))
    }

    /// What was found until reading failed.
    #[must_use]
    pub fn cut(self, gap: Gap) -> RefusedUses {
        RefusedUses::unread(self.last.or(self.last_before), gap)
    }
}

/// Until when a run that begins at `now` counts. Reports have moments to the second, as CloudTrail does.
fn counted_until(now: Timestamp) -> Timestamp {
    let second = Timestamp::from_second(now.as_second()).unwrap_or(now);
    second.saturating_sub(DELIVERY).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
