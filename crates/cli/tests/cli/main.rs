//! The command line as a process: exit codes, standard output and error, and
//! the files it leaves, against the embedded AWS over a socket where it asks AWS.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers fail their test by panicking"
)]

mod before_deletion;
mod command_output;
mod demo;
mod demo_world;
mod desk;
mod diff;
mod doctor;
mod explain;
mod first_call;
mod folder;
mod gateway;
mod guard;
mod interrupt;
mod key_states;
mod network;
mod night;
mod plan;
mod report;
mod scan;
