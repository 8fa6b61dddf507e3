//! Seeded worlds with random faults, in virtual time, on two nights, and what must
//! hold in each whatever happens.

mod comparison;
mod dependents;

use std::collections::{BTreeMap, BTreeSet};

use keycensus_sim::{
    Generator, LoggedCall, World,
    world::{AccountState, Effect, FaultRule, HeldAccessKey, KeyManager, QuotaModel},
};
use serde_json::Value;

use self::comparison::Known;
use crate::{BUCKET, NOW, Run, Scenario, scheduled_event};

const OPERATIONS: [&str; 29] = [
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
    "account:ListRegions",
    "organizations:ListAccounts",
    "organizations:DescribeOrganizationalUnit",
    "kms:*",
    "kms:ListKeys",
    "kms:ListAliases",
    "kms:DescribeKey",
    "kms:ListResourceTags",
    "kms:ListKeyRotations",
    "kms:GetKeyLastUsage",
    "kms:ListGrants",
    "kms:GetKeyPolicy",
    "ec2:*",
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "iam:*",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:ListUserTags",
    "s3:PutObject",
    "s3:GetObject",
    "events:PutEvents",
    "sns:Publish",
    "*",
];

/// Keys, coverage, changes, unseen, the page and the summary.
const LATEST_FILES: usize = 6;

/// All that is ever called of IAM.
const IAM_READS: [&str; 6] = [
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:ListUsers",
    "iam:ListAccessKeys",
    "iam:GetAccessKeyLastUsed",
    "iam:ListUserTags",
];

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
    let world = world(seed, &mut random);
    let deadline_s = (random.u8(..) < 90).then(|| random.u64(20..90));
    let audit = if random.bool() { "on" } else { "off" };
    let bus = if random.bool() { "default" } else { "" };
    let scenario = Scenario::in_world(world)
        .with("KEYCENSUS_DIGEST", "always")
        .with("KEYCENSUS_AUDIT_GUARD", audit)
        .with("KEYCENSUS_EVENT_BUS", bus);
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
        check(&run, broken);
        if let Ok(outcome) = &run.outcome {
            every_event_is_accounted_for(&run, &outcome["events"], attempt > 0, broken);
        }
        if run.outcome.is_ok() {
            return Some(run);
        }
    }
    None
}

fn world(seed: u64, random: &mut fastrand::Rng) -> World {
    let mut world = Generator {
        accounts: random.usize(2..7),
        regions: random.usize(1..4),
        keys: random.usize(5..60),
        users_per_account: random.usize(0..4),
        seed,
        ..Generator::default()
    }
    .generate();
    world.seed = seed;
    world.now = NOW.parse().ok();
    world.quotas = match random.bool() {
        true => QuotaModel::TokenBucket,
        false => QuotaModel::FixedWindow,
    };
    (world.latency_ms, world.jitter_ms) = (random.u64(0..200), random.u64(0..50));
    let regions: Vec<String> = world
        .accounts
        .iter()
        .flat_map(|a| a.regions.clone())
        .collect();
    let accounts: Vec<String> = world.accounts.iter().map(|a| a.id.clone()).collect();
    for _ in 0..random.usize(0..5) {
        let operation = OPERATIONS[random.usize(..OPERATIONS.len())];
        let effect = Effect::ALL[random.usize(..Effect::ALL.len())];
        let mut rule = FaultRule::new(operation, effect);
        match random.u8(..4) {
            0 => rule.nth = Some(random.u64(1..6)),
            1 => rule.first = Some(random.u64(1..4)),
            _ => rule.probability = Some(random.f64() * 0.3),
        }
        if random.bool() && operation.starts_with("kms") {
            rule.region = Some(regions[random.usize(..regions.len())].clone());
        }
        let is_in_members = ["kms", "iam", "ec2"]
            .iter()
            .any(|s| operation.starts_with(s));
        if random.bool() && is_in_members {
            rule.account = Some(accounts[random.usize(..accounts.len())].clone());
        }
        world.faults.push(rule);
    }
    world
}

fn check(run: &Run, broken: &mut Vec<String>) {
    only_reads(run, broken);
    digest_comes_last(run, broken);
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
    rows_are_sorted_and_unique(&keys, broken);
    every_key_is_accounted_for(run.aws.world(), &keys, &coverage, broken);
    every_access_key_is_accounted_for(run.aws.world(), &keys, &coverage, broken);
    verdicts_are_true(run.aws.world(), &keys, broken);
    what_is_flagged_was_read(run, &keys, broken);
    dependents::are_true(run.aws.world(), &keys, broken);
}

fn only_reads(run: &Run, broken: &mut Vec<String>) {
    for call in run.aws.log() {
        let name = call.operation.split(':').nth(1).unwrap_or_default();
        let reads = match call.operation.starts_with("iam:") {
            true => IAM_READS.contains(&call.operation.as_str()),
            false => ["List", "Describe", "Get", "Head"]
                .iter()
                .any(|verb| name.starts_with(verb)),
        };
        let writes_report =
            call.operation == "s3:PutObject" && call.resource.starts_with("keycensus/");
        let is_fine = reads
            || writes_report
            || ["sts:AssumeRole", "events:PutEvents", "sns:Publish"]
                .contains(&call.operation.as_str());
        if !is_fine {
            broken.push(format!("called {} on {}", call.operation, call.resource));
        }
    }
}

fn digest_comes_last(run: &Run, broken: &mut Vec<String>) {
    let sent = run.aws.messages().len();
    if sent > 1 {
        broken.push(format!("{sent} digests were sent"));
    }
    if sent == 1
        && run
            .aws
            .object(BUCKET, "keycensus/latest/summary.json")
            .is_none()
    {
        broken.push("a digest was sent before its report was complete".to_owned());
    }
}

/// What is said to be on the bus is, and what is not is counted; a retry does not know
/// what became of those that an attempt before it was cut off from.
fn every_event_is_accounted_for(run: &Run, told: &Value, is_retry: bool, broken: &mut Vec<String>) {
    let count = |name: &str| told[name].as_u64().unwrap_or(0);
    let events = run.aws.events();
    let distinct: BTreeSet<&str> = events.iter().map(|event| &*event.detail).collect();
    let known = count("put") + count("failed");
    let is_known = known == count("due") || is_retry && known < count("due");
    if !is_known || count("put") > distinct.len() as u64 {
        broken.push(format!("{} events are on the bus: {told}", distinct.len()));
    }
    if told["bus"].is_null() && !events.is_empty() {
        broken.push("there are events and no bus".to_owned());
    }
}

fn place(row: &Row) -> (&str, &str, &str, &str) {
    (
        &row["account_id"],
        &row["region"],
        &row["kind"],
        &row["key_id"],
    )
}

fn rows_are_sorted_and_unique(keys: &[Row], broken: &mut Vec<String>) {
    for pair in keys.windows(2) {
        if place(&pair[0]) >= place(&pair[1]) {
            broken.push(format!(
                "{:?} comes before {:?}",
                place(&pair[0]),
                place(&pair[1])
            ));
        }
    }
}

fn every_key_is_accounted_for(
    world: &World,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for account in &world.accounts {
        let has_row = coverage.iter().any(|row| row["account_id"] == account.id);
        if !has_row {
            broken.push(format!("account {} is in no coverage row", account.id));
        }
    }
    for (account, key) in world.keys() {
        if rows.contains(&(&account.id, &key.region, "kms_key", &key.id)) {
            continue;
        }
        let says_why_not = coverage.iter().any(|row| {
            let is_about_it = row["account_id"] == account.id
                && (row["region"] == key.region || row["region"] == "*");
            is_about_it && row["status"] != "scanned"
        });
        let regions_are_doubtful = coverage.iter().any(|row| {
            row["account_id"] == account.id && row["detail"].contains("account:ListRegions")
        });
        let is_open =
            account.state == AccountState::Active && account.regions.contains(&key.region);
        if is_open && !says_why_not && !regions_are_doubtful {
            broken.push(format!(
                "{} {} {} is nowhere",
                account.id, key.region, key.id
            ));
        }
    }
}

fn every_access_key_is_accounted_for(
    world: &World,
    keys: &[Row],
    coverage: &[Row],
    broken: &mut Vec<String>,
) {
    let rows: BTreeSet<_> = keys.iter().map(place).collect();
    for held in world.access_keys() {
        let account = held.account;
        let kind = kind_of(held);
        if rows.contains(&(&account.id, "global", kind, held.id)) {
            continue;
        }
        let says_why_not = coverage.iter().any(|row| {
            let is_about_it =
                row["account_id"] == account.id && ["global", "*"].contains(&&*row["region"]);
            is_about_it
                && (row["status"] != "scanned"
                    || row["detail"].contains("users deleted during the census"))
        });
        if account.state == AccountState::Active && !says_why_not {
            broken.push(format!("{} {kind} {} is nowhere", account.id, held.id));
        }
    }
}

fn kind_of(held: HeldAccessKey<'_>) -> &'static str {
    match held.user {
        Some(_) => "iam_access_key",
        None => "root_access_key",
    }
}

/// What a world says of a key.
struct Truth<'a> {
    /// The verdict that a report should give, where it should have the key.
    expect: Option<&'a str>,
    is_managed_by_aws: bool,
}

/// What a world says of each of its keys, by account, Region, kind and ID.
fn truth(world: &World) -> BTreeMap<(&str, &str, &str, &str), Truth<'_>> {
    let kms = world.keys().map(|(account, key)| {
        let place = (
            account.id.as_str(),
            key.region.as_str(),
            "kms_key",
            key.id.as_str(),
        );
        let truth = Truth {
            expect: key.expect.as_deref(),
            is_managed_by_aws: key.manager == KeyManager::Aws,
        };
        (place, truth)
    });
    let iam = world.access_keys().map(|held| {
        let place = (held.account.id.as_str(), "global", kind_of(held), held.id);
        let truth = Truth {
            expect: held.key.expect.as_deref(),
            is_managed_by_aws: false,
        };
        (place, truth)
    });
    kms.chain(iam).collect()
}

fn verdicts_are_true(world: &World, keys: &[Row], broken: &mut Vec<String>) {
    let truth = truth(world);
    for row in keys {
        let verdict = row["verdict"].as_str();
        let Some(key) = truth.get(&place(row)) else {
            broken.push(format!("{:?} does not exist", place(row)));
            continue;
        };
        let expected = key.expect;
        if verdict != "unreadable" && expected.is_some_and(|e| e != verdict && e != "unreadable") {
            broken.push(format!("{:?} is {verdict}, but {expected:?}", place(row)));
        }
        if row["flagged"] == "true" && (row["idle_days"].is_empty() || key.is_managed_by_aws) {
            broken.push(format!(
                "{:?} is flagged without having been read",
                place(row)
            ));
        }
    }
}

/// AWS was asked about every flagged key, and answered.
fn what_is_flagged_was_read(run: &Run, keys: &[Row], broken: &mut Vec<String>) {
    let log = run.aws.log();
    let answered: BTreeSet<(&str, &str, &str, &str)> = log
        .iter()
        .filter(|call| call.status == 200)
        .map(|call| {
            let LoggedCall {
                operation,
                account,
                region,
                resource,
                ..
            } = call;
            (&**operation, &**account, &**region, &**resource)
        })
        .collect();
    for row in keys.iter().filter(|row| row["flagged"] == "true") {
        let (account, region, kind, id) = place(row);
        let question = match kind {
            "kms_key" => ("kms:GetKeyLastUsage", account, region, id),
            "iam_access_key" => ("iam:GetAccessKeyLastUsed", account, "us-east-1", id),
            _ => ("iam:GetCredentialReport", account, "us-east-1", ""),
        };
        if !answered.contains(&question) {
            broken.push(format!(
                "{:?} is flagged and was not asked about",
                place(row)
            ));
        }
    }
}
