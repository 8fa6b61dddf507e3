//! How often services are called where a report is published: these rates also decide how
//! much of a run's time is reserved for that.

use keycensus_core::render::{events::MOST_ENTRIES, security_hub::MOST_FINDINGS};

/// Calls a second: half of what EventBridge takes in the Regions where it takes least
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>), which is
/// for all callers in the account.
pub(crate) const PUT_EVENTS_RPS: f64 = 200.0;

/// How many events are put a second.
pub(crate) const EVENTS_A_SECOND: f64 = PUT_EVENTS_RPS * MOST_ENTRIES as f64;

/// Calls of BatchImportFindings a second, of an account in a Region
/// (<https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html>).
pub(crate) const IMPORT_FINDINGS_RPS: f64 = 10.0;

/// How many findings are imported a second.
pub(crate) const FINDINGS_A_SECOND: f64 = IMPORT_FINDINGS_RPS * MOST_FINDINGS as f64;

/// Messages a second. SNS takes at least 300 a second for all of an account's
/// topics, and delivers at most 10 a second to a subscribed address
/// (<https://docs.aws.amazon.com/general/latest/gr/sns.html>).
pub(crate) const MESSAGES_RPS: f64 = 10.0;
