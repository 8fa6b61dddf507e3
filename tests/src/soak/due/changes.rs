//! What happens to an organization between two nights.

use jiff::{SignedDuration, Timestamp};
use keycensus_sim::{
    World,
    world::{AccessKeyStatus, Account, Key, KeyManager, KeyState, Moment, Password, User},
};

use crate::NOW;

const EXEMPT: &str = "keycensus:exempt";
const SECONDS_A_DAY: i64 = 86_400;

/// A T of a few days, so that D + T comes on one of the nights, or the usual one.
pub(super) fn threshold(random: &mut fastrand::Rng) -> i64 {
    [2, 3, 5, 10, 60, 90][random.usize(..6)]
}

/// Has every moment stay what it is on the first night.
pub(super) fn pin(world: &mut World) {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let pin = |moment: &mut Moment| *moment = Moment::At(moment.resolve(now));
    for account in &mut world.accounts {
        for key in &mut account.keys {
            pin(&mut key.created);
            let optional = [
                &mut key.last_used,
                &mut key.used_before,
                &mut key.tracking_start,
                &mut key.deletion_date,
                &mut key.state_since,
            ];
            optional.into_iter().flatten().for_each(pin);
            key.rotations.iter_mut().for_each(pin);
        }
        let users = account.users.iter_mut();
        for user in users {
            pin(&mut user.created);
            let keys = user.access_keys.iter_mut();
            keys.flat_map(|key| [&mut key.created, &mut key.last_used])
                .flatten()
                .for_each(pin);
            pin_password(user.password.as_mut(), pin);
        }
        let roots = account.root_access_keys.iter_mut();
        roots
            .flat_map(|key| [&mut key.created, &mut key.last_used])
            .flatten()
            .for_each(pin);
        pin_password(account.root_password.as_mut(), pin);
    }
}

fn pin_password(password: Option<&mut Password>, pin: impl Fn(&mut Moment)) {
    if let Some(password) = password {
        let moments = [&mut password.changed, &mut password.last_used];
        moments.into_iter().flatten().for_each(pin);
    }
}

/// Has some keys come to their D + T on one of the nights, to the second.
pub(super) fn put_some_at_their_threshold(
    world: &mut World,
    stale_after_days: i64,
    random: &mut fastrand::Rng,
) {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let mut at = || {
        let nights = random.i64(0..3) * SECONDS_A_DAY;
        let seconds = nights + random.i64(-1..2) - stale_after_days * SECONDS_A_DAY;
        (random.u8(..3) == 0).then(|| Moment::At(now + SignedDuration::from_secs(seconds)))
    };
    for account in &mut world.accounts {
        for key in &mut account.keys {
            put(&mut key.last_used, key.created, at());
        }
        for key in account
            .users
            .iter_mut()
            .flat_map(|user| &mut user.access_keys)
        {
            let created = key.created();
            put(&mut key.last_used, created, at());
        }
    }
}

/// Puts a use that is recorded to another moment, if that is after the creation.
fn put(last_used: &mut Option<Moment>, created: Moment, at: Option<Moment>) {
    let now: Timestamp = NOW.parse().unwrap_or_default();
    let is_later = |at: &Moment| at.resolve(now) > created.resolve(now);
    if last_used.is_some()
        && let Some(at) = at.filter(is_later)
    {
        *last_used = Some(at);
    }
}

/// Uses, disables, tags, makes and deletes keys.
pub(super) fn between(
    world: &mut World,
    from: Timestamp,
    until: Timestamp,
    random: &mut fastrand::Rng,
) {
    for account in &mut world.accounts {
        let mut keys = Vec::new();
        for mut key in std::mem::take(&mut account.keys) {
            let is_gone = key.manager == KeyManager::Customer
                && key.multi_region.is_none()
                && random.u8(..20) == 0;
            if !is_gone {
                change_key(&mut key, (from, until), random);
                keys.push(key);
            }
        }
        account.keys = keys;
        if random.u8(..3) == 0 {
            let key = new_key(account, (from, until), random);
            account.keys.extend(key);
        }
        account.users.retain(|_| random.u8(..20) != 0);
        for user in &mut account.users {
            change_user(user, (from, until), random);
        }
        for key in &mut account.root_access_keys {
            if random.u8(..4) == 0 {
                key.last_used = Some(moment((from, until), random));
            }
        }
    }
}

/// A moment between two nights; some are not whole seconds.
fn moment((from, until): (Timestamp, Timestamp), random: &mut fastrand::Rng) -> Moment {
    // What is used in the last hours may be later than a credential report.
    let between = until.as_millisecond() - from.as_millisecond() - 6 * 3_600_000;
    let at = from.as_millisecond() + random.i64(1..between);
    Moment::At(Timestamp::from_millisecond(at).unwrap_or(from))
}

fn change_key(key: &mut Key, nights: (Timestamp, Timestamp), random: &mut fastrand::Rng) {
    if key.manager == KeyManager::Aws {
        return;
    }
    match random.u8(..20) {
        0..4 if key.state == KeyState::Enabled => key.last_used = Some(moment(nights, random)),
        4 => match key.state {
            KeyState::Enabled => key.state = KeyState::Disabled,
            KeyState::Disabled => key.state = KeyState::Enabled,
            KeyState::PendingDeletion => {
                key.state = KeyState::Disabled;
                key.deletion_date = None;
            }
            _ => {}
        },
        5 if [KeyState::Enabled, KeyState::Disabled].contains(&key.state)
            && key.multi_region.is_none() =>
        {
            key.state = KeyState::PendingDeletion;
            let in_a_week = nights.1 + SignedDuration::from_hours(7 * 24);
            key.deletion_date = Some(Moment::At(in_a_week));
        }
        6..8 => change_tag(&mut key.tags, random),
        _ => {}
    }
}

fn change_tag(tags: &mut std::collections::BTreeMap<String, String>, random: &mut fastrand::Rng) {
    let tag = [EXEMPT, "owner", "team"][random.usize(..3)];
    if tags.remove(tag).is_none() {
        tags.insert(tag.to_owned(), "changed".to_owned());
    }
}

/// A key that was made between two nights; some were used since.
fn new_key(
    account: &Account,
    nights: (Timestamp, Timestamp),
    random: &mut fastrand::Rng,
) -> Option<Key> {
    let mut key = Key::new(account.regions.first()?);
    key.id = format!(
        "{:08x}-0000-4000-8000-{:012x}",
        random.u32(..),
        random.u32(..)
    );
    key.created = Moment::At(nights.0 + SignedDuration::from_secs(1));
    key.last_used = random.bool().then(|| moment(nights, random));
    Some(key)
}

fn change_user(user: &mut User, nights: (Timestamp, Timestamp), random: &mut fastrand::Rng) {
    for key in &mut user.access_keys {
        match random.u8(..10) {
            0..2 if key.status == AccessKeyStatus::Active => {
                key.last_used = Some(moment(nights, random));
                key.service = Some("s3".to_owned());
                key.last_used_region = Some("us-east-1".to_owned());
            }
            2 => {
                key.status = match key.status {
                    AccessKeyStatus::Active => AccessKeyStatus::Inactive,
                    AccessKeyStatus::Inactive => AccessKeyStatus::Active,
                }
            }
            _ => {}
        }
    }
    if let Some(password) = &mut user.password {
        match random.u8(..10) {
            0..2 => password.last_used = Some(moment(nights, random)),
            2 => password.changed = Some(moment(nights, random)),
            _ => {}
        }
    }
    if random.u8(..8) == 0 {
        change_tag(&mut user.tags, random);
    }
}
