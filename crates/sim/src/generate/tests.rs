use std::collections::BTreeMap;

use super::*;

fn customer_keys(world: &World) -> impl Iterator<Item = (&Account, &Key)> {
    world
        .keys()
        .filter(|(_, key)| key.manager == KeyManager::Customer)
}

fn generator(accounts: usize, regions: usize, keys: usize, seed: u64) -> Generator {
    Generator {
        accounts,
        regions,
        keys,
        seed,
        ..Generator::default()
    }
}

#[test]
fn there_are_exactly_so_many_customer_keys_and_only_in_active_accounts() {
    for (accounts, regions, keys, seed) in [
        (1, 1, 0, 1),
        (1, 1, 5, 2),
        (20, 4, 500, 3),
        (60, 17, 1000, 4),
        (9, 34, 333, 5),
    ] {
        let world = generator(accounts, regions, keys, seed).generate();
        assert_eq!(world.accounts.len(), accounts);
        assert_eq!(customer_keys(&world).count(), keys, "seed {seed}");
        assert!(
            world
                .keys()
                .all(|(account, _)| account.state == AccountState::Active)
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let first = generator(30, 6, 400, 42).generate();
    assert_eq!(first, generator(30, 6, 400, 42).generate());
    assert_ne!(first, generator(30, 6, 400, 43).generate());
}

#[test]
fn a_generated_world_survives_the_way_through_its_file() {
    let world = generator(60, 6, 300, 9).generate();
    let read = World::parse(&world.to_toml()).unwrap();
    assert_eq!(read, world);
}

#[test]
fn every_verdict_occurs_and_follows_from_the_keys_own_dates() {
    let world = generator(60, 6, 2000, 11).generate();
    let mut seen = BTreeMap::<_, usize>::new();
    for (_, key) in world.keys() {
        if let Some(expected) = &key.expect {
            *seen.entry(expected.clone()).or_default() += 1;
            let denied = expected == "unreadable";
            assert_eq!(verdict(key, generator(1, 1, 1, 1).now, denied), expected);
        }
    }
    let verdicts: Vec<_> = seen.keys().map(String::as_str).collect();
    let all = [
        "aws_managed",
        "in_use",
        "never_used",
        "pending_deletion",
        "stale",
        "undecided",
        "unreadable",
        "unused_since_tracking",
    ];
    assert_eq!(verdicts, all, "{seen:?}");
}

#[test]
fn a_use_lies_between_the_beginning_of_tracking_and_now() {
    let world = generator(40, 5, 2000, 12).generate();
    let now = world.now.unwrap();
    for (_, key) in world.keys() {
        let created = key.created.resolve(now);
        assert!(created < now);
        if let Some(used) = key.last_used.map(|moment| moment.resolve(now)) {
            assert!(created < used && crate::world::tracking_began() < used && used < now);
        }
    }
}

#[test]
fn keys_that_no_report_can_have_expect_nothing() {
    let world = generator(60, 6, 2000, 13).generate();
    let denied = |account: &Account, key: &Key| {
        world.refusals.iter().any(|refusal| {
            refusal.key.is_none()
                && refusal.account.as_ref() == Some(&account.id)
                && refusal.region.as_ref() == Some(&key.region)
        })
    };
    let mut hidden = 0;
    for (account, key) in world.keys() {
        let unseen = account.role.is_empty() || denied(account, key);
        assert_eq!(key.expect.is_none(), unseen, "{} {}", account.id, key.id);
        hidden += usize::from(unseen);
    }
    assert!(hidden > 0);
}

#[test]
fn without_refusals_every_key_expects_a_verdict() {
    let world = Generator {
        refusals: false,
        ..generator(60, 6, 500, 14)
    }
    .generate();
    assert!(world.refusals.is_empty());
    assert!(world.keys().all(|(_, key)| {
        key.expect
            .as_deref()
            .is_some_and(|verdict| verdict != "unreadable")
    }));
}

#[test]
fn a_replica_shares_its_primarys_id() {
    let world = generator(20, 4, 2000, 15).generate();
    let replicas: Vec<_> = customer_keys(&world)
        .filter(|(_, key)| key.multi_region == Some(MultiRegion::Replica))
        .collect();
    assert!(!replicas.is_empty());
    for (account, replica) in replicas {
        let primaries = account.keys.iter().filter(|key| {
            key.id == replica.id && Some(&key.region) == replica.multi_region_primary.as_ref()
        });
        assert_eq!(primaries.count(), 1);
    }
}

#[test]
fn the_example_worlds_expect_what_follows_from_their_dates() {
    let demo = include_str!("../../../../examples/worlds/demo.toml");
    let minimal = include_str!("../../../../examples/worlds/minimal.toml");
    let mut seen = HashSet::new();
    for text in [demo, minimal] {
        let world = World::parse(text).unwrap_or_else(|error| panic!("{error}"));
        for now in ["2026-11-21T12:00:00Z", "2027-11-21T12:00:00Z"] {
            let now = world.now.unwrap_or_else(|| now.parse().unwrap());
            for (account, key) in world.keys() {
                let Some(expected) = &key.expect else {
                    continue;
                };
                let denied = world.refusals.iter().any(|refusal| {
                    refusal.times.is_none()
                        && refusal.key.as_ref().is_some_and(|name| key.is_called(name))
                });
                let name = format!("{} {:?}", account.name, key.aliases);
                assert_eq!(verdict(key, now, denied), expected, "{name}");
                assert_eq!(
                    key.expect_flagged.unwrap_or(false),
                    is_flagged(key, expected),
                    "{name}"
                );
                let used = key.last_used.map(|moment| moment.resolve(now));
                assert!(
                    used.is_none_or(|used| used > crate::world::tracking_began()),
                    "{name}"
                );
                seen.insert(expected.clone());
            }
        }
    }
    assert_eq!(seen.len(), 8, "every verdict has its story: {seen:?}");
}
