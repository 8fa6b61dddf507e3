//! A scan that is killed when half of its keys are read, and the one that goes on with it, over a socket at AWS's
//! pace, beside a scan that is not killed.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use keycensus_sim::World;
use serde_json::{Value, json};

use crate::{
    socket::{has_reported, scan, serve, simulator},
    target,
    worlds::one_cell,
};

/// Two minutes at 5 a second.
const KEYS: usize = 600;
const LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// Prints what it came to; nothing where a scan could not be made.
pub(crate) fn measure() -> Option<Value> {
    let (unbroken_s, unbroken) = scans(&one_cell(KEYS), None)?;
    let (killed_s, killed) = scans(&one_cell(KEYS), Some(KEYS as u64 / 2))?;
    let twice = killed.saturating_sub(KEYS as u64);
    let per_key = killed as f64 / KEYS as f64;
    println!(
        "\nkilled at {} of {KEYS} keys and resumed: {per_key:.3} calls per key ({twice} keys were asked for twice), {killed_s:.1} s; unbroken: {:.3}, {unbroken_s:.1} s",
        KEYS / 2,
        unbroken as f64 / KEYS as f64,
    );
    Some(json!({
        "world": "killed-and-resumed",
        "calls_per_key": per_key,
        "asked_twice": twice,
        "wall_s": killed_s,
        "unbroken_wall_s": unbroken_s,
    }))
}

/// Scans a world, and kills the first scan after so many calls. Gives how long the scans took, and their calls.
fn scans(world: &World, kill_after: Option<u64>) -> Option<(f64, u64)> {
    let folder = target().join("bench");
    let (file, report) = (folder.join("world.toml"), folder.join("killed"));
    let mut world = world.clone();
    world.now = None;
    world.log = false;
    fs::create_dir_all(&folder).ok()?;
    fs::write(&file, world.to_toml()).ok()?;
    if report.exists() {
        fs::remove_dir_all(&report).ok()?;
    }
    let (mut server, url) = serve(&simulator()?, &file)?;
    let began = Instant::now();
    if let Some(calls) = kill_after {
        let mut first = scan(&world, &url, &report)?.spawn().ok()?;
        while asked(&url)? < calls && first.try_wait().ok()?.is_none() {
            thread::sleep(Duration::from_millis(100));
        }
        first.kill().ok()?;
        first.wait().ok()?;
    }
    let resume = kill_after.map(|_| "--resume");
    let ended = scan(&world, &url, &report)?.args(resume).status().ok()?;
    let took = began.elapsed().as_secs_f64();
    let calls = asked(&url);
    let _ = server.kill();
    let _ = server.wait();
    has_reported(ended).then_some((took, calls?))
}

/// How often a last use was asked for.
fn asked(url: &str) -> Option<u64> {
    let address = url.strip_prefix("http://")?;
    let mut connection = TcpStream::connect(address).ok()?;
    let request =
        format!("GET /_sim/calls HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let calls: Value = serde_json::from_str(body).ok()?;
    Some(
        calls["by_operation"][LAST_USAGE]["sent"]
            .as_u64()
            .unwrap_or(0),
    )
}
