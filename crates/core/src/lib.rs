//! Verdicts about keys, and the files and messages of a report.
//!
//! This crate is pure: no SDK, no clock, no environment, no I/O. Each folder uses those before it,
//! none after:
//!
//! - [`model`]: what was read, in AWS's terms.
//! - [`judge`]: verdicts, recommendations and changes, from a reading, the previous run's
//!   files and `now`.
//! - [`files`]: the CSV files of a report, written and read back.
//! - [`render`]: the report as files, digest, page and events.
//!
//! Beside them stand [`settings`], [`plan`] (the steps for the unused keys of a report) and
//! [`explain`] (one key in full). The only errors here are about what comes from outside: settings
//! that a person wrote, and files that are read back.

pub mod explain;
pub mod files;
pub mod judge;
pub mod model;
pub mod plan;
pub mod render;
pub mod settings;

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod expected;
