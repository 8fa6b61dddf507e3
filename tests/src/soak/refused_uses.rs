//! Refused uses of keys that are disabled or pending deletion: those that CloudTrail has are counted once,
//! whatever faults there are.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use keycensus_sim::{
    World,
    world::{Account, Key, KeyState, Moment, TrailEvent},
};

use super::{Row, identity};
use crate::NOW;

/// Attempts are not older than this, and so later than the last use of every key that has some.
const LONGEST_AGO: i64 = 40 * 24;

/// Lets somebody attempt to use some keys for which KMS refuses that: before the first night, between the
/// nights, and just before each. Some records do not name the key, and some are delivered late.
pub(super) fn add(world: &mut World, random: &mut fastrand::Rng) {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    for account in &mut world.accounts {
        for key in account.keys.iter().filter(|key| may_be_attempted(key)) {
            if random.bool() {
                continue;
            }
            for _ in 0..random.usize(1..70) {
                let seconds = random.i64(-50 * 3_600..LONGEST_AGO * 3_600);
                let time = now - SignedDuration::from_secs(seconds);
                let delay = random.i64(0..60);
                account.trail_events.push(TrailEvent {
                    key: Some(key.id.clone()),
                    id: format!("{:032x}", random.u128(..)),
                    error_code: Some("KMSInvalidStateException".to_owned()),
                    names_key: random.u8(..5) > 0,
                    delivered: Some(Moment::At(time + SignedDuration::from_mins(delay))),
                    ..TrailEvent::new(&*key.region, Moment::At(time))
                });
            }
        }
    }
}

fn may_be_attempted(key: &Key) -> bool {
    is_stopped(key) && key.last_used.is_none()
}

fn is_stopped(key: &Key) -> bool {
    matches!(
        key.state,
        KeyState::Disabled | KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    )
}

/// Each key whose refused uses are counted has those that name it, until an hour before the run that began at
/// `now`; each other that is stopped says why not.
pub(super) fn are_true(world: &World, now: Timestamp, keys: &[Row], broken: &mut Vec<String>) {
    let truth: BTreeMap<(&str, &str, &str), (&Account, &Key)> = world
        .keys()
        .map(|(account, key)| ((&*account.id, &*key.region, &*key.id), (account, key)))
        .collect();
    for row in keys.iter().filter(|row| row["kind"] == "kms_key") {
        let [account, region, _, id] = identity(row);
        let Some((account, key)) = truth.get(&(account, region, id)) else {
            continue;
        };
        let is_looked_for =
            is_stopped(key) && row["manager"] == "customer" && !row["state"].is_empty();
        let counted = &*row["refused_uses"];
        let has_gap = row["gaps"].contains(r#""of":"refused_uses""#);
        let uses = attempts(account, key);
        let until = now - SignedDuration::from_hours(1);
        let expected = uses.iter().filter(|time| **time <= until).count();
        let is_right = match (is_looked_for, counted) {
            (true, "") => has_gap,
            (true, counted) => !has_gap && *counted == expected.to_string(),
            (false, counted) => counted.is_empty() && !has_gap,
        };
        if !is_right {
            broken.push(format!(
                "{:?}: refused uses {counted:?}, not {expected}, gaps {:?}",
                identity(row),
                row["gaps"]
            ));
        }
        let is_back = ["enable_again", "cancel_deletion"].contains(&&*row["recommendation"]);
        if is_back && uses.is_empty() {
            broken.push(format!("{:?} is needed by nobody", identity(row)));
        }
    }
}

/// When somebody attempted to use a key, as far as records name it.
fn attempts(account: &Account, key: &Key) -> Vec<Timestamp> {
    let of_key = account.trail_events.iter().filter(|event| {
        event.names_key
            && event.region == key.region
            && event.key.as_deref() == Some(&*key.id)
            && event.error_code.is_some()
    });
    let times = of_key.map(|event| event.time.resolve(Timestamp::UNIX_EPOCH));
    times.collect()
}
