//! The access keys of an account.

pub(crate) mod cell;
pub(crate) mod context;
pub(crate) mod coverage;
pub(crate) mod credential_report;
pub(crate) mod passwords;
pub(crate) mod service_credentials;
pub(crate) mod user;
pub(crate) mod user_tags;
