//! Three nights on which only those last uses are read that are due, each beside a full read of the
//! same organization, which changes between the nights.

mod changes;

use std::collections::BTreeMap;

use keycensus_sim::{Generator, World, world::Refusal};

use super::{OwnedKeyIdentity, Played, owned_identity, refused_uses};
use crate::{BUCKET, NOW, Row, Run, Scenario, night::Night};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// What a key that was not read may have of an earlier night: its last use is "at least", and its tags
/// were read with it.
const MAY_LAG: [&str; 14] = [
    "last_used_at",
    "last_operation",
    "last_service",
    "last_used_region",
    "cloudtrail_event_id",
    "kms_request_id",
    "idle_days",
    "usage_read_at",
    "owner",
    "exempt",
    "exempt_reason",
    "detail",
    // An access key in use and exempt is not to be rotated.
    "recommendation",
    // As the page of the report has it.
    "tracked_since",
];

/// Plays the nights of a seed.
pub(super) async fn nights(seed: u64, random: &mut fastrand::Rng, played: &mut Played) {
    let mut stale_after_days = changes::threshold(random);
    let mut exempt_tag = "keycensus:exempt";
    let again = ["1", "2", "7", "3650"][random.usize(..4)];
    let mut world = organization(seed, random);
    changes::put_some_at_their_threshold(&mut world, stale_after_days, random);
    let scenario = |world: &World, read: &str| {
        Scenario::in_world(world.clone())
            .with("KEYCENSUS_READ", read)
            .with("KEYCENSUS_READ_AGAIN_DAYS", again)
    };
    let (mut due, mut full) = (scenario(&world, "due"), scenario(&world, "all"));
    for night in 1..=3 {
        let settings = |scenario: &Scenario| {
            scenario
                .clone()
                .with("KEYCENSUS_STALE_AFTER_DAYS", &stale_after_days.to_string())
                .with("KEYCENSUS_EXEMPT_TAG", exempt_tag)
        };
        let of_due = settings(&due).run().await;
        let of_full = settings(&full).run().await;
        compare(&of_due, &of_full, night, &mut played.broken);
        for run in [&of_due, &of_full] {
            played.calls.extend(run.aws.log());
        }
        if night == 3 {
            break;
        }
        let from = due.night.begins();
        let is_month = night == 2 && random.u8(..8) == 0;
        let until = match is_month {
            true => Night::OfAnotherMonth,
            false => due.night.next(),
        };
        world
            .refusals
            .retain(|refusal| refusal.operation != "kms:ListKeys");
        if random.u8(..6) == 0 {
            world.refusals.push(listing_refused(&world, random));
        }
        changes::between(&mut world, from, until.begins(), random);
        (due, full) = (
            due.on(until, &scenario(&world, "due")),
            full.on(until, &scenario(&world, "all")),
        );
        if random.u8(..8) == 0 {
            damage(&due, &full, random);
        }
        if random.u8(..6) == 0 {
            stale_after_days = changes::threshold(random);
        }
        if random.u8(..10) == 0 {
            exempt_tag = "team";
        }
    }
}

/// An organization whose moments do not move with the nights.
fn organization(seed: u64, random: &mut fastrand::Rng) -> World {
    let mut world = Generator {
        accounts: random.usize(2..5),
        regions: random.usize(1..4),
        keys: random.usize(5..60),
        users_per_account: random.usize(0..5),
        seed,
        ..Generator::default()
    }
    .generate();
    world.seed = seed;
    world.now = NOW.parse().ok();
    changes::pin(&mut world);
    refused_uses::add(&mut world, random);
    world
}

/// A night on which the keys of an account are not listed.
fn listing_refused(world: &World, random: &mut fastrand::Rng) -> Refusal {
    let account = random.usize(..world.accounts.len());
    Refusal {
        account: Some(world.accounts[account].id.clone()),
        operation: "kms:ListKeys".to_owned(),
        ..Refusal::default()
    }
}

/// Damages the last report of both.
fn damage(due: &Scenario, full: &Scenario, random: &mut fastrand::Rng) {
    let file = ["keys.csv", "summary.json"][random.usize(..2)];
    for scenario in [due, full] {
        let named = scenario.aws.objects(BUCKET).into_iter();
        for key in named.filter(|key| key.ends_with(file)) {
            scenario.aws.put_object(BUCKET, &key, "cut");
        }
    }
}

/// Every verdict, flag and change is that of a full read, and of what is not `in_use` all the rest.
fn compare(due: &Run, full: &Run, night: u8, broken: &mut Vec<String>) {
    if let (Err(error), _) | (_, Err(error)) = (&due.outcome, &full.outcome) {
        broken.push(format!("night {night}: {error:?}"));
        return;
    }
    let asked = [due, full].map(|run| run.sent(LAST_USAGE));
    if asked[0] > asked[1] {
        broken.push(format!("night {night}: {asked:?} last uses were read"));
    }
    if due.latest("coverage.csv") != full.latest("coverage.csv") {
        broken.push(format!(
            "night {night}: coverage.csv differs from that of a full read"
        ));
    }
    let [changes, of_full] = [due, full].map(changes_of);
    if changes != of_full {
        broken.push(format!(
            "night {night}: {changes:?} differ from those of a full read, {of_full:?}"
        ));
    }
    let rows = |run: &Run| -> BTreeMap<OwnedKeyIdentity, Row> {
        let rows = run.rows("keys.csv").into_iter();
        rows.map(|row| (owned_identity(&row), row)).collect()
    };
    let (rows_of_due, rows_of_full) = (rows(due), rows(full));
    if !rows_of_due.keys().eq(rows_of_full.keys()) {
        broken.push(format!(
            "night {night}: keys differ from those of a full read"
        ));
    }
    for ((identity, row), full) in rows_of_due.iter().zip(rows_of_full.values()) {
        let may_lag = row["verdict"] == "in_use";
        for (column, value) in row.iter() {
            let is_same = *value == full[column] || may_lag && MAY_LAG.contains(&column.as_str());
            if !is_same {
                let full = &full[column];
                broken.push(format!(
                    "night {night}: {identity:?} has {column} {value:?}, by a full read {full:?}"
                ));
            }
        }
        if row["last_used_at"] > full["last_used_at"] {
            broken.push(format!(
                "night {night}: {identity:?} was used earlier than that"
            ));
        }
    }
}

/// The rows of `changes.csv`. What is gone has the owner that the last report has, which may be of an
/// earlier night.
fn changes_of(run: &Run) -> Vec<Vec<(String, String)>> {
    let rows = run.rows("changes.csv").into_iter();
    let rows = rows.map(|row| {
        let is_gone = row["change"] == "gone";
        let cells = row
            .iter()
            .filter(|(column, _)| !(is_gone && *column == "owner"));
        cells
            .map(|(column, value)| (column.clone(), value.clone()))
            .collect()
    });
    rows.collect()
}
