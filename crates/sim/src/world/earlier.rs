//! The same world some time earlier: every fact with a later date is undone.

use jiff::{SignedDuration, Timestamp};

use super::{AccessKey, Account, Key, Moment, Password, Secret, World};

impl World {
    /// The world as it was `by` before `now`; it begins then. Later creations, deletions and changes of state are undone.
    /// A key whose last use is later has the use of `used_before`, or else one that is as long before the beginning as
    /// its last use is before `now`.
    #[must_use]
    pub fn earlier(mut self, now: Timestamp, by: SignedDuration) -> Self {
        let at = now.checked_sub(by).unwrap_or(Timestamp::MIN);
        let view = View { now, at };
        for account in &mut self.accounts {
            view.turn_back(account);
        }
        self.now = Some(at);
        self
    }

    /// Forgets the keys that are deleted when the world begins.
    pub(crate) fn forget_deleted(&mut self, now: Timestamp) {
        let is_there = |deleted: Option<Moment>| deleted.is_none_or(|at| at.resolve(now) > now);
        for account in &mut self.accounts {
            account.keys.retain(|key| is_there(key.deleted));
            let of_root = &mut account.root_access_keys;
            of_root.retain(|key| is_there(key.deleted));
            for user in &mut account.users {
                user.access_keys.retain(|key| is_there(key.deleted));
                let credentials = &mut user.service_credentials;
                credentials.retain(|credential| is_there(credential.deleted));
            }
        }
    }
}

/// The world of `now`, seen at `at`, which is earlier.
#[derive(Clone, Copy)]
struct View {
    now: Timestamp,
    at: Timestamp,
}

impl View {
    fn turn_back(self, account: &mut Account) {
        account.keys.retain(|key| !self.is_to_come(key.created));
        self.turn_back_dependents(account);
        account.users.retain(|user| !self.is_to_come(user.created));
        for key in &mut account.keys {
            self.turn_back_key(key);
        }
        account.secrets.retain(|it| !self.is_to_come(it.created));
        for secret in &mut account.secrets {
            self.turn_back_secret(secret);
        }
        for user in &mut account.users {
            self.move_back(&mut user.created);
            user.access_keys
                .retain(|key| !self.is_to_come(key.created()));
            let credentials = &mut user.service_credentials;
            credentials.retain(|credential| !self.is_to_come(credential.created()));
            for credential in credentials {
                for date in [
                    &mut credential.created,
                    &mut credential.expires,
                    &mut credential.deleted,
                ] {
                    self.move_back_each(date);
                }
            }
        }
        account
            .root_access_keys
            .retain(|key| !self.is_to_come(key.created()));
        let of_users = account.users.iter_mut();
        let of_users = of_users.flat_map(|user| &mut user.access_keys);
        for key in of_users.chain(&mut account.root_access_keys) {
            self.turn_back_access_key(key);
        }
        self.turn_back_password(&mut account.root_password);
        for user in &mut account.users {
            self.turn_back_password(&mut user.password);
        }
        let report = &mut account.credential_report.age;
        *report = report.filter(|age| !self.is_to_come(*age));
        self.move_back_each(report);
    }

    fn turn_back_key(self, key: &mut Key) {
        if key.state_since.is_some_and(|since| self.is_to_come(since))
            && let Some(before) = key.state_before
        {
            key.state = before;
        }
        self.turn_back_use(&mut key.last_used, key.used_before);
        self.move_back(&mut key.created);
        let dates = [
            &mut key.state_since,
            &mut key.deleted,
            &mut key.last_used,
            &mut key.used_before,
            &mut key.tracking_start,
            &mut key.deletion_date,
        ];
        let dates = dates.into_iter().flatten();
        for date in dates.chain(&mut key.rotations) {
            self.move_back(date);
        }
    }

    /// What depends on keys, and the events of CloudTrail.
    fn turn_back_dependents(self, account: &mut Account) {
        let volumes = &mut account.volumes;
        volumes.retain(|volume| !self.is_to_come(volume.created));
        let snapshots = &mut account.snapshots;
        snapshots.retain(|snapshot| !self.is_to_come(snapshot.created));
        let events = &mut account.trail_events;
        events.retain(|event| !self.is_to_come(event.time));
        for key in &mut account.keys {
            key.grants.retain(|grant| !self.is_to_come(grant.created));
        }
        let grants = account.keys.iter_mut().flat_map(|key| &mut key.grants);
        let dates = (volumes.iter_mut().map(|volume| &mut volume.created))
            .chain(snapshots.iter_mut().map(|snapshot| &mut snapshot.created))
            .chain(
                events
                    .iter_mut()
                    .flat_map(|event| [Some(&mut event.time), event.delivered.as_mut()])
                    .flatten(),
            )
            .chain(grants.map(|grant| &mut grant.created));
        for date in dates {
            self.move_back(date);
        }
    }

    /// A password that was changed later is not there yet.
    fn turn_back_password(self, password: &mut Option<Password>) {
        password.take_if(|password| self.is_to_come(password.changed()));
        if let Some(password) = password {
            self.turn_back_use(&mut password.last_used, password.used_before);
            for date in [
                &mut password.changed,
                &mut password.last_used,
                &mut password.used_before,
            ] {
                self.move_back_each(date);
            }
        }
    }

    fn turn_back_secret(self, secret: &mut Secret) {
        self.turn_back_use(&mut secret.last_accessed, secret.accessed_before);
        self.move_back(&mut secret.created);
        for date in [
            &mut secret.last_accessed,
            &mut secret.accessed_before,
            &mut secret.deleted,
        ] {
            self.move_back_each(date);
        }
    }

    fn turn_back_access_key(self, key: &mut AccessKey) {
        self.turn_back_use(&mut key.last_used, key.used_before);
        for date in [
            &mut key.created,
            &mut key.deleted,
            &mut key.last_used,
            &mut key.used_before,
        ] {
            self.move_back_each(date);
        }
    }

    fn turn_back_use(self, last: &mut Option<Moment>, before: Option<Moment>) {
        if let Some(used) = *last
            && self.is_to_come(used)
        {
            let ago = self.now.duration_since(used.resolve(self.now));
            let as_long_before = self.at.checked_sub(ago).unwrap_or(Timestamp::MIN);
            *last = before.or(Some(Moment::At(as_long_before)));
        }
    }

    fn is_to_come(self, moment: Moment) -> bool {
        moment.resolve(self.now) > self.at
    }

    fn move_back_each(self, moments: &mut Option<Moment>) {
        if let Some(moment) = moments {
            self.move_back(moment);
        }
    }

    /// Its date stays, from wherever ages are counted.
    fn move_back(self, moment: &mut Moment) {
        *moment = Moment::At(moment.resolve(self.now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::KeyState;

    fn now() -> Timestamp {
        "2026-11-21T02:00:00Z".parse().unwrap()
    }

    fn world(keys: &str) -> World {
        World::parse(&format!("[[account]]\nid = \"111111111111\"\n{keys}")).unwrap()
    }

    fn key(more: &str) -> String {
        format!("[[account.key]]\nregion = \"us-east-1\"\n{more}\n")
    }

    fn a_day_earlier(world: World) -> World {
        world.earlier(now(), SignedDuration::from_hours(24))
    }

    #[test]
    fn dates_stay_where_they_are_and_the_clock_shows_the_earlier_day() {
        let keys = key("created = \"300d\"\nlast_used = \"2026-11-01T00:00:00Z\"");
        let earlier = a_day_earlier(world(&keys));
        let at = earlier.now.unwrap();
        assert_eq!(at.to_string(), "2026-11-20T02:00:00Z");
        let [key] = &earlier.accounts[0].keys[..] else {
            panic!()
        };
        assert_eq!(key.created.resolve(at).to_string(), "2026-01-25T02:00:00Z");
        assert_eq!(
            key.last_used.unwrap().resolve(at).to_string(),
            "2026-11-01T00:00:00Z"
        );
    }

    #[test]
    fn what_has_happened_since_then_has_not() {
        let keys = [
            key("id = \"new\"\ncreated = \"5h\""),
            key("id = \"used\"\nlast_used = \"5h\"\nused_before = \"120d\""),
            key("id = \"often-used\"\nlast_used = \"5h\""),
            key(
                "id = \"disabled\"\nstate = \"Disabled\"\nstate_before = \"Enabled\"\nstate_since = \"5h\"",
            ),
            key(
                "id = \"long-disabled\"\nstate = \"Disabled\"\nstate_before = \"Enabled\"\nstate_since = \"5d\"",
            ),
            key("id = \"deleted\"\ndeleted = \"5h\""),
            key("id = \"long-deleted\"\ndeleted = \"5d\""),
        ];
        let there = |mut world: World| {
            let now = world.now.unwrap_or(now());
            world.forget_deleted(now);
            let key = |key: &Key| {
                let used = key
                    .last_used
                    .map(|used| now.duration_since(used.resolve(now)).as_hours());
                (key.id.clone(), key.state, used)
            };
            world.accounts[0].keys.iter().map(key).collect::<Vec<_>>()
        };
        let row = |id: &str, state, used| (id.to_owned(), state, used);
        let (on, off) = (KeyState::Enabled, KeyState::Disabled);
        assert_eq!(
            there(world(&keys.concat())),
            [
                row("new", on, None),
                row("used", on, Some(5)),
                row("often-used", on, Some(5)),
                row("disabled", off, None),
                row("long-disabled", off, None),
            ]
        );
        assert_eq!(
            there(a_day_earlier(world(&keys.concat()))),
            [
                row("used", on, Some(119 * 24)),
                row("often-used", on, Some(5)),
                row("disabled", on, None),
                row("long-disabled", off, None),
                row("deleted", on, None),
            ]
        );
    }

    #[test]
    fn what_depends_on_keys_is_there_when_it_was() {
        let depending = key(
            "id = \"k\"\n[[account.key.grant]]\ngrantee = \"new\"\ncreated = \"5h\"\n\
             [[account.key.grant]]\ngrantee = \"old\"\ncreated = \"5d\"",
        ) + "[[account.volume]]\nregion = \"us-east-1\"\nid = \"vol-new\"\ncreated = \"5h\"\n\
               [[account.volume]]\nregion = \"us-east-1\"\nid = \"vol-old\"\ncreated = \"5d\"\n\
               [[account.snapshot]]\nregion = \"us-east-1\"\nid = \"snap-new\"\ncreated = \"5h\"\n\
               [[account.trail_event]]\nregion = \"us-east-1\"\nkey = \"k\"\ntime = \"5h\"\n\
               [[account.trail_event]]\nregion = \"us-east-1\"\nkey = \"k\"\ntime = \"5d\"\n";
        let earlier = a_day_earlier(world(&depending));
        let at = earlier.now.unwrap();
        let account = &earlier.accounts[0];
        let ([grant], [volume], [], [event]) = (
            &account.keys[0].grants[..],
            &account.volumes[..],
            &account.snapshots[..],
            &account.trail_events[..],
        ) else {
            panic!("{account:?}")
        };
        assert_eq!((&*grant.grantee, &*volume.id), ("old", "vol-old"));
        for date in [grant.created, volume.created, event.time] {
            assert_eq!(at.duration_since(date.resolve(at)).as_hours(), 4 * 24);
        }
    }

    #[test]
    fn users_and_access_keys_are_turned_back_too() {
        let users = "[[account.user]]\nname = \"new\"\ncreated = \"5h\"\n\
                     [[account.user]]\nname = \"old\"\n\
                     [[account.user.access_key]]\ncreated = \"5h\"\n\
                     [[account.user.access_key]]\nlast_used = \"5h\"\nused_before = \"120d\"\n\
                     [[account.user.access_key]]\ndeleted = \"5h\"\n\
                     [[account.root_access_key]]\ncreated = \"5h\"\n";
        let earlier = a_day_earlier(world(users));
        let at = earlier.now.unwrap();
        let account = &earlier.accounts[0];
        assert!(account.root_access_keys.is_empty());
        let [user] = &account.users[..] else { panic!() };
        let [key, _deleted] = &user.access_keys[..] else {
            panic!()
        };
        let used = key.last_used.unwrap().resolve(at);
        assert_eq!(at.duration_since(used).as_hours(), 119 * 24);
    }
}
