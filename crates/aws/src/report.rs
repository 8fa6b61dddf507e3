//! The third stage of a census: from readings to files, events and messages.

pub(crate) mod account_digests;
pub(crate) mod delivery;
pub(crate) mod events;
mod failures;
pub(crate) mod kept_readings;
pub(crate) mod last_report;
pub(crate) mod last_trend;
pub(crate) mod previous_run;
pub(crate) mod publishing;
pub(crate) mod readings;
pub(crate) mod security_hub;
pub(crate) mod topic;
pub(crate) mod writing;
