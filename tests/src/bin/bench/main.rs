//! `make bench`: how close the census comes to the bound that AWS's quotas set.
//!
//! Each world is run in the simulator's virtual time, under both models of AWS's
//! quotas, and once over a real socket by the command line as it is released, where
//! processor time, memory and wall time are measured. Then nights on which only what is
//! due is read, runs of many invocations, and one that is killed. Prints tables and writes `target/bench.json`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the real clock and prints its table"
)]

mod due;
mod killed;
mod slices;
mod socket;
mod start_up;
mod virtual_time;
mod worlds;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use keycensus_sim::{World, world::QuotaModel};
use serde_json::json;
use socket::over_a_socket;
use virtual_time::in_virtual_time;
use worlds::{Bench, benches, bound, is_read};

fn main() {
    let only: Vec<String> = env::args().skip(1).collect();
    let is_asked = |name: &str| only.is_empty() || only.iter().any(|asked| asked == name);
    let mut results = Vec::new();
    println!(
        "| world | customer keys | model | makespan s | bound s | ratio | calls per key | throttled | CPU s / 1000 keys | peak MiB | wall s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for bench in benches() {
        if is_asked(bench.name) {
            results.push(measure(bench));
        }
    }
    // It takes long, and is made only where it is asked for by name.
    if only.iter().any(|asked| asked == "XL") {
        results.push(measure_memory("XL", &worlds::of_a_million_keys()));
    }
    results.extend(slices::measure(is_asked));
    results.extend(due::measure(is_asked));
    if is_asked("killed-and-resumed") {
        match killed::measure() {
            Some(result) => results.push(result),
            None => println!("\na scan that was killed was not measured"),
        }
    }
    if is_asked("start-up") {
        match start_up::measure() {
            Some((took, mib)) => println!(
                "\nstart of the function's process to its first request: {:.1} ms; its binary: {mib:.1} MiB",
                took.as_secs_f64() * 1_000.0
            ),
            None => println!("\nthe function did not start"),
        }
    }
    let target = target();
    fs::create_dir_all(&target).unwrap_or_default();
    let json = serde_json::to_vec_pretty(&results).unwrap_or_default();
    match fs::write(target.join("bench.json"), json) {
        Ok(()) => println!("\nwritten: {}", target.join("bench.json").display()),
        Err(error) => println!("\nnot written: {error}"),
    }
}

fn measure(bench: Bench) -> serde_json::Value {
    let Bench {
        name,
        world,
        rate_left,
    } = bench;
    let keys = world.keys().filter(|(_, key)| is_read(key)).count() as f64;
    let all_keys = keys + world.access_keys().count() as f64;
    let bound_s = bound(&world, rate_left);
    let real = over_a_socket(&world);
    let cpu = real.cpu_s / all_keys * 1_000.0;
    let runs = [
        (QuotaModel::TokenBucket, "token bucket"),
        (QuotaModel::FixedWindow, "one-second windows"),
    ]
    .map(|(model, name_of_model)| {
        let run = in_virtual_time(&world, model);
        println!(
            "| {name} | {keys} | {name_of_model} | {:.1} | {bound_s:.1} | {:.3} | {:.3} | {:.2} % | {cpu:.2} | {:.0} | {:.1} |",
            run.makespan_s,
            run.makespan_s / bound_s,
            run.calls_per_key,
            100.0 * run.throttled_share,
            real.peak_mib,
            real.wall_s,
        );
        run
    });
    // The slower of the two.
    let [first, second] = runs;
    let run = if second.makespan_s > first.makespan_s {
        second
    } else {
        first
    };
    json!({
        "world": name,
        "makespan_s": run.makespan_s,
        "bound_s": bound_s,
        "ratio": run.makespan_s / bound_s,
        "calls_per_key": run.calls_per_key,
        "throttled_share": run.throttled_share,
        "cpu_s_per_1000_keys": cpu,
        "peak_mib": real.peak_mib,
        "wall_s": real.wall_s,
    })
}

/// Runs a world over a socket only.
fn measure_memory(name: &str, world: &World) -> serde_json::Value {
    let keys = world.keys().filter(|(_, key)| is_read(key)).count();
    let all_keys = keys + world.access_keys().count();
    let real = over_a_socket(world);
    let cpu = real.cpu_s / all_keys as f64 * 1_000.0;
    println!(
        "| {name} | {keys} | | | | | | | {cpu:.2} | {:.0} | {:.1} |",
        real.peak_mib, real.wall_s
    );
    json!({
        "world": name,
        "cpu_s_per_1000_keys": cpu,
        "peak_mib": real.peak_mib,
        "wall_s": real.wall_s,
    })
}

/// A program as it is released, which `make bench` builds beside this one.
pub(crate) fn released(program: &str) -> Option<PathBuf> {
    let profiles = env::current_exe().ok()?.parent()?.parent()?.to_owned();
    Some(profiles.join("release").join(program))
}

/// Where results go.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}
