//! What must hold of whatever reads text that strangers can write. A function for
//! each reader; it panics where something does not hold.
//!
//! cargo-fuzz looks for such text (`targets/`), and what is in `corpus/` is tried
//! with every test run (`crates/core/tests/fuzz_corpora.rs`).

pub mod credential_report;
pub mod invocation;
pub mod stored_csv;

/// A reader, as it is given a file of its corpus.
pub type Check = fn(&[u8]);

/// Every reader, by the name of its target and its corpus.
pub const CHECKS: [(&str, Check); 3] = [
    ("credential_report", credential_report::check),
    ("invocation", invocation::check),
    ("stored_csv", stored_csv::check),
];
