//! What a census reads: accounts, Regions, keys, gaps and coverage, in AWS's terms; and the names
//! of a report's files.

pub mod access_key;
pub mod account;
pub mod account_reading;
pub mod before_deletion;
pub mod cause;
pub mod coverage;
pub mod credential_report;
pub mod dependents;
pub mod gap;
pub(crate) mod hex;
pub mod key_policy;
pub mod kind;
pub mod layout;
pub mod manifest;
pub mod organization_reading;
pub mod partial_reading;
pub mod password;
pub mod plain_text;
pub mod previous_runs;
pub mod reading;
pub mod refused_uses;
pub mod region;
pub mod secret;
pub mod service_credential;
pub mod time;

pub(crate) mod words;
