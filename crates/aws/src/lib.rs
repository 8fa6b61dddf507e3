//! The only crate that names `aws_sdk_*`: organization, sessions, KMS, S3, SNS,
//! and the census that joins them.
//!
//! A census has three stages over plain data: **plan** ([`plan`]: organization
//! to accounts), **read** (accounts to key readings and coverage) and
//! **report** (readings to verdicts, files and digest, judged in
//! `keycensus-core`). [`census::run`] is their table of contents.
//!
//! There is deliberately no trait in front of AWS: tests put an HTTP client of
//! their own below the real SDK. And there is deliberately no call in this
//! crate that changes a key.

pub mod census;
pub mod connection;
pub mod error;
pub mod progress;
pub mod stored;

mod account;
mod account_digests;
mod bucket;
mod call_error;
mod calls;
mod cell;
mod clock;
mod credential_report;
mod destination;
mod digest;
mod endpoint;
mod folder;
mod iam;
mod iam_cell;
mod iam_coverage;
mod iam_user;
mod in_flight;
mod kms;
mod kms_key;
mod last_report;
mod marker;
mod occurrence;
mod organization;
mod pace;
mod places;
mod plan;
mod regions;
mod requests;
mod retry;
mod scan;
mod session;
mod stop;
mod tasks;
mod turns;
mod usage;
mod whole_xml;
