//! `make soak`: seeded worlds with random faults. `soak [SEEDS [FIRST]]`.

#![expect(clippy::print_stdout, reason = "it prints what it finds")]

use std::{env, process::ExitCode};

use tests::soak::play;

fn main() -> ExitCode {
    let mut numbers = env::args().skip(1).map(|n| n.parse::<u64>().ok());
    let seeds = numbers.next().flatten().unwrap_or(10_000);
    let first = numbers.next().flatten().unwrap_or(0);
    let mut failed = 0;
    for seed in first..first + seeds {
        let broken = play(seed).broken;
        if !broken.is_empty() {
            failed += 1;
            println!("seed {seed}, replay with `make soak SEEDS=1 FIRST={seed}`:");
            broken.iter().for_each(|promise| println!("  {promise}"));
        }
    }
    println!("{} passed, {failed} failed", seeds - failed);
    ExitCode::from(u8::from(failed > 0))
}
