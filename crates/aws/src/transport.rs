//! The way to AWS: this machine's configuration, one connection, sessions in accounts, and
//! requests with their pace, retries and errors.

pub mod ambient;
pub mod connection;
pub mod operations;

pub(crate) mod answer;
pub(crate) mod ca_bundle;
pub(crate) mod call_error;
pub(crate) mod calls;
pub(crate) mod circuit_breaker;
pub(crate) mod clock;
pub(crate) mod endpoint;
pub(crate) mod first_call;
pub(crate) mod light_client;
pub(crate) mod lock;
pub(crate) mod network;
pub(crate) mod pages;
pub(crate) mod priority_semaphore;
pub(crate) mod profile;
pub(crate) mod rate_limit;
pub(crate) mod requests;
pub(crate) mod retry;
pub(crate) mod sdk_client;
pub(crate) mod session;
pub(crate) mod sts;
pub(crate) mod timestamps;
