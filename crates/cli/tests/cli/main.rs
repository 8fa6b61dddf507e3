//! The command line as a process: exit codes, standard output and error, and
//! the files it leaves, against the embedded AWS over a socket.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers fail their test by panicking"
)]

mod before_deletion;
mod demo;
mod desk;
mod diff;
mod report;
mod scan;
