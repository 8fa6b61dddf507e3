//! The wire protocols, through raw HTTP requests: what a client of any language sends and gets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, whichever function notices"
)]

mod account;
mod changes;
mod cloudtrail;
mod connection;
mod contents;
mod credential_report;
mod credentials;
mod doors;
mod ec2;
mod events;
mod faults;
mod grants;
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
