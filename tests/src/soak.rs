//! Seeded worlds with random faults, in virtual time, on three nights, some with two
//! events at once, and what must hold in each whatever happens; and nights without faults on which only
//! those last uses are read that are due, beside full reads.

mod calls;
mod comparison;
mod cut_off;
mod dependents;
mod due;
mod findings;
mod one_report;
mod refused_uses;
mod rows;
mod selection;
mod verdicts;
mod world;

use futures_util::future::join_all;
use keycensus_sim::{LoggedCall, world::HeldAccessKey};
use serde_json::Value;

use self::{comparison::Known, cut_off::CutOff};
use crate::{Row, Run, Scenario, in_virtual_time, scheduled_event};

/// Keys, coverage, changes, unseen, the trend, the page and the summary.
const LATEST_FILES: usize = 7;

/// What came of the world of a seed.
#[derive(Debug, PartialEq, Eq)]
pub struct Played {
    /// What did not hold.
    pub broken: Vec<String>,
    /// Every call of all nights, in the order in which they were made.
    pub calls: Vec<LoggedCall>,
    /// Whether every run so far has imported all findings that it had.
    are_findings_whole: bool,
}

/// Runs the world of `seed` on three nights, in virtual time. The same seed makes the same
/// calls.
///
/// # Panics
/// There are no threads or files left for a runtime.
#[must_use]
pub fn play(seed: u64) -> Played {
    in_virtual_time(async {
        let mut played = nights(seed).await;
        if reads_what_is_due(seed) {
            let mut random = fastrand::Rng::with_seed(seed ^ DUE);
            due::nights(seed, &mut random, &mut played).await;
        }
        played
    })
}

/// Separates the draws of nights without faults from those of nights with faults.
const DUE: u64 = 0x6475_6500_0000_0000;

/// Whether only those last uses are read that are due: with half of the seeds.
fn reads_what_is_due(seed: u64) -> bool {
    seed % 2 == 1
}

async fn nights(seed: u64) -> Played {
    // How long is waited for a retry.
    fastrand::seed(seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let world = world::world(seed, &mut random);
    let deadline_s = (random.u8(..) < 90).then(|| random.u64(20..90));
    let audit = if random.bool() { "on" } else { "off" };
    let aws_managed = if seed.is_multiple_of(3) { "on" } else { "off" };
    let read = if reads_what_is_due(seed) {
        "due"
    } else {
        "all"
    };
    let bus = if random.bool() { "default" } else { "" };
    let security_hub = if seed.is_multiple_of(2) { "on" } else { "off" };
    let selection = world::selection(&world, &mut random);
    let with_settings = |world| {
        let mut scenario = Scenario::in_world(world)
            .with(
                "KEYCENSUS_KINDS",
                "kms,iam,passwords,secrets,service_credentials",
            )
            .with("KEYCENSUS_DIGEST", "always")
            .with("KEYCENSUS_AUDIT_GUARD", audit)
            .with("KEYCENSUS_AWS_MANAGED", aws_managed)
            .with("KEYCENSUS_READ", read)
            .with("KEYCENSUS_EVENT_BUS", bus)
            .with("KEYCENSUS_SECURITY_HUB", security_hub);
        for (variable, text) in &selection {
            scenario = scenario.with(variable, text);
        }
        scenario
    };
    let one_or_two = |random: &mut fastrand::Rng| match random.u8(..4) {
        0 => &["one", "two"][..],
        _ => &["one"][..],
    };
    let mut played = Played {
        broken: Vec::new(),
        calls: Vec::new(),
        are_findings_whole: true,
    };
    let mut scenario = with_settings(world.clone());
    let mut known = None;
    for night in ["first", "second", "third"] {
        let events = one_or_two(&mut random);
        let before = one_report::latest_run(&scenario);
        // Of two runs at once, one that is cut off leaves the other alone.
        let cut_off = match events.len() {
            1 => CutOff::any(&mut random),
            _ => Vec::new(),
        };
        let run = played
            .night(&scenario, deadline_s, night, events, &cut_off)
            .await;
        let has_written = one_report::latest_run(&scenario) != before;
        // Where the files are missing after a run that succeeded, that has been said.
        let run = run.filter(|_| one_report::latest_run(&scenario).is_some());
        known = match (run, known) {
            (Some(run), Some(before)) => {
                Known::is_kept_by(&before, &run, &mut played.broken);
                Some(Known::of(&run))
            }
            (Some(run), None) => Some(Known::of(&run)),
            // A write that took effect and was not answered: the report is there, and its run
            // does not know.
            (None, _) if has_written => None,
            // A report that is not complete says nothing, and takes nothing away.
            (None, before) => before,
        };
        if night != "third" {
            let tonight = world::of_another_night(world.clone(), &mut random);
            scenario = scenario.a_night_later(&with_settings(tonight));
        }
    }
    played
}

impl Played {
    /// Runs the censuses of a night, those of several events at once; gives one that
    /// succeeded, where all have.
    async fn night(
        &mut self,
        scenario: &Scenario,
        deadline_s: Option<u64>,
        night: &str,
        events: &[&str],
        cut_off: &[CutOff],
    ) -> Option<Run> {
        let runs = events.iter().map(|event| async move {
            let scenario = scenario.again(&format!("{event}-of-{night}"));
            let event = scheduled_event(&format!("event-{event}-of-{night}"));
            run_of_an_event(&scenario, deadline_s, event, cut_off).await
        });
        let mut complete = Vec::new();
        let mut had_leases = true;
        for attempts in join_all(runs).await {
            self.broken.extend(attempts.broken);
            had_leases &= attempts.had_leases;
            complete.push(attempts.succeeded);
        }
        let calls = scenario.aws.log();
        // Runs that write without a lease, which they say, may write beside each other.
        let are_apart = events.len() == 1 || had_leases;
        if are_apart {
            one_report::is_written_by_one_run_at_a_time(&calls, &mut self.broken);
        }
        self.calls.extend(calls);
        let complete: Option<Vec<Run>> = complete.into_iter().collect();
        let run = complete?.pop()?;
        check(scenario, &run, events.len(), &mut self.broken);
        self.are_findings_whole &= events.len() == 1 && self.check_findings(scenario, &run);
        if are_apart {
            one_report::is_whole(&run, &mut self.broken);
        }
        Some(run)
    }

    /// Looks at the findings, where they are imported; tells whether all were.
    fn check_findings(&mut self, scenario: &Scenario, run: &Run) -> bool {
        let setting = ("KEYCENSUS_SECURITY_HUB".to_owned(), "on".to_owned());
        match &run.outcome {
            Ok(outcome) if scenario.environment.contains(&setting) => {
                let keys = run.rows("keys.csv");
                let are_whole = self.are_findings_whole;
                findings::are_of_flagged_keys(run, &keys, outcome, are_whole, &mut self.broken)
            }
            _ => false,
        }
    }
}

/// The runs of one event.
struct Attempts {
    succeeded: Option<Run>,
    /// Whether each that wrote held the lease over the report.
    had_leases: bool,
    broken: Vec<String>,
}

/// Runs the census, with up to two retries of the same event as Lambda would make them, after those
/// runs that are cut off.
async fn run_of_an_event(
    scenario: &Scenario,
    deadline_s: Option<u64>,
    event: Value,
    cut_off: &[CutOff],
) -> Attempts {
    let mut attempts = Attempts {
        succeeded: None,
        had_leases: true,
        broken: Vec::new(),
    };
    let broken = &mut attempts.broken;
    for cut_off in cut_off {
        let run = cut_off.invoke(scenario, &event).await;
        if run.is_some_and(|run| run.outcome.is_ok()) {
            // It had ended. Another delivery is answered from its report.
            break;
        }
    }
    let is_cut_off = !cut_off.is_empty();
    for attempt in 0..3 {
        let began_ms = scenario.aws.elapsed_ms();
        let scenario = match deadline_s {
            Some(seconds) => scenario.clone().ending_after(seconds),
            None => scenario.clone(),
        };
        let run = scenario.invoke(event.clone()).await;
        let took_ms = scenario.aws.elapsed_ms() - began_ms;
        if deadline_s.is_some_and(|seconds| took_ms > seconds * 1_000) {
            broken.push(format!(
                "the run took {took_ms} ms, its deadline is {deadline_s:?} s"
            ));
        }
        calls::only_read(&run, broken);
        attempts.had_leases &= !run.logs.contains("written without a lease");
        if let Ok(outcome) = &run.outcome {
            calls::every_event_is_counted(
                &run,
                &outcome["events"],
                attempt > 0 || is_cut_off,
                broken,
            );
            attempts.succeeded = Some(run);
            break;
        }
    }
    attempts
}

/// Looks at what the runs of so many events have left, of which `run` is the last.
fn check(scenario: &Scenario, run: &Run, events: usize, broken: &mut Vec<String>) {
    // Two runs at once share the quotas.
    if events == 1 {
        calls::keep_the_quotas(run, broken);
    }
    calls::digests_come_last(run, events, broken);
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
    verdicts::are_true(world, &keys, &coverage, broken);
    verdicts::of_flagged_keys_were_read(run, &keys, broken);
    selection::is_covered(scenario, &coverage, &summary, broken);
    dependents::are_true(world, &keys, broken);
    refused_uses::are_true(world, scenario.night.begins(), &keys, broken);
}

/// Account, Region, kind and ID of a key.
type KeyIdentity<'a> = [&'a str; 4];

fn identity(row: &Row) -> KeyIdentity<'_> {
    row.values(["account_id", "region", "kind", "key_id"])
}

type OwnedKeyIdentity = [String; 4];

fn owned_identity(row: &Row) -> OwnedKeyIdentity {
    identity(row).map(str::to_owned)
}

fn kind_of(held: HeldAccessKey<'_>) -> &'static str {
    match held.user {
        Some(_) => "iam_access_key",
        None => "root_access_key",
    }
}
