//! What was called: calls, their counts, and exchanges as they went over the wire.

pub(crate) mod calls;
pub(crate) mod exchanges;
