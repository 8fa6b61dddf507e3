//! `make bench`: how close the census comes to the bound that AWS's quotas set.
//!
//! Each world is run in the simulator's virtual time, under both models of AWS's
//! quotas, and once over a real socket, where processor time, memory and wall
//! time are measured. Prints a table and writes `target/bench.json`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the real clock and prints its table"
)]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keycensus_sim::{
    Generator, World,
    world::{AccountState, Key, KeyManager, KeyState, Neighbour, QuotaModel},
};
use serde_json::json;
use tests::Scenario;

/// GetKeyLastUsage requests a second in an account and Region.
const RATE: f64 = 5.0;
/// ListAccounts: requests a second, and how many at once.
const LIST_ACCOUNTS: (f64, f64) = (8.0, 12.0);
const ACCOUNTS_A_PAGE: usize = 20;

/// A world and what it is to show.
struct Bench {
    name: &'static str,
    world: World,
    /// What is left of [`RATE`] beside neighbours.
    rate_left: f64,
}

/// What a run in virtual time came to.
struct Virtual {
    makespan_s: f64,
    calls_per_key: f64,
    throttled_share: f64,
}

/// What a run over a socket took.
struct Real {
    cpu_s_per_1000_keys: f64,
    peak_mib: f64,
    wall_s: f64,
}

fn main() {
    let only: Vec<String> = env::args().skip(1).collect();
    let mut results = Vec::new();
    println!(
        "| world | customer keys | model | makespan s | bound s | ratio | calls per key | throttled | CPU s / 1000 keys | peak MiB | wall s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for bench in benches() {
        if !only.is_empty() && !only.iter().any(|name| name == bench.name) {
            continue;
        }
        results.push(measure(bench));
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
    let bound_s = bound(&world, rate_left);
    let real = over_a_socket(&world);
    let cpu = real.cpu_s_per_1000_keys;
    let mut worst: Option<Virtual> = None;
    for (model, told) in [
        (QuotaModel::TokenBucket, "token bucket"),
        (QuotaModel::FixedWindow, "one-second windows"),
    ] {
        let run = in_virtual_time(&world, model);
        println!(
            "| {name} | {keys} | {told} | {:.1} | {bound_s:.1} | {:.3} | {:.3} | {:.2} % | {cpu:.2} | {:.0} | {:.1} |",
            run.makespan_s,
            run.makespan_s / bound_s,
            run.calls_per_key,
            100.0 * run.throttled_share,
            real.peak_mib,
            real.wall_s,
        );
        if worst
            .as_ref()
            .is_none_or(|worst| run.makespan_s > worst.makespan_s)
        {
            worst = Some(run);
        }
    }
    let run = worst.unwrap_or(Virtual {
        makespan_s: 0.0,
        calls_per_key: 0.0,
        throttled_share: 0.0,
    });
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

fn benches() -> Vec<Bench> {
    let generated = |accounts, regions, keys| {
        let mut world = Generator {
            accounts,
            regions,
            keys,
            seed: 1,
            refusals: false,
            ..Generator::default()
        }
        .generate();
        (world.latency_ms, world.jitter_ms) = (20, 20);
        world
    };
    let plain = |name, world| Bench {
        name,
        world,
        rate_left: RATE,
    };
    let mut far = generated(10, 3, 500);
    (far.latency_ms, far.jitter_ms) = (300, 50);
    let mut large = generated(5_000, 17, 200_000);
    (large.latency_ms, large.jitter_ms) = (4, 4);
    let mut shared = generated(10, 3, 1_000);
    shared.neighbours = vec![Neighbour::new("kms:GetKeyLastUsage", 2.0)];
    vec![
        plain("S", generated(10, 3, 500)),
        plain("M", generated(500, 17, 20_000)),
        plain("L", large),
        plain("skewed", skewed(generated(10, 3, 500))),
        Bench {
            name: "neighbours",
            world: shared,
            rate_left: RATE - 2.0,
        },
        plain("latency", far),
    ]
}

/// One cell of 4,400 keys among others.
fn skewed(mut world: World) -> World {
    if let Some(account) = world.accounts.iter_mut().rfind(|a| is_entered(a)) {
        let region = account.regions[0].clone();
        account.keys.retain(|key| key.region != region);
        account.keys.extend((0..4_400).map(|n| Key {
            id: format!("44440000-0000-4000-8000-{n:012}"),
            ..Key::new(region.clone())
        }));
    }
    world
}

/// The time in which no program could do it: for each account, until its page of
/// ListAccounts can be there, its chain of calls, and its longest cell at the rate
/// that is left.
fn bound(world: &World, rate_left: f64) -> f64 {
    let latency = (world.latency_ms as f64 + world.jitter_ms as f64 / 2.0) / 1_000.0;
    // GetCallerIdentity, HeadBucket; AssumeRole, ListRegions, ListKeys,
    // DescribeKey, GetKeyLastUsage; two times three files.
    let round_trips = 2.0 + 5.0 + 6.0;
    let mut longest: f64 = 0.0;
    for (n, account) in world
        .accounts
        .iter()
        .enumerate()
        .filter(|(_, a)| is_entered(a))
    {
        let pages = (n / ACCOUNTS_A_PAGE + 1) as f64;
        let listed = (pages * latency).max((pages - LIST_ACCOUNTS.1) / LIST_ACCOUNTS.0);
        let cell = account.regions.iter().map(|region| {
            let keys = account.keys.iter();
            keys.filter(|key| key.region == *region && is_read(key))
                .count()
        });
        // The first request of a cell need not wait.
        let reading = (cell.max().unwrap_or(0) as f64 - 1.0).max(0.0) / rate_left;
        longest = longest.max(listed + round_trips * latency + reading);
    }
    longest
}

fn is_entered(account: &keycensus_sim::world::Account) -> bool {
    account.state == AccountState::Active && !account.role.is_empty()
}

fn is_read(key: &Key) -> bool {
    key.manager == KeyManager::Customer
        && !matches!(
            key.state,
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
        )
}

fn in_virtual_time(world: &World, model: QuotaModel) -> Virtual {
    let mut world = world.clone();
    world.quotas = model;
    world.now = tests::NOW.parse().ok();
    world.log = false;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let Ok(runtime) = runtime else {
        return Virtual {
            makespan_s: f64::NAN,
            calls_per_key: 0.0,
            throttled_share: 0.0,
        };
    };
    // The simulator's clock starts with it, so it must start inside.
    let (run, makespan_ms) = runtime.block_on(async {
        let run = Scenario::in_world(world).run().await;
        let makespan_ms = run.aws.elapsed_ms();
        (run, makespan_ms)
    });
    let _ = run.summary();
    let calls = run.aws.calls();
    let count = |operation: &str| calls.sent(operation) as f64;
    let keys = run
        .aws
        .world()
        .keys()
        .filter(|(account, key)| is_entered(account) && is_read(key))
        .count();
    Virtual {
        makespan_s: makespan_ms as f64 / 1_000.0,
        calls_per_key: count("kms:GetKeyLastUsage") / keys as f64,
        throttled_share: calls.throttled("kms:GetKeyLastUsage") as f64
            / count("kms:GetKeyLastUsage"),
    }
}

fn over_a_socket(world: &World) -> Real {
    let keys = world.keys().filter(|(_, key)| is_read(key)).count() as f64;
    let binaries = env::current_exe().unwrap_or_default();
    let binaries = binaries.parent().unwrap_or(Path::new("."));
    let folder = target().join("bench");
    let _ = fs::create_dir_all(&folder);
    let file = folder.join("world.toml");
    let mut world = world.clone();
    world.quotas = QuotaModel::Off;
    world.neighbours.clear();
    (world.latency_ms, world.jitter_ms, world.log) = (0, 0, false);
    let _ = fs::write(&file, world.to_toml());
    let Some((mut server, url)) = serve(&binaries.join("keycensus-sim"), &file) else {
        return Real {
            cpu_s_per_1000_keys: f64::NAN,
            peak_mib: 0.0,
            wall_s: 0.0,
        };
    };
    let began = Instant::now();
    let census = Command::new(binaries.join("keycensus"))
        .args(["scan", "--last-usage-rps", "1000", "--out"])
        .arg(folder.join("report"))
        .env_clear()
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", &world.scanner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &world.scanner.secret_access_key)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let (cpu_s, peak_mib) = census.map_or((f64::NAN, 0.0), watch);
    let wall_s = began.elapsed().as_secs_f64();
    let _ = server.kill();
    let _ = server.wait();
    Real {
        cpu_s_per_1000_keys: cpu_s / keys * 1_000.0,
        peak_mib,
        wall_s,
    }
}

fn serve(binary: &Path, world: &Path) -> Option<(Child, String)> {
    let mut server = Command::new(binary)
        .args(["serve", "--world"])
        .arg(world)
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut line = String::new();
    BufReader::new(server.stdout.take()?)
        .read_line(&mut line)
        .ok()?;
    let url = line.trim().rsplit(' ').next()?.to_owned();
    Some((server, url))
}

/// Processor seconds and peak MiB of a process, looked up until it ends.
fn watch(mut process: Child) -> (f64, f64) {
    const TICKS_A_SECOND: f64 = 100.0;
    let folder = PathBuf::from(format!("/proc/{}", process.id()));
    let (mut cpu_s, mut peak_mib) = (0.0_f64, 0.0_f64);
    while let Ok(None) = process.try_wait() {
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let fields: Vec<f64> = after_name
            .split_whitespace()
            .map(|f| f.parse().unwrap_or(0.0))
            .collect();
        if let [user, system] = fields.get(11..13).unwrap_or_default() {
            cpu_s = cpu_s.max((user + system) / TICKS_A_SECOND);
        }
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: Option<f64> = peak.and_then(|p| p.trim().trim_end_matches(" kB").parse().ok());
        peak_mib = peak_mib.max(kib.unwrap_or(0.0) / 1_024.0);
        std::thread::sleep(Duration::from_millis(10));
    }
    (cpu_s, peak_mib)
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}
