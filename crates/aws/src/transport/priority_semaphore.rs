//! A semaphore that grants its permits by priority.
//!
//! Thousands of cells share some hundred requests in flight. In the order of arrival, the
//! reads of the longest cell, which decides when the run ends, would wait behind the
//! listings of all others. How many permits there are follows the processor, too.

pub(crate) mod capacity;

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, Weak},
};

use tokio::sync::oneshot;

use self::capacity::Capacity;
use crate::transport::lock::lock;

/// How urgent a request is; greater is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Urgency(u32);

impl Urgency {
    /// Before everything else: what shows how much there is to do, so that the
    /// longest work begins early.
    pub(crate) const FIRST: Self = Self(u32::MAX);

    /// The more there is left to do in a cell, the sooner.
    pub(crate) fn of_keys_left(keys: u32) -> Self {
        Self(keys)
    }
}

/// A number of permits, granted to the most urgent waiter first.
#[derive(Debug, Clone)]
pub(crate) struct PrioritySemaphore(Arc<Mutex<Permits>>);

#[derive(Debug)]
struct Permits {
    /// How many there are while no task waits for the processor.
    most: usize,
    capacity: Arc<Capacity>,
    granted: usize,
    /// Counts waiters, so that those of equal urgency are served in the order of arrival.
    arrival: u64,
    waiting: BTreeMap<(Reverse<Urgency>, u64), oneshot::Sender<Permit>>,
}

/// A semaphore that may be gone.
#[derive(Debug)]
pub(crate) struct WeakSemaphore(Weak<Mutex<Permits>>);

impl WeakSemaphore {
    /// Grants what there is capacity for now; says whether the semaphore is still there.
    pub(crate) fn grant(&self) -> bool {
        let semaphore = self.0.upgrade().map(PrioritySemaphore);
        semaphore.as_ref().map(PrioritySemaphore::grant).is_some()
    }
}

/// One permit, released when dropped.
#[derive(Debug)]
pub(crate) struct Permit(PrioritySemaphore);

impl PrioritySemaphore {
    /// A semaphore of at most so many permits: of those, as many as there is capacity for.
    pub(crate) fn new(most: usize, capacity: &Arc<Capacity>) -> Self {
        let permits = Arc::new(Mutex::new(Permits {
            most,
            capacity: Arc::clone(capacity),
            granted: 0,
            arrival: 0,
            waiting: BTreeMap::new(),
        }));
        capacity.share_with(WeakSemaphore(Arc::downgrade(&permits)));
        Self(permits)
    }

    /// Waits for a permit. Cancel-safe: a waiter that is dropped takes none.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        let given = {
            let mut permits = self.lock();
            if permits.is_free() {
                permits.granted += 1;
                return Permit(self.clone());
            }
            let (give, given) = oneshot::channel();
            permits.arrival += 1;
            let arrival = permits.arrival;
            permits.waiting.insert((Reverse(urgency), arrival), give);
            given
        };
        match given.await {
            Ok(permit) => permit,
            // The sender of a waiter is kept until it is used.
            Err(_) => Permit(self.clone()),
        }
    }

    /// Grants what is free to the most urgent waiters that are still there.
    fn grant(&self) {
        while let Some(waiter) = self.next_waiter() {
            // A waiter that is dropped at this moment drops the permit, which releases it.
            let _ = waiter.send(Permit(self.clone()));
        }
    }

    /// The most urgent waiter, for whom there is a permit now.
    fn next_waiter(&self) -> Option<oneshot::Sender<Permit>> {
        let mut permits = self.lock();
        while permits.is_free() {
            let (_, waiter) = permits.waiting.pop_first()?;
            if !waiter.is_closed() {
                permits.granted += 1;
                return Some(waiter);
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Permits> {
        lock(&self.0)
    }
}

impl Permits {
    fn is_free(&self) -> bool {
        self.granted < self.capacity.share(self.most)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.lock().granted -= 1;
        self.0.grant();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{PrioritySemaphore, Urgency};

    fn keys_left(keys: u32) -> Urgency {
        Urgency::of_keys_left(keys)
    }

    #[tokio::test]
    async fn the_most_urgent_is_served_first_and_equals_in_turn() {
        let in_flight = PrioritySemaphore::new(1, &Arc::default());
        let held = in_flight.permit(keys_left(1)).await;
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (name, urgency) in [
            ("few", keys_left(2)),
            ("many", keys_left(40)),
            ("as many", keys_left(40)),
            ("listing", Urgency::FIRST),
        ] {
            let (in_flight, served) = (in_flight.clone(), Arc::clone(&served));
            waiting.push(tokio::spawn(async move {
                let _permit = in_flight.permit(urgency).await;
                served.lock().unwrap().push(name);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for task in waiting {
            task.await.unwrap();
        }
        let served = served.lock().unwrap();
        assert_eq!(*served, ["listing", "many", "as many", "few"]);
    }

    #[tokio::test]
    async fn who_goes_away_takes_no_place_with_it() {
        let in_flight = PrioritySemaphore::new(1, &Arc::default());
        let held = in_flight.permit(keys_left(1)).await;
        let (first, second) = (in_flight.clone(), in_flight.clone());
        let gone = tokio::spawn(async move { drop(first.permit(Urgency::FIRST).await) });
        let served = tokio::spawn(async move { drop(second.permit(keys_left(1)).await) });
        tokio::task::yield_now().await;
        gone.abort();
        let _ = gone.await;
        drop(held);
        served.await.unwrap();
        assert!(in_flight.lock().is_free());
    }
}
