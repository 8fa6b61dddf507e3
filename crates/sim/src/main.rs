//! The simulator as a program: behind a socket, around a command, or as a maker of worlds.

mod program;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match program::run(program::Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            program::complain(&error.to_string());
            ExitCode::from(2)
        }
    }
}
