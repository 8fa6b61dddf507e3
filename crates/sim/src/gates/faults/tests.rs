use super::*;
use crate::{aws::operation::Operation, call::Target};

const WORLD: &str = r#"
    [[account]]
    id = "222222222222"
    regions = ["eu-west-1", "us-east-1"]
    [[account.key]]
    region = "eu-west-1"
    aliases = ["alias/payments"]
    [[account.key]]
    region = "eu-west-1"
"#;

fn world(rules: impl IntoIterator<Item = FaultRule>) -> World {
    let mut world = World::parse(WORLD).unwrap();
    world.faults.extend(rules);
    world
}

fn attempt(world: &World) -> Attempt<'_> {
    Attempt {
        operation: Operation::GetKeyLastUsage,
        account: "222222222222",
        region: "eu-west-1",
        target: world.accounts[0].keys.first().map(Target::Key),
        resource: "",
        caller: "arn:aws:sts::222222222222:assumed-role/KeycensusReader/sim",
    }
}

/// Which of so many calls are struck, from 1.
fn struck(world: &World, calls: u64) -> Vec<u64> {
    let faults = Faults::new(world);
    let strike = || faults.strike(world, attempt(world), &Continuation::default());
    (1..=calls).filter(|_| strike().is_some()).collect()
}

fn throttle() -> FaultRule {
    FaultRule::new("kms:*", Effect::Throttle)
}

#[test]
fn every_given_field_must_match() {
    let world = world([FaultRule {
        account: Some("222222222222".to_owned()),
        region: Some("eu-west-1".to_owned()),
        key: Some("alias/payments".to_owned()),
        ..FaultRule::new("kms:GetKeyLastUsage", Effect::Throttle)
    }]);
    let faults = Faults::new(&world);
    let strikes = |attempt| {
        let strike = faults.strike(&world, attempt, &Continuation::default());
        strike.is_some()
    };
    let hit = attempt(&world);
    assert!(strikes(hit));
    for miss in [
        Attempt {
            operation: Operation::DescribeKey,
            ..hit
        },
        Attempt {
            account: "333333333333",
            ..hit
        },
        Attempt {
            region: "us-east-1",
            ..hit
        },
        Attempt {
            target: world.accounts[0].keys.get(1).map(Target::Key),
            ..hit
        },
        Attempt {
            target: None,
            ..hit
        },
    ] {
        assert!(!strikes(miss), "{miss:?}");
    }
}

#[test]
fn a_rule_strikes_always_or_the_nth_or_the_first_matching_calls() {
    let nth = Some(3);
    let first = Some(2);
    assert_eq!(struck(&world([throttle()]), 4), [1, 2, 3, 4]);
    assert_eq!(struck(&world([FaultRule { nth, ..throttle() }]), 5), [3]);
    assert_eq!(
        struck(
            &world([FaultRule {
                first,
                ..throttle()
            }]),
            5
        ),
        [1, 2]
    );
}

#[test]
fn a_rule_with_a_probability_strikes_the_same_calls_for_the_same_seed() {
    let rule = FaultRule {
        probability: Some(0.05),
        ..throttle()
    };
    let mut world = world([rule]);
    let of_seed = |world: &World| struck(world, 2000);
    let zero = of_seed(&world);
    assert!((60..=140).contains(&zero.len()), "{}", zero.len());
    assert_eq!(zero, of_seed(&world));
    world.seed = 7;
    assert_ne!(zero, of_seed(&world));
}

#[test]
fn every_matching_rule_counts_a_call_and_the_first_that_strikes_decides() {
    let nth = |nth, effect| FaultRule {
        nth: Some(nth),
        ..FaultRule::new("kms:*", effect)
    };
    let world = world([
        nth(2, Effect::Throttle),
        nth(1, Effect::Hang),
        nth(3, Effect::Vanish),
        FaultRule::new("*", Effect::Unavailable),
    ]);
    let faults = Faults::new(&world);
    let effects: Vec<_> = (0..4)
        .filter_map(|_| faults.strike(&world, attempt(&world), &Continuation::default()))
        .map(|strike| strike.effect.name())
        .collect();
    assert_eq!(effects, ["hang", "throttle", "vanish", "unavailable"]);
}

#[test]
fn paging_faults_and_vanishing_leave_other_operations_alone() {
    let count = |effect: Effect| {
        let all = Operation::ALL.into_iter();
        all.filter(|operation| effect.applies_to(*operation))
            .count()
    };
    assert_eq!(count(Effect::RepeatToken), 17);
    assert_eq!(count(Effect::Vanish), 9);
    assert_eq!(count(Effect::DeletedFirst), 1);
    assert_eq!(count(Effect::Hang), Operation::ALL.len());
    let bending: Vec<_> = Effect::ALL
        .into_iter()
        .filter(|effect| alters_page(*effect))
        .collect();
    assert_eq!(
        bending,
        [
            Effect::RepeatToken,
            Effect::CyclicTokens,
            Effect::EmptyPage,
            Effect::DuplicateItem
        ]
    );
}
