//! The binary `keycensus`: arguments -> run -> exit code.

mod arguments;
mod columns;
mod diff;
mod diff_table;
mod exit;
mod flagged_table;
mod key_told;
mod outcome_table;
mod report;
mod scan;
mod stored;
mod terminal;
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
        Some(("report", report)) => report::run(report).await,
        Some(("diff", diff)) => diff::run(diff).await,
        _ => Exit::Internal,
    };
    exit.into()
}
