//! `make soak`: seeded worlds with random faults. `soak [SEEDS [FIRST]]`.

#![expect(clippy::print_stdout, reason = "it prints what it finds")]

use std::{env, process::ExitCode};

use tests::soak::broken_promises;

fn main() -> ExitCode {
    let mut numbers = env::args().skip(1).map(|n| n.parse::<u64>().ok());
    let seeds = numbers.next().flatten().unwrap_or(10_000);
    let first = numbers.next().flatten().unwrap_or(0);
    let mut failed = 0;
    for seed in first..first + seeds {
        let broken = in_virtual_time(seed);
        if !broken.is_empty() {
            failed += 1;
            println!("seed {seed}, replay with `make soak SEEDS=1 FIRST={seed}`:");
            broken.iter().for_each(|promise| println!("  {promise}"));
        }
    }
    println!("{} passed, {failed} failed", seeds - failed);
    ExitCode::from(u8::from(failed > 0))
}

fn in_virtual_time(seed: u64) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(broken_promises(seed)),
        Err(error) => vec![error.to_string()],
    }
}
