//! Scenarios: one world each, one invocation of the Lambda handler through the
//! real SDK, and everything that comes out.

#![expect(clippy::unwrap_used, reason = "helpers fail their test by panicking")]

mod access_keys;
mod account_digests;
mod accounts;
mod answers;
mod aws_managed;
mod bad_input;
mod changes;
mod chat;
mod credentials;
mod deadline;
mod delivery;
mod dependents;
mod digests;
mod doctor;
mod due;
mod event_bus;
mod events;
mod faults;
mod gaps;
mod guard;
mod hostile_text;
mod keys;
mod kinds;
mod large_files;
mod lost_digests;
mod multi_region;
mod one_report;
mod passwords;
mod pending_deletion;
mod permissions;
mod promises;
mod refused_uses;
mod regions;
mod report_encryption;
mod resume;
mod secrets;
mod security_hub;
mod seeds;
mod selection;
mod service_credentials;
mod slices;
mod stalls;
mod sts;
mod trend;
mod trust;
