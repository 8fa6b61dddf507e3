//! The KMS keys of an account in one Region.

pub(crate) mod cell;
pub(crate) mod dependents;
pub(crate) mod key;
pub(crate) mod listing;
pub(crate) mod managed_by_aws;
pub(crate) mod reader;
pub(crate) mod refused_uses;
pub(crate) mod tally;
