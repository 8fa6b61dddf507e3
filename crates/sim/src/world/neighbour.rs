//! Neighbours: other clients that use part of the same quotas.

use serde::{Deserialize, Serialize};

/// Another client whose calls count against a quota, evenly spaced from the start of the simulation. Without
/// `quotas` there is nothing to share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    /// `service:Operation`, one that has a quota.
    pub operation: String,
    /// Calls a second. One that is throttled is not sent again.
    pub rps: f64,
    /// The account whose quota is shared; absent means that of every account, at this rate each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The Region whose quota is shared; absent means that of every Region, at this rate each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Neighbour {
    /// A neighbour in every account and Region that calls `service:Operation` so often a second.
    pub fn new(operation: impl Into<String>, rps: f64) -> Self {
        Self {
            operation: operation.into(),
            rps,
            account: None,
            region: None,
        }
    }
}
