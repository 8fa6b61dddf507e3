//! What is stale and how it is told: verdicts, CSV, digest, events, HTML.
//!
//! This crate does not interact with the outside world and thus cannot fail at
//! run time: no SDK, no clock, no environment, no I/O. It takes plain data
//! ([`reading`]), what the last run wrote ([`last_run`]) and `now`, and gives back
//! verdicts ([`verdict`]), what changed ([`changes`]), files
//! ([`report`]), a digest ([`digest`]) and events ([`events`]). The only errors here are
//! about what comes from outside: [`settings`] that a person wrote, and files that are
//! read back ([`stored_report`]).

pub mod access_key;
pub mod account;
pub mod aws_arn;
pub mod before_deletion;
pub mod cause;
pub mod change;
pub mod changes;
pub mod coverage;
pub mod coverage_csv;
pub mod credential_report;
pub mod csv_table;
pub mod csv_text;
pub mod dependents;
pub mod digest;
pub mod event_bus;
pub mod events;
pub mod explain;
pub mod gap;
pub mod guard_counts;
pub mod html;
pub mod key_policy;
pub mod key_row;
pub mod key_state;
pub mod last_run;
pub mod layout;
pub mod manifest;
pub mod multi_region;
pub mod organization_reading;
pub mod plain_text;
pub mod plan;
pub mod previous_runs;
pub mod price;
pub mod reading;
pub mod recommendation;
pub mod region;
pub mod report;
pub mod report_encryption;
pub mod report_place;
pub mod settings;
pub mod stored_report;
pub mod summary;
pub mod time;
pub mod verdict;

mod detail;
mod report_files;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod examples;
