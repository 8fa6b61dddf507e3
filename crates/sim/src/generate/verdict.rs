//! The expected verdict on a key: a second implementation, against which reports are checked.

use jiff::Timestamp;

use crate::world::{
    AccessKey, Key, KeyManager, KeyState, Moment, Password, Secret, tracking_began,
};

/// Days without a use from which a key is stale.
const THRESHOLD: i64 = 90;

/// The tag that exempts a key, or the keys of a user.
pub(super) const EXEMPT: &str = "keycensus:exempt";

const SECONDS_A_DAY: i64 = 86_400;

/// The verdict on a key at `now`. `denied`: its usage cannot be read.
pub(super) fn verdict(key: &Key, now: Timestamp, denied: bool) -> &'static str {
    if key.manager == KeyManager::Aws {
        return "aws_managed";
    }
    if matches!(
        key.state,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    ) {
        return "pending_deletion";
    }
    if denied {
        return "unreadable";
    }
    let created = key.created.resolve(now);
    let tracked_since = key.tracking_start.map_or_else(
        || created.max(tracking_began()),
        |moment| moment.resolve(now),
    );
    of_usage(key.last_used, created, tracked_since, now)
}

/// The verdict on an access key at `now`. `denied`: its usage cannot be read.
pub(super) fn access_key_verdict(key: &AccessKey, now: Timestamp, denied: bool) -> &'static str {
    if denied {
        return "unreadable";
    }
    let created = key.created().resolve(now);
    let tracked_since = created.max(iam_tracking_began());
    of_usage(key.last_used, created, tracked_since, now)
}

/// The verdict on a user's password at `now`.
pub(super) fn password_verdict(password: &Password, now: Timestamp) -> &'static str {
    let changed = password.changed().resolve(now);
    match password.last_used.map(|used| used.resolve(now)) {
        // The use was one of an earlier password.
        Some(used) if used < changed => {
            let verdict = of_usage(None, changed, changed, now);
            if verdict == "never_used" {
                "stale"
            } else {
                verdict
            }
        }
        Some(_) => of_usage(password.last_used, changed, changed, now),
        None => of_usage(None, changed, changed.max(passwords_recorded_again()), now),
    }
}

/// The verdict on a root user's password at `now`, of which it is not known when it was changed.
pub(super) fn root_password_verdict(password: &Password, now: Timestamp) -> &'static str {
    of_usage(
        password.last_used,
        Timestamp::UNIX_EPOCH,
        passwords_recorded_again(),
        now,
    )
}

/// When a time ended whose uses of passwords are not recorded (IAM API reference, `User`).
fn passwords_recorded_again() -> Timestamp {
    const SECONDS: i64 = 1_527_109_680;
    Timestamp::from_second(SECONDS).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// When IAM began to record last uses (IAM API reference, `AccessKeyLastUsed`).
fn iam_tracking_began() -> Timestamp {
    const SECONDS: i64 = 1_429_660_800;
    Timestamp::from_second(SECONDS).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn of_usage(
    last_used: Option<Moment>,
    created: Timestamp,
    tracked_since: Timestamp,
    now: Timestamp,
) -> &'static str {
    let idle_days =
        |since: Timestamp| (now.as_second() - since.as_second()).div_euclid(SECONDS_A_DAY);
    if let Some(used) = last_used {
        let fresh = idle_days(used.resolve(now)) < THRESHOLD;
        return if fresh { "in_use" } else { "stale" };
    }
    match (
        idle_days(tracked_since) >= THRESHOLD,
        created >= tracked_since,
    ) {
        (false, _) => "undecided",
        (true, true) => "never_used",
        (true, false) => "unused_since_tracking",
    }
}

/// The verdict on a secret at `now`. Its last retrieval is a day without a time: it counts from the end of that day.
pub(super) fn secret_verdict(secret: &Secret, now: Timestamp) -> &'static str {
    if secret.owning_service.is_some() {
        return "aws_managed";
    }
    let days = |second: i64| (now.as_second() - second).div_euclid(SECONDS_A_DAY);
    match secret.last_accessed.map(|at| at.resolve(now).as_second()) {
        Some(used) => {
            let next_day = (used.div_euclid(SECONDS_A_DAY) + 1) * SECONDS_A_DAY;
            let fresh = days(next_day) < THRESHOLD;
            if fresh { "in_use" } else { "stale" }
        }
        None if days(secret.created.resolve(now).as_second()) < THRESHOLD => "undecided",
        None => "unused_since_tracking",
    }
}

/// Whether a key with this verdict is flagged.
pub(super) fn is_flagged(key: &Key, verdict: &str) -> bool {
    is_unused(verdict) && !key.tags.contains_key(EXEMPT)
}

/// Whether a verdict means that a key is unused.
pub(super) fn is_unused(verdict: &str) -> bool {
    matches!(verdict, "stale" | "never_used" | "unused_since_tracking")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Moment;

    fn key(created: i64, last_used: Option<i64>) -> Key {
        Key {
            created: Moment::days_and_hours(created, 12),
            last_used: last_used.map(|days| Moment::days_and_hours(days, 12)),
            ..Key::new("eu-west-1")
        }
    }

    #[test]
    fn each_verdict_on_an_access_key_has_its_story() {
        assert_eq!(iam_tracking_began().to_string(), "2015-04-22T00:00:00Z");
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let key = |created: &str, last_used: Option<&str>| AccessKey {
            created: Some(created.parse().unwrap()),
            last_used: last_used.map(|used| used.parse().unwrap()),
            ..AccessKey::default()
        };
        for (key, expected) in [
            (key("1000d", Some("89d 12h")), "in_use"),
            (key("1000d", Some("90d")), "stale"),
            (key("90d", None), "never_used"),
            (key("89d 23h", None), "undecided"),
            (key("2015-04-22T00:00:00Z", None), "never_used"),
            (key("2015-04-21T23:59:59Z", None), "unused_since_tracking"),
        ] {
            assert_eq!(access_key_verdict(&key, now, false), expected, "{key:?}");
            assert_eq!(access_key_verdict(&key, now, true), "unreadable");
        }
    }

    #[test]
    fn each_verdict_has_its_story() {
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        for (key, expected) in [
            (key(1000, Some(0)), "in_use"),
            (key(1000, Some(89)), "in_use"),
            (key(1000, Some(90)), "stale"),
            (key(90, None), "never_used"),
            (key(89, None), "undecided"),
            (key(1000, None), "unused_since_tracking"),
        ] {
            assert_eq!(verdict(&key, now, false), expected);
        }
        assert_eq!(verdict(&key(1000, None), now, true), "unreadable");
        let soon_gone = Key {
            state: KeyState::PendingDeletion,
            ..key(1000, None)
        };
        assert_eq!(verdict(&soon_gone, now, true), "pending_deletion");
        let early: Timestamp = "2026-05-21T02:00:00Z".parse().unwrap();
        assert_eq!(verdict(&key(1000, None), early, false), "undecided");
    }
}
