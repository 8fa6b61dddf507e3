//! One report for an event, and one report at a time: how runs agree, by objects in the bucket
//! that are written on conditions.

pub(crate) mod event_lease;
pub(crate) mod event_record;
pub(crate) mod report_lease;
pub(crate) mod report_record;
pub(crate) mod shared_object;
