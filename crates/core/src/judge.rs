//! Verdicts, recommendations, prices, changes since the previous run, and the report with all of
//! them.

pub mod changes;
pub mod comparison;
pub mod due;
pub mod findings;
pub mod flagged;
pub mod guard_counts;
pub mod history;
pub mod judged_account;
pub mod judged_key;
pub mod judging;
pub mod key_state;
pub mod known_keys;
pub mod last_run;
pub mod multi_region;
pub mod price;
pub mod recommendation;
pub mod refused_uses;
pub mod remedy;
pub mod report;
pub mod secret;
mod service_credential;
pub mod summary;
pub mod trend;
pub mod verdict;
pub mod whole_report;

pub(crate) mod detail;
pub(crate) mod recommend;
