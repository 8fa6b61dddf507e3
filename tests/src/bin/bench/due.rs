//! Fifteen nights of one organization, read in full and with `KEYCENSUS_READ=due`: the first reads
//! everything either way, and is not counted.

use std::{fs, ops::Sub};

use jiff::{SignedDuration, Timestamp};
use keycensus_sim::{
    Generator, World,
    world::{Moment, QuotaModel},
};
use serde_json::{Value, json};
use tests::{NOW, Scenario};

use crate::worlds::is_read;

/// The nights that are counted.
const NIGHTS: usize = 14;

const LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// What some nights took.
#[derive(Debug, Default, Clone, Copy)]
struct Nights {
    last_usage_calls: u64,
    calls: u64,
    makespan_s: f64,
    /// That of the simulator too.
    cpu_s: f64,
}

pub(crate) fn measure(is_asked: impl Fn(&str) -> bool) -> Vec<Value> {
    if !is_asked("due") {
        return Vec::new();
    }
    println!(
        "\n| keys in use | read | GetKeyLastUsage a night | avoided | calls a night | makespan s | CPU s a night, with the simulator |"
    );
    println!("|---|---|---|---|---|---|---|");
    let shares = [90, 50, 10].into_iter();
    shares.flat_map(of_a_share).collect()
}

/// With so many percent of the keys in use.
fn of_a_share(in_use: usize) -> Vec<Value> {
    let [full, due] = ["all", "due"].map(|read| nights(in_use, read));
    let results = [("all", full), ("due", due)].map(|(read, found)| {
        let a_night = |n: u64| n as f64 / NIGHTS as f64;
        let avoided = 1.0 - found.last_usage_calls as f64 / full.last_usage_calls as f64;
        println!(
            "| {in_use} % | `{read}` | {:.0} | {:.1} % | {:.0} | {:.1} | {:.2} |",
            a_night(found.last_usage_calls),
            100.0 * avoided,
            a_night(found.calls),
            found.makespan_s / NIGHTS as f64,
            found.cpu_s / NIGHTS as f64,
        );
        json!({
            "world": "due",
            "in_use_percent": in_use,
            "read": read,
            "last_usage_calls_a_night": a_night(found.last_usage_calls),
            "avoided": avoided,
            "calls_a_night": a_night(found.calls),
            "makespan_s": found.makespan_s / NIGHTS as f64,
            "cpu_s_a_night": found.cpu_s / NIGHTS as f64,
        })
    });
    results.into()
}

fn nights(in_use: usize, read: &str) -> Nights {
    tests::in_virtual_time(async {
        let first: Timestamp = NOW.parse().unwrap_or_default();
        let on = |night: usize| {
            let now = first + SignedDuration::from_hours(24 * night as i64);
            Scenario::in_world(organization(in_use, now)).with("KEYCENSUS_READ", read)
        };
        let mut scenario = on(0);
        let mut nights = Nights::default();
        for night in 0..=NIGHTS {
            if night > 0 {
                scenario = scenario.a_night_later(&on(night));
            }
            let began = cpu_s();
            let run = scenario.run().await;
            let _ = run.summary();
            if night > 0 {
                let calls = run.aws.calls();
                nights.last_usage_calls += calls.sent(LAST_USAGE);
                nights.calls += calls.total().sent;
                nights.makespan_s += run.aws.elapsed_ms() as f64 / 1_000.0;
                nights.cpu_s += cpu_s().sub(began);
            }
        }
        nights
    })
}

/// An organization in which so many percent of the customer managed keys are used every day, and the
/// others have not been since they were made.
fn organization(in_use: usize, now: Timestamp) -> World {
    let mut world = Generator {
        accounts: 20,
        regions: 3,
        keys: 3_000,
        users_per_account: 5,
        seed: 1,
        refusals: false,
        ..Generator::default()
    }
    .generate();
    world.now = Some(now);
    world.quotas = QuotaModel::TokenBucket;
    world.log = false;
    (world.latency_ms, world.jitter_ms) = (20, 20);
    let first: Timestamp = NOW.parse().unwrap_or_default();
    let used = now - SignedDuration::from_hours(7);
    let mut number = 0;
    for account in &mut world.accounts {
        for key in &mut account.keys {
            key.created = Moment::At(key.created.resolve(first));
            if is_read(key) {
                number += 1;
                // Shares of all are shares of any hundred keys.
                key.last_used = (number * 37 % 100 < in_use).then_some(Moment::At(used));
                key.created = Moment::At(first - SignedDuration::from_hours(24 * 200));
            }
        }
        let users = account.users.iter_mut();
        for user in users {
            user.created = Moment::At(user.created.resolve(first));
            for key in &mut user.access_keys {
                key.created = key.created.map(|at| Moment::At(at.resolve(first)));
                key.last_used = key.last_used.map(|at| Moment::At(at.resolve(first)));
            }
        }
    }
    world
}

/// Processor time of this process, in seconds.
fn cpu_s() -> f64 {
    const NANOSECONDS: f64 = 1e9;
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = stat.split_whitespace().next();
    first
        .and_then(|ns| ns.parse::<f64>().ok())
        .unwrap_or_default()
        / NANOSECONDS
}
