//! Arguments and the commands `serve`, `generate` and `run`.

mod run_command;
mod world_source;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use keycensus_sim::{Simulator, World};
use tokio::net::TcpListener;

use self::world_source::WorldSource;

/// A simulated AWS organization that answers the AWS SDKs.
#[derive(Debug, Parser)]
#[command(name = "keycensus-sim", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a world on a port of this machine until interrupted.
    Serve {
        #[command(flatten)]
        source: WorldSource,
        /// Port to listen on; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        #[command(flatten)]
        changes: Changes,
    },
    /// Print a generated world as TOML.
    Generate {
        #[command(flatten)]
        source: WorldSource,
    },
    /// Run a command whose AWS calls a world answers, and exit with its exit code.
    Run {
        #[command(flatten)]
        source: WorldSource,
        #[command(flatten)]
        changes: Changes,
        /// Print every message that was published to a topic, after the command has ended.
        #[arg(long)]
        messages: bool,
        /// The command and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

/// Whether callers may change keys.
#[derive(Debug, Args)]
struct Changes {
    /// Answer DisableKey, ScheduleKeyDeletion, UpdateAccessKey, DeleteAccessKey, DeleteSecret, DeleteServiceSpecificCredential and what undoes them, too.
    #[arg(long)]
    allow_changes: bool,
}

impl Changes {
    fn simulator(&self, world: World) -> Simulator {
        match self.allow_changes {
            true => Simulator::allowing_changes(world),
            false => Simulator::new(world),
        }
    }
}

/// Why the program failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// The world file cannot be read.
    #[error("failed to read {path}: {source}")]
    Read {
        /// Its path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The world file is invalid.
    #[error("{path}: {message}")]
    World {
        /// Its path.
        path: String,
        /// Its error.
        message: String,
    },
    /// The command cannot be started.
    #[error("failed to run `{command}`: {source}")]
    Start {
        /// The command.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// Something else went wrong with a socket or the output.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Runs the command of the arguments.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, ProgramError> {
    match arguments.command {
        Command::Serve {
            source,
            port,
            changes,
        } => {
            let simulator = changes.simulator(source.world()?);
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            say(&format!("listening on http://{}\n", listener.local_addr()?))?;
            simulator.serve(listener).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Generate { source } => {
            say(&source.world()?.to_toml())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Run {
            source,
            changes,
            messages,
            command,
        } => {
            let simulator = changes.simulator(source.world()?);
            run_command::run(simulator, &command, messages).await
        }
    }
}

/// Writes to standard output at once, even into a pipe.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a line to standard error.
pub(crate) fn complain(text: &str) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(io::stderr().lock(), "keycensus-sim: {text}");
}
