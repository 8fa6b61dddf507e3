//! Events on event buses.

use serde::Serialize;

/// An event that was put on a bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Name of the bus.
    pub bus: String,
    /// The account that owns the bus.
    pub account: String,
    /// The Region of the bus.
    pub region: String,
    /// `Source`, such as `keycensus`.
    pub source: String,
    /// `DetailType`.
    pub detail_type: String,
    /// `Detail`: the JSON object as it was sent.
    pub detail: String,
    /// `Resources`: ARNs in the order in which they were sent.
    pub resources: Vec<String>,
    /// `EventId` of the answer.
    pub event_id: String,
}
