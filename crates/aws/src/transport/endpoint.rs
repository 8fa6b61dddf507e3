//! A service in one Region, for all accounts.

use std::sync::Arc;

use crate::transport::{
    circuit_breaker::CircuitBreaker,
    priority_semaphore::{Permit, PrioritySemaphore, Urgency, capacity::Capacity},
};

/// How many of the requests in flight may be to one Region, so that one that does not
/// answer leaves some to the others.
const IN_FLIGHT: usize = 224;

/// A service in one Region.
#[derive(Debug)]
pub(crate) struct Endpoint {
    in_flight: PrioritySemaphore,
    pub(crate) circuit: CircuitBreaker,
}

impl Endpoint {
    pub(crate) fn new(capacity: &Arc<Capacity>) -> Self {
        Self {
            in_flight: PrioritySemaphore::new(IN_FLIGHT, capacity),
            circuit: CircuitBreaker::default(),
        }
    }

    /// Waits until one more request may be in flight to it.
    pub(crate) async fn permit(&self, urgency: Urgency) -> Permit {
        self.in_flight.permit(urgency).await
    }
}
