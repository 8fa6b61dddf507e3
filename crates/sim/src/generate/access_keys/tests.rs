use std::collections::BTreeSet;

use super::*;
use crate::world::HeldAccessKey;

fn generator() -> Generator {
    Generator {
        accounts: 400,
        regions: 3,
        keys: 300,
        seed: 21,
        ..Generator::default()
    }
}

fn is_denied(world: &World, held: &HeldAccessKey<'_>, operation: &str) -> bool {
    world.refusals.iter().any(|refusal| {
        refusal.account.as_ref() == Some(&held.account.id)
            && refusal.operation == operation
            && refusal.key.as_deref().is_none_or(|key| key == held.id)
    })
}

#[test]
fn every_active_account_has_so_many_users_with_two_keys_at_most() {
    let world = generator().generate();
    let mut keys = BTreeSet::new();
    for account in &world.accounts {
        let active = account.state == AccountState::Active;
        assert_eq!(account.users.len(), if active { 5 } else { 0 });
        keys.extend(account.users.iter().map(|user| user.access_keys.len()));
    }
    assert!(keys.into_iter().eq([0, 1, 2]));
    let with_root_key = |account: &&Account| !account.root_access_keys.is_empty();
    let rooted = world.accounts.iter().filter(with_root_key).count();
    assert!((25..=60).contains(&rooted), "{rooted}");

    let none = Generator {
        users_per_account: 0,
        ..generator()
    };
    assert!(
        none.generate()
            .accounts
            .iter()
            .all(|account| account.users.is_empty())
    );
}

#[test]
fn users_and_their_keys_do_not_disturb_kms_keys() {
    let kms = |users_per_account| {
        let generator = Generator {
            users_per_account,
            ..generator()
        };
        let accounts = generator.generate().accounts;
        accounts
            .into_iter()
            .map(|account| account.keys)
            .collect::<Vec<_>>()
    };
    assert_eq!(kms(0), kms(9));
}

#[test]
fn every_verdict_on_an_access_key_occurs_and_follows_from_its_own_dates() {
    let world = generator().generate();
    let mut seen = BTreeSet::new();
    let mut exempt = 0;
    for held in world.access_keys() {
        let Some(expected) = &held.key.expect else {
            continue;
        };
        let denied = is_denied(&world, &held, "iam:GetAccessKeyLastUsed");
        assert_eq!(
            access_key_verdict(held.key, generator().now, denied),
            expected
        );
        let is_exempt = held.user.is_some_and(|user| user.tags.contains_key(EXEMPT));
        let flagged = is_unused(expected) && !is_exempt;
        assert_eq!(held.key.expect_flagged, Some(flagged));
        exempt += usize::from(is_unused(expected) && is_exempt);
        seen.insert(expected.as_str());
    }
    let all = [
        "in_use",
        "never_used",
        "stale",
        "undecided",
        "unreadable",
        "unused_since_tracking",
    ];
    assert!(seen.iter().eq(&all), "{seen:?}");
    assert!(exempt > 0);
}

#[test]
fn access_keys_that_no_report_can_have_expect_nothing() {
    let world = generator().generate();
    let (mut shown, mut hidden) = (0, 0);
    for held in world.access_keys() {
        let without_report =
            held.user.is_none() && is_denied(&world, &held, "iam:GenerateCredentialReport");
        let unseen = held.account.role.is_empty() || without_report;
        assert_eq!(held.key.expect.is_none(), unseen, "{held:?}");
        shown += usize::from(held.user.is_none() && !unseen);
        hidden += usize::from(without_report);
    }
    assert!(shown > 0 && hidden > 0, "{shown}, {hidden}");
}

#[test]
fn a_use_of_an_access_key_lies_between_its_creation_and_now() {
    let now = generator().now;
    for held in generator().generate().access_keys() {
        let created = held.key.created().resolve(now);
        assert!(created < now);
        if let Some(user) = held.user {
            assert!(user.created.resolve(now) <= created);
        }
        if let Some(used) = held.key.last_used {
            let used = used.resolve(now);
            assert!(created < used && used < now);
        }
    }
}

#[test]
fn the_worlds_in_this_repository_expect_what_follows_from_their_dates() {
    for (text, verdicts) in [
        (include_str!("../../../../../examples/worlds/demo.toml"), 5),
        (
            include_str!("../../../../../examples/worlds/minimal.toml"),
            3,
        ),
        (
            include_str!("../../../../../tests/worlds/every_verdict.toml"),
            6,
        ),
        (
            include_str!("../../../../../tests/worlds/hostile_text.toml"),
            3,
        ),
    ] {
        let mut world = World::parse(text).unwrap_or_else(|error| panic!("{error}"));
        let now = world.now.unwrap_or(generator().now);
        world.forget_deleted(now);
        let mut seen = BTreeSet::new();
        for held in world.access_keys() {
            let without_report =
                held.user.is_none() && is_denied(&world, &held, "iam:GetCredentialReport");
            let unseen = held.account.role.is_empty() && held.account.id != MANAGEMENT;
            let denied = is_denied(&world, &held, "iam:GetAccessKeyLastUsed");
            let expected =
                (!unseen && !without_report).then(|| access_key_verdict(held.key, now, denied));
            assert_eq!(held.key.expect.as_deref(), expected, "{held:?}");
            let exempt = held.user.is_some_and(|user| user.tags.contains_key(EXEMPT));
            assert_eq!(
                held.key.expect_flagged,
                expected.map(|verdict| is_unused(verdict) && !exempt),
                "{held:?}"
            );
            seen.extend(expected);
        }
        assert_eq!(seen.len(), verdicts, "{seen:?}");
    }
}
