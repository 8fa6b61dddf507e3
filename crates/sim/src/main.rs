//! The simulator as a program: serves a world, runs a command against one, or generates one.

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
