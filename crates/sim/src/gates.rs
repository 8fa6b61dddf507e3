//! What a request passes before its service answers: latency, stalls, faults, quotas, permissions and refusals.

pub(crate) mod attempt;
pub(crate) mod faults;
pub(crate) mod latency;
pub(crate) mod permissions;
pub(crate) mod quota;
pub(crate) mod random;
pub(crate) mod refusals;
pub(crate) mod stalls;
