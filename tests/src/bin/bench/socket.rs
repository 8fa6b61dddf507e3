//! Runs over a real socket: processor time, memory and wall time.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keycensus_sim::{World, world::QuotaModel};

use crate::{target, worlds::is_read};

/// What a run over a socket took.
pub(crate) struct Real {
    pub(crate) cpu_s_per_1000_keys: f64,
    pub(crate) peak_mib: f64,
    pub(crate) wall_s: f64,
}

/// Runs a world without quotas and without latency.
pub(crate) fn over_a_socket(world: &World) -> Real {
    let kms_keys = world.keys().filter(|(_, key)| is_read(key)).count();
    let keys = (kms_keys + world.access_keys().count()) as f64;
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
