//! What a report says of keys: verdicts, recommendations, prices, changes since the previous
//! run, and the report with all of it.

pub mod change;
pub mod changes;
pub mod guard_counts;
pub mod judged_key;
pub mod key_state;
pub mod multi_region;
pub mod price;
pub mod recommendation;
pub mod report;
pub mod summary;
pub mod verdict;

pub(crate) mod detail;
