//! Looking in CloudTrail's event history for refused uses of those keys of a cell that are disabled or
//! pending deletion.
//!
//! It goes on beside the reading of keys, at the rate of LookupEvents, and its requests leave after those
//! that read. Of the keys that are described, those come first that the last run had no time for, and then
//! those that KMS deletes first.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use keycensus_core::{
    explain::refused_uses::{Counting, LastFound},
    judge::refused_uses::{Priority, are_looked_for},
    model::{cause::Cause, gap::Gap, reading::KeyReading, refused_uses::RefusedUses},
};

use crate::{
    deadline::unanswered::answer_or_log,
    read::{kms_keys::key::KeyContext, last_night::LastNight},
    services::cloudtrail::{CloudTrail, LARGEST_PAGE, LookupBy, TimeRange},
    transport::call_error::CallError,
};

/// How many keys are asked about at once: enough to keep the rate of LookupEvents where answers take two
/// seconds.
const KEYS_AT_ONCE: usize = 4;
/// How many pages of a key's events are read at most: more than a census's own requests of 90 nights fill.
const PAGES: usize = 40;

/// Whether refused uses of a key that was read are to be looked for.
pub(crate) fn are_wanted(context: KeyContext<'_>, key: &KeyReading) -> bool {
    context.settings.reads_refused_uses() && are_looked_for(key)
}

/// A key whose refused uses are looked for.
#[derive(Debug)]
struct Wanted {
    key_id: String,
    arn: String,
    /// What the last report has of it.
    last: Option<LastFound>,
}

/// A search for refused uses of keys of a cell.
pub(crate) struct Search<'a> {
    context: KeyContext<'a>,
    trail: Arc<CloudTrail<'a>>,
    last_night: &'a LastNight,
    /// Keys that wait for the last report.
    prioritizing: FuturesUnordered<BoxFuture<'a, (Priority, Wanted)>>,
    /// Keys that are not asked about yet.
    queue: BTreeMap<Priority, Wanted>,
    asking: FuturesUnordered<BoxFuture<'a, (String, RefusedUses)>>,
    /// Why AWS refuses to look events up: no further request is spent on it.
    refusal: Option<Gap>,
}

impl<'a> Search<'a> {
    /// A search without a key.
    pub(crate) fn new(
        context: KeyContext<'a>,
        trail: CloudTrail<'a>,
        last_night: &'a LastNight,
    ) -> Self {
        Self {
            context,
            trail: Arc::new(trail),
            last_night,
            prioritizing: FuturesUnordered::new(),
            queue: BTreeMap::new(),
            asking: FuturesUnordered::new(),
            refusal: None,
        }
    }

    /// Asks for one more key.
    pub(crate) fn ask(&mut self, key: &KeyReading) {
        let (key, last_night, deadline) = (key.clone(), self.last_night, self.context.deadline);
        self.prioritizing.push(Box::pin(async move {
            let last = last_night.refused_uses(&key, deadline).await;
            let priority = Priority::new(&key, last.as_ref().map(|last| &last.found));
            let KeyReading { key_id, arn, .. } = key;
            (priority, Wanted { key_id, arn, last })
        }));
    }

    /// The next key whose refused uses are known, by its ID; `None` where none is asked for. Cancel-safe:
    /// what was found stays until it is given.
    pub(crate) async fn next(&mut self) -> Option<(String, RefusedUses)> {
        loop {
            while self.asking.len() < KEYS_AT_ONCE
                && let Some((_, wanted)) = self.queue.pop_first()
            {
                if let Some(gap) = &self.refusal {
                    let counting = Counting::begin(self.context.now, wanted.last);
                    return Some((wanted.key_id, counting.cut(gap.clone())));
                }
                let trail = Arc::clone(&self.trail);
                self.asking
                    .push(Box::pin(look(self.context, trail, wanted)));
            }
            tokio::select! {
                // In this order, so that a seed of `make soak` replays its run.
                biased;
                Some((priority, wanted)) = self.prioritizing.next() => {
                    self.queue.insert(priority, wanted);
                }
                Some((key_id, found)) = self.asking.next() => {
                    let gap = found.gap.as_ref();
                    let refusal = gap.filter(|gap| matches!(gap.cause(), Cause::Refused(_)));
                    self.refusal = self.refusal.take().or(refusal.cloned());
                    return Some((key_id, found));
                }
                else => return None,
            }
        }
    }
}

/// Looks for refused uses of a key, as long as there is time.
async fn look(
    context: KeyContext<'_>,
    trail: Arc<CloudTrail<'_>>,
    wanted: Wanted,
) -> (String, RefusedUses) {
    let Wanted { key_id, arn, last } = wanted;
    let mut counting = Counting::begin(context.now, last);
    let read = read(context, &trail, &arn, &mut counting);
    let read = context.deadline.or(read).await;
    let found = match answer_or_log(read, "not all refused uses of a key are known") {
        Ok(Pages::Read) => counting.end(),
        Ok(Pages::Left) => counting.end_early(),
        Err(unanswered) => counting.cut(unanswered.gap()),
    };
    (key_id, found)
}

/// How the reading of a key's events ended.
enum Pages {
    /// All that matter were read.
    Read,
    /// There are more than are read of one key.
    Left,
}

/// Counts the key's events, latest first, as far as they matter.
async fn read(
    context: KeyContext<'_>,
    trail: &CloudTrail<'_>,
    arn: &str,
    counting: &mut Counting,
) -> Result<Pages, CallError> {
    let by = LookupBy::ResourceName(arn);
    let range = TimeRange {
        since: counting.since(),
        until: Some(context.now),
    };
    let mut pages = trail.pages();
    for _ in 0..PAGES {
        let page = trail.page(by, range, LARGEST_PAGE, &pages).await?;
        let mut events = page.items.iter();
        if events.any(|event| counting.take(event).is_break()) || !pages.go_on(page.next)? {
            return Ok(Pages::Read);
        }
    }
    Ok(Pages::Left)
}
