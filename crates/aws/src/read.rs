//! The second stage of a census: from accounts to the readings of keys, and their coverage.

pub(crate) mod access_keys;
pub(crate) mod account;
pub(crate) mod cell_reading;
pub(crate) mod context;
pub(crate) mod coverage_of_listing;
pub(crate) mod kms_keys;
pub(crate) mod last_night;
pub(crate) mod named_regions;
pub(crate) mod nothing_read;
pub(crate) mod regions;
pub(crate) mod rotation;
pub(crate) mod scan;
pub(crate) mod secrets;
pub(crate) mod tags;
pub(crate) mod unfinished;
