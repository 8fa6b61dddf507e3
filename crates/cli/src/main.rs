//! The binary `keycensus`: arguments -> run -> exit code.

mod arguments;
mod exit;
mod explain;
mod guard;
mod logs;
mod outcome_table;
mod plan;
mod scan;
mod watch;

use std::process::ExitCode;

use exit::Exit;

/// Every request of the SDK allocates hundreds of small things; the system's
/// allocator took a third of the processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let matches = arguments::command().get_matches();
    let exit = match matches.subcommand() {
        Some(("scan", scan)) => scan::run(scan).await,
        Some(("explain", asked)) => explain::run(asked).await,
        Some(("guard", guard)) => guard::run(guard),
        Some(("plan", plan)) => plan::run(plan),
        _ => Exit::Internal,
    };
    exit.into()
}
