//! The wire protocols, through raw HTTP requests: what a client of any language sends and gets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, whichever function notices"
)]

mod account;
mod connection;
mod credential_report;
mod credentials;
mod doors;
mod events;
mod faults;
mod iam;
mod kms;
mod network;
mod organizations;
mod paging;
mod policies;
mod quotas;
mod request;
mod rotations;
mod s3;
mod sns;
mod sts;
mod unknown;
