//! What a client of any language sends and gets, where boto3 could not tell: raw answers, time that is paused, policies, and
//! faults of the connection. All else is asked by `tests/python/test_simulator_*.py`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, whichever function notices"
)]

mod call;
mod connection;
mod contents;
mod credential_report;
mod credentials;
mod doors;
mod event_history;
mod faults;
mod forms;
mod multipart;
mod network;
mod paging;
mod policies;
mod quotas;
mod request;
mod s3;
mod unknown;
