//! A run in slices of 15 minutes, as the state machine of a long census invokes them, in virtual time.

use std::fs;

use keycensus_sim::{World, world::QuotaModel};
use serde_json::{Value, json};
use tests::{Scenario, scheduled_event};

use crate::worlds::{RATE, bound, is_read, large, one_cell};

/// What Lambda gives an invocation.
const SLICE_S: u64 = 900;

/// What a run came to.
struct Sliced {
    slices: usize,
    makespan_s: f64,
    calls_per_key: f64,
    /// Requests to S3: those that write, `GetObject`, and those that list.
    to_s3: [u64; 3],
    peak_mib: f64,
}

/// Measures the worlds that are asked for, or all.
pub(crate) fn measure(is_asked: impl Fn(&str) -> bool) -> Vec<Value> {
    println!(
        "\n| world | run | invocations that read | makespan s | bound s | ratio | calls per key | S3 writes | reads | listings | peak MiB, with the simulator |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut results = Vec::new();
    for (name, world, runs) in [
        (
            "one-cell",
            (|| one_cell(100_000)) as fn() -> World,
            &[true][..],
        ),
        ("L-requests", large, &[false, true]),
    ] {
        if !is_asked(name) {
            continue;
        }
        let world = world();
        let bound_s = bound(&world, RATE);
        for in_slices in runs {
            let run = run(&world, *in_slices);
            let how = if *in_slices {
                "in slices"
            } else {
                "one invocation"
            };
            let ratio = run.makespan_s / bound_s;
            let [writes, reads, listings] = run.to_s3;
            println!(
                "| {name} | {how} | {} | {:.1} | {bound_s:.1} | {ratio:.3} | {:.3} | {writes} | {reads} | {listings} | {:.0} |",
                run.slices, run.makespan_s, run.calls_per_key, run.peak_mib
            );
            results.push(json!({
                "world": name,
                "run": how,
                "slices": run.slices,
                "makespan_s": run.makespan_s,
                "bound_s": bound_s,
                "ratio": ratio,
                "calls_per_key": run.calls_per_key,
                "s3_writes": writes,
                "s3_reads": reads,
                "s3_listings": listings,
                "peak_mib": run.peak_mib,
            }));
        }
    }
    results
}

fn run(world: &World, in_slices: bool) -> Sliced {
    let mut world = world.clone();
    world.quotas = QuotaModel::TokenBucket;
    world.now = tests::NOW.parse().ok();
    world.log = false;
    let keys = world.keys().filter(|(_, key)| is_read(key)).count();
    forget_peak();
    tests::in_virtual_time(async {
        let function = Scenario::in_world(world).ending_after(SLICE_S);
        let mut slices = 1;
        if in_slices {
            let _ = function.invoke(stage("plan")).await;
            while function.invoke(stage("read")).await.summary()["done"] != true {
                slices += 1;
            }
            let _ = function.invoke(stage("report")).await.summary();
        } else {
            let _ = function.invoke(scheduled_event("event-1")).await.summary();
        }
        let calls = function.aws.calls();
        let sent = |operations: &[&str]| operations.iter().map(|name| calls.sent(name)).sum();
        Sliced {
            slices,
            makespan_s: function.aws.elapsed_ms() as f64 / 1_000.0,
            calls_per_key: calls.sent("kms:GetKeyLastUsage") as f64 / keys as f64,
            to_s3: [
                sent(&[
                    "s3:PutObject",
                    "s3:CopyObject",
                    "s3:CreateMultipartUpload",
                    "s3:UploadPart",
                    "s3:CompleteMultipartUpload",
                ]),
                sent(&["s3:GetObject", "s3:HeadBucket"]),
                sent(&["s3:ListObjectsV2"]),
            ],
            peak_mib: peak_mib(),
        }
    })
}

fn stage(stage: &str) -> Value {
    json!({"stage": stage, "run": "night-1", "event": scheduled_event("event-1")})
}

/// From here on, the most memory of this process is measured anew.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: Option<f64> = peak.and_then(|p| p.trim().trim_end_matches(" kB").parse().ok());
    kib.unwrap_or(f64::NAN) / 1_024.0
}
