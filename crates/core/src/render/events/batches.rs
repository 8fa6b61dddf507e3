//! Events by the call that puts them on the bus.

use super::{Event, SOURCE};

/// Entries of a call of PutEvents at most
/// (<https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>).
pub const MOST_ENTRIES: usize = 10;
/// Bytes of all entries of a call together at most, counted as EventBridge counts
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html>).
/// Early in 2026 AWS raised this to 1 MB, not in every partition: calls that stay
/// within the old limit are taken everywhere.
const MOST_BYTES: usize = 256 * 1_024;

/// Events in the groups in which they go out, in the same order. A group has one detail type: a
/// policy can name the detail types that may be put, and AWS does not document how it evaluates a
/// call with several
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html>).
/// An event that is too large for any call is alone in its group.
#[derive(Debug, Default)]
pub struct Batching {
    batch: Vec<Event>,
    bytes: usize,
}

impl Batching {
    /// Adds an event. Gives the group before it, if that takes no other.
    pub fn add(&mut self, event: Event) -> Option<Vec<Event>> {
        let bytes = bytes(&event);
        let is_of_type = |first: &Event| first.detail_type == event.detail_type;
        let takes_it = self.batch.first().is_none_or(is_of_type)
            && self.batch.len() < MOST_ENTRIES
            && self.bytes + bytes <= MOST_BYTES;
        let full = match takes_it {
            true => None,
            false => self.rest(),
        };
        self.batch.push(event);
        self.bytes += bytes;
        full
    }

    /// The last group, which is not full; `None` where there is none.
    pub fn rest(&mut self) -> Option<Vec<Event>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.batch)).filter(|batch| !batch.is_empty())
    }
}

/// What EventBridge counts of an entry.
fn bytes(event: &Event) -> usize {
    let resource = event.resource.as_ref().map_or(0, String::len);
    SOURCE.len() + event.detail_type.as_str().len() + resource + event.detail.len()
}

#[cfg(test)]
mod tests {
    use super::{Batching, Event, MOST_BYTES, bytes};
    use crate::render::events::DetailType;

    /// An event that EventBridge counts as so many bytes.
    fn event(counted: usize) -> Event {
        let mut event = Event {
            detail_type: DetailType::UsedAgain,
            resource: Some("arn".to_owned()),
            detail: String::new(),
        };
        event.detail = "x".repeat(counted - bytes(&event));
        event
    }

    fn batches(events: Vec<Event>) -> Vec<Vec<Event>> {
        let mut batching = Batching::default();
        let mut batches: Vec<_> = events
            .into_iter()
            .filter_map(|event| batching.add(event))
            .collect();
        batches.extend(batching.rest());
        batches
    }

    fn sizes(events: Vec<Event>) -> Vec<usize> {
        batches(events).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_batch_has_ten_events_at_most() {
        assert_eq!(sizes(vec![event(100); 25]), [10, 10, 5]);
        assert_eq!(sizes(Vec::new()), Vec::<usize>::new());
    }

    #[test]
    fn a_batch_has_events_of_one_detail_type() {
        let of = |detail_type| Event {
            detail_type,
            ..event(100)
        };
        let mut events = vec![of(DetailType::NewlyFlagged); 3];
        events.extend(vec![of(DetailType::UsedAgain); 12]);
        assert_eq!(sizes(events), [3, 10, 2]);
    }

    #[test]
    fn a_batch_has_no_more_bytes_than_a_call_may_have() {
        let half = MOST_BYTES / 2;
        assert_eq!(sizes(vec![event(half); 4]), [2, 2]);
        assert_eq!(
            sizes(vec![event(half), event(half + 1), event(half)]),
            [1, 1, 1]
        );
        assert_eq!(sizes(vec![event(half + 1), event(half - 1)]), [2]);
    }

    #[test]
    fn an_event_that_no_call_takes_goes_alone_and_is_not_left_out() {
        let events = vec![event(100), event(MOST_BYTES + 1), event(100)];
        let batches = batches(events.clone());
        assert_eq!(batches.concat(), events);
        assert_eq!(batches.len(), 3);
    }
}
