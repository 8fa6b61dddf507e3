//! A semaphore that grants its permits by priority.
//!
//! Thousands of cells share some hundred requests in flight. In the order of arrival, the
//! reads of the longest cell, which decides when the run ends, would wait behind the
//! listings of all others.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::oneshot;

use crate::transport::lock::lock;

/// How many requests may be in flight at once. Lambda has 1,024 file
/// descriptors; idle connections take some of the rest. With 192, the
/// 8,500 cells of 500 accounts take 1.5 times as long.
pub(crate) const REQUESTS_IN_FLIGHT: usize = 448;

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
    free: usize,
    /// Counts waiters, so that those of equal urgency are served in the order of arrival.
    arrival: u64,
    waiting: BTreeMap<(Reverse<Urgency>, u64), oneshot::Sender<Permit>>,
}

/// One permit, released when dropped.
#[derive(Debug)]
pub(crate) struct Permit(PrioritySemaphore);

impl PrioritySemaphore {
    pub(crate) fn new(permits: usize) -> Self {
        Self(Arc::new(Mutex::new(Permits {
            free: permits,
            arrival: 0,
            waiting: BTreeMap::new(),
        })))
    }

    /// Waits for a permit. Cancel-safe: a waiter that is dropped takes none.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        let given = {
            let mut permits = self.lock();
            if permits.free > 0 {
                permits.free -= 1;
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

    /// Grants a permit that was released to the most urgent waiter that is still there.
    fn give(&self) {
        let next = {
            let mut permits = self.lock();
            loop {
                match permits.waiting.pop_first() {
                    Some((_, gone)) if gone.is_closed() => {}
                    Some((_, waiting)) => break waiting,
                    None => {
                        permits.free += 1;
                        return;
                    }
                }
            }
        };
        // A waiter that is dropped at this moment drops the permit, which releases it.
        let _ = next.send(Permit(self.clone()));
    }

    fn lock(&self) -> MutexGuard<'_, Permits> {
        lock(&self.0)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.give();
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
        let in_flight = PrioritySemaphore::new(1);
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
        let in_flight = PrioritySemaphore::new(1);
        let held = in_flight.permit(keys_left(1)).await;
        let (first, second) = (in_flight.clone(), in_flight.clone());
        let gone = tokio::spawn(async move { drop(first.permit(Urgency::FIRST).await) });
        let served = tokio::spawn(async move { drop(second.permit(keys_left(1)).await) });
        tokio::task::yield_now().await;
        gone.abort();
        let _ = gone.await;
        drop(held);
        served.await.unwrap();
        assert_eq!(in_flight.lock().free, 1);
    }
}
