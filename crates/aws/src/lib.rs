//! The only crate that names `aws_sdk_*`: organization, sessions, KMS, IAM, S3,
//! EventBridge, SNS, and the census that joins them.
//!
//! A census has three stages over plain data: **plan** (organization
//! to accounts), **read** (accounts to key readings and coverage) and
//! **report** (readings to verdicts, files, events and digest, judged in
//! `keycensus-core`). [`census::run`] is their table of contents. [`explain`] reads
//! one key, as a census does and further, and [`doctor`] checks what a census needs.
//!
//! There is deliberately no trait in front of AWS: tests put an HTTP client of
//! their own below the real SDK. And there is deliberately no call in this
//! crate that changes a key: [`transport::operations`] lets none through.

pub mod census;
pub mod deadline;
pub mod doctor;
pub mod error;
pub mod explain;
mod lease;
mod parts;
mod plan;
mod preflight;
pub mod progress;
mod read;
mod report;
pub mod run;
pub mod services;
mod slices;
pub mod store;
pub mod transport;

/// The target of those events of the log that a person at a terminal sees without asking for the log.
pub const NOTICE: &str = "keycensus_notice";
