//! The first of many, by an order.

use std::collections::BTreeMap;

/// Those of all items that come first by an order, as many as are kept. Of items of the same place
/// those that were offered first come first, as a stable sort of all would have them.
#[derive(Debug, Clone)]
pub struct Top<Order, T> {
    limit: usize,
    all: u64,
    kept: BTreeMap<(Order, u64), T>,
}

impl<Order: Ord, T> Top<Order, T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            all: 0,
            kept: BTreeMap::new(),
        }
    }

    /// Counts an item, and keeps it unless as many as are kept come before it.
    pub(crate) fn offer(&mut self, order: Order, item: impl FnOnce() -> T) {
        let place = (order, self.all);
        self.all += 1;
        if self.kept.len() >= self.limit {
            match self.kept.last_entry() {
                Some(last) if place < *last.key() => drop(last.remove()),
                _ => return,
            }
        }
        self.kept.insert(place, item());
    }

    /// How many there are, those that are not kept included.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.all
    }

    /// Those that are kept, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.values()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::Top;

    proptest! {
        #[test]
        fn the_first_are_those_of_a_stable_sort(items in vec((0_u8..4, any::<u8>()), 0..40), limit in 0_usize..12) {
            let mut top = Top::new(limit);
            for item in &items {
                top.offer(item.0, || *item);
            }
            let mut sorted = items.clone();
            sorted.sort_by_key(|(order, _)| *order);
            sorted.truncate(limit);
            prop_assert_eq!(top.iter().copied().collect::<Vec<_>>(), sorted);
            prop_assert_eq!(top.all(), items.len() as u64);
        }
    }
}
