//! Seeded worlds with random faults, in virtual time, on two nights, and what must
//! hold in each whatever happens.

mod calls;
mod comparison;
mod dependents;
mod rows;
mod selection;
mod verdicts;
mod world;

use std::collections::BTreeMap;

use keycensus_sim::{LoggedCall, world::HeldAccessKey};
use serde_json::Value;

use self::comparison::Known;
use crate::{Run, Scenario, scheduled_event};

/// Keys, coverage, changes, unseen, the page and the summary.
const LATEST_FILES: usize = 6;

type Row = BTreeMap<String, String>;

/// What came of the world of a seed.
#[derive(Debug, PartialEq, Eq)]
pub struct Played {
    /// What did not hold.
    pub broken: Vec<String>,
    /// Every call of both nights, in the order in which they were made.
    pub calls: Vec<LoggedCall>,
}

/// Runs the world of `seed` on two nights, in virtual time. The same seed makes the same
/// calls.
///
/// # Panics
/// There are no threads or files left for a runtime.
#[must_use]
pub fn play(seed: u64) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(two_nights(seed)),
        Err(error) => panic!("{error}"),
    }
}

async fn two_nights(seed: u64) -> Played {
    // How long is waited for a retry.
    fastrand::seed(seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let world = world::world(seed, &mut random);
    let deadline_s = (random.u8(..) < 90).then(|| random.u64(20..90));
    let audit = if random.bool() { "on" } else { "off" };
    let bus = if random.bool() { "default" } else { "" };
    let selection = world::selection(&world, &mut random);
    let mut scenario = Scenario::in_world(world)
        .with("KEYCENSUS_DIGEST", "always")
        .with("KEYCENSUS_AUDIT_GUARD", audit)
        .with("KEYCENSUS_EVENT_BUS", bus);
    for (variable, text) in &selection {
        scenario = scenario.with(variable, text);
    }
    let mut broken = Vec::new();
    let mut calls = Vec::new();
    let first = run_of_a_night(&scenario, deadline_s, "first", &mut broken).await;
    calls.extend(scenario.aws.log());
    if let Some(first) = first {
        let known = Known::of(&first);
        let next = scenario.a_night_later(&scenario);
        if let Some(second) = run_of_a_night(&next, deadline_s, "second", &mut broken).await {
            known.is_kept_by(&second, &mut broken);
        }
        calls.extend(next.aws.log());
    }
    Played { broken, calls }
}

/// Runs the census, with up to two retries of the same event as Lambda would make
/// them; gives the one that succeeded.
async fn run_of_a_night(
    scenario: &Scenario,
    deadline_s: Option<u64>,
    night: &str,
    broken: &mut Vec<String>,
) -> Option<Run> {
    let event = scheduled_event(&format!("event-of-the-{night}-night"));
    for attempt in 0..3 {
        let began_ms = scenario.aws.elapsed_ms();
        let scenario = match deadline_s {
            Some(seconds) => scenario.sharing().ending_after(seconds),
            None => scenario.sharing(),
        };
        let run = scenario.invoke(event.clone()).await;
        let took_ms = scenario.aws.elapsed_ms() - began_ms;
        if deadline_s.is_some_and(|seconds| took_ms > seconds * 1_000) {
            broken.push(format!(
                "the run took {took_ms} ms, its deadline is {deadline_s:?} s"
            ));
        }
        check(&scenario, &run, broken);
        if let Ok(outcome) = &run.outcome {
            calls::tell_of_every_event(&run, &outcome["events"], attempt > 0, broken);
        }
        if run.outcome.is_ok() {
            return Some(run);
        }
    }
    None
}

fn check(scenario: &Scenario, run: &Run, broken: &mut Vec<String>) {
    calls::only_read(run, broken);
    calls::keep_the_quotas(run, broken);
    calls::tell_last(run, broken);
    let latest: Vec<String> = run
        .reports()
        .into_iter()
        .filter(|key| key.contains("/latest/"))
        .collect();
    let Ok(outcome) = &run.outcome else {
        return;
    };
    if latest.len() != LATEST_FILES {
        broken.push(format!("the latest files are {latest:?} after {outcome}"));
        return;
    }
    let (keys, coverage) = (run.rows("keys.csv"), run.rows("coverage.csv"));
    let summary: Value = serde_json::from_str(&run.latest("summary.json")).unwrap_or_default();
    comparison::files_agree(run, &keys, &summary, broken);
    let world = run.aws.world();
    rows::are_sorted_and_unique(&keys, broken);
    rows::have_every_key(scenario, &keys, &coverage, broken);
    rows::have_every_access_key(scenario, &keys, &coverage, broken);
    verdicts::are_true(world, &keys, broken);
    verdicts::of_flagged_keys_were_read(run, &keys, broken);
    verdicts::of_exempt_keys_are_no_silent_flags(world, &keys, &coverage, broken);
    selection::is_told(scenario, &coverage, &summary, broken);
    dependents::are_true(world, &keys, broken);
}

fn place(row: &Row) -> (&str, &str, &str, &str) {
    (
        &row["account_id"],
        &row["region"],
        &row["kind"],
        &row["key_id"],
    )
}

fn kind_of(held: HeldAccessKey<'_>) -> &'static str {
    match held.user {
        Some(_) => "iam_access_key",
        None => "root_access_key",
    }
}
