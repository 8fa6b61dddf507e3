//! The binary `keycensus`: arguments -> run -> exit code.

mod arguments;
mod beside;
mod columns;
mod completions;
mod diff;
mod diff_table;
mod doctor;
mod exit;
mod explain;
mod flagged_table;
mod guard;
mod key_words;
mod logs;
mod man;
mod outcome_table;
mod plan;
mod report;
mod scan;
mod signals;
mod stored;
mod terminal;
mod trend_table;
mod watch;

use std::{panic, process::ExitCode};

use exit::Exit;

/// Every request of the SDK allocates hundreds of small things; the system's
/// allocator took a third of the processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    panic::set_hook(Box::new(|fault| terminal::error(fault)));
    let matches = arguments::command().get_matches();
    let exit = match matches.subcommand() {
        Some(("scan", scan)) => scan::run(scan).await,
        Some(("report", report)) => report::run(report).await,
        Some(("diff", diff)) => diff::run(diff).await,
        Some(("doctor", asked)) => doctor::run(asked).await,
        Some(("explain", asked)) => explain::run(asked).await,
        Some(("guard", guard)) => guard::run(guard),
        Some(("plan", plan)) => plan::run(plan).await,
        Some(("completions", completions)) => completions::run(completions),
        Some(("man", man)) => man::run(man),
        _ => Exit::Internal,
    };
    exit.into()
}
