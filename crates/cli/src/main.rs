//! The binary `keycensus`: arguments -> run -> exit code.

mod arguments;
mod completions;
mod exit;
mod explain;
mod guard;
mod logs;
mod man;
mod outcome_table;
mod plan;
mod scan;
mod watch;

use std::{panic, process::ExitCode};

use exit::Exit;
use keycensus_core::plain_text::one_line;

/// Every request of the SDK allocates hundreds of small things; the system's
/// allocator took a third of the processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    panic::set_hook(Box::new(|fault| tell(&fault.to_string())));
    let matches = arguments::command().get_matches();
    let exit = match matches.subcommand() {
        Some(("scan", scan)) => scan::run(scan).await,
        Some(("explain", asked)) => explain::run(asked).await,
        Some(("guard", guard)) => guard::run(guard),
        Some(("plan", plan)) => plan::run(plan),
        Some(("completions", completions)) => completions::run(completions),
        Some(("man", man)) => man::run(man),
        _ => Exit::Internal,
    };
    exit.into()
}

/// Tells an error on standard error, on one line whatever is in it.
#[expect(clippy::print_stderr, reason = "an error is told on standard error")]
fn tell(error: &str) {
    eprintln!("error: {}", one_line(error));
}
