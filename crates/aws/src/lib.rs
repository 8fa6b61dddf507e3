//! The only crate that names `aws_sdk_*`: organization, sessions, KMS, IAM, S3,
//! EventBridge, SNS, and the census that joins them.
//!
//! A census has three stages over plain data: **plan** ([`plan`]: organization
//! to accounts), **read** (accounts to key readings and coverage) and
//! **report** (readings to verdicts, files, events and digest, judged in
//! `keycensus-core`). [`census::run`] is their table of contents. [`explain`] reads
//! one key, as a census does and further.
//!
//! There is deliberately no trait in front of AWS: tests put an HTTP client of
//! their own below the real SDK. And there is deliberately no call in this
//! crate that changes a key: [`operations`] lets none through.

pub mod ambient;
pub mod aws;
pub mod census;
pub mod connection;
pub mod error;
pub mod explain;
mod object_encryption;
pub mod operations;
pub mod progress;
pub mod run;
pub mod stored;

mod account;
mod account_digests;
mod account_management;
mod answer;
mod bucket;
mod ca_bundle;
mod call_error;
mod calls;
mod cell;
mod clock;
mod cloudtrail;
mod credential_report;
mod dependents;
mod destination;
mod digest;
mod ec2;
mod endpoint;
mod events;
mod first_call;
mod folder;
mod iam;
mod iam_answers;
mod iam_cell;
mod iam_context;
mod iam_coverage;
mod iam_user;
mod in_flight;
mod kms;
mod kms_answers;
mod kms_key;
mod last_report;
mod lease_record;
mod listing;
mod marker;
mod named_regions;
mod network;
mod nothing_read;
mod occurrence;
mod organization;
mod pace;
mod pages;
mod places;
mod places_of_report;
mod plan;
mod profile;
mod publishing;
mod regions;
mod report_lease;
mod reporting;
mod requests;
mod reserve;
mod retry;
mod scan;
mod scan_context;
mod sdk_client;
mod selection;
mod session;
mod shared_object;
mod stop;
mod sts;
mod tags;
mod tasks;
mod timestamps;
mod turns;
mod unanswered;
mod upload;
mod usage;
