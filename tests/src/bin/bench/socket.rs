//! Runs over a real socket: processor time, memory and wall time.
//!
//! Two nights: a first census, and one that compares itself with its report. What
//! is told is the larger of the two.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use keycensus_sim::{World, world::QuotaModel};

use crate::{released, target};

/// What a run over a socket took; not a number where it could not be made.
pub(crate) struct Real {
    pub(crate) cpu_s: f64,
    pub(crate) peak_mib: f64,
    pub(crate) wall_s: f64,
}

/// Runs a world without quotas and without latency on two nights, and gives the most that
/// either took.
pub(crate) fn over_a_socket(world: &World) -> Real {
    let [first, second] = two_nights(world).unwrap_or_else(|| {
        [f64::NAN; 2].map(|nan| Real {
            cpu_s: nan,
            peak_mib: nan,
            wall_s: nan,
        })
    });
    Real {
        cpu_s: first.cpu_s.max(second.cpu_s),
        peak_mib: first.peak_mib.max(second.peak_mib),
        wall_s: first.wall_s.max(second.wall_s),
    }
}

fn two_nights(world: &World) -> Option<[Real; 2]> {
    let simulator = simulator()?;
    let folder = target().join("bench");
    let (file, report) = (folder.join("world.toml"), folder.join("report"));
    let mut world = world.clone();
    // By the machine's clock, which the census goes by as well.
    world.now = None;
    world.quotas = QuotaModel::Off;
    world.neighbours.clear();
    world.stalls.clear();
    (world.latency_ms, world.jitter_ms, world.log) = (0, 0, false);
    fs::create_dir_all(&folder).ok()?;
    fs::write(&file, world.to_toml()).ok()?;
    // The report of another world's night would be compared with.
    if report.exists() {
        fs::remove_dir_all(&report).ok()?;
    }
    let (mut server, url) = serve(&simulator, &file)?;
    let night = || {
        let mut census = scan(&world, &url, &report)?;
        census.args(["--last-usage-rps", "1000"]);
        watch(census)
    };
    let first = night();
    let nights = first.and_then(|first| Some([first, night()?]));
    let _ = server.kill();
    let _ = server.wait();
    nights
}

/// The simulated AWS, which is built beside this program.
pub(crate) fn simulator() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.with_file_name("keycensus-sim"))
}

/// Serves a world; gives the process and its address.
pub(crate) fn serve(binary: &Path, world: &Path) -> Option<(Child, String)> {
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

/// A scan of a world that is served at `url`, by the command line as it is released.
pub(crate) fn scan(world: &World, url: &str, report: &Path) -> Option<Command> {
    let mut scan = Command::new(released("keycensus")?);
    scan.args(["scan", "--out"])
        .arg(report)
        .env_clear()
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", &world.scanner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &world.scanner.secret_access_key)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Some(scan)
}

/// Whether a scan that ended so has written its report.
pub(crate) fn has_reported(end: ExitStatus) -> bool {
    end.code().is_some_and(|code| [0, 3, 4].contains(&code))
}

/// What a census takes until it ends; `None` where it wrote no report.
fn watch(mut census: Command) -> Option<Real> {
    const TICKS_A_SECOND: f64 = 100.0;
    let began = Instant::now();
    let mut process = census.spawn().ok()?;
    let folder = PathBuf::from(format!("/proc/{}", process.id()));
    let (mut cpu_s, mut peak_mib) = (0.0_f64, 0.0_f64);
    let end = loop {
        if let Some(end) = process.try_wait().ok()? {
            break end;
        }
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
    };
    has_reported(end).then(|| Real {
        cpu_s,
        peak_mib,
        wall_s: began.elapsed().as_secs_f64(),
    })
}
