//! Generated KMS keys.

use jiff::Timestamp;

use super::{
    dice::Dice,
    names::{AWS_MANAGED, OPERATIONS, PURPOSES, REASONS, TEAMS},
    verdict::EXEMPT,
};
use crate::world::{Key, KeyManager, KeyState, Moment, tracking_began};

/// Keys older than this were created before tracking began, in any world of the next years; younger ones than
/// [`YOUNG`] after.
const OLD: i64 = 1000;
const OLDEST: i64 = 2500;
const YOUNG: i64 = 200;
/// No recorded use is older than this.
const LONGEST_IDLE: i64 = 190;

const SECONDS_A_DAY: i64 = 86_400;

/// So many days and a half ago, so that whole days do not depend on the seconds that a test takes.
pub(super) fn ago(days: i64) -> Moment {
    Moment::days_and_hours(days, 12)
}

/// A customer managed key of `region`, the `number`th of its account.
pub(super) fn customer(
    dice: &mut Dice,
    region: &str,
    product: &str,
    number: usize,
    now: Timestamp,
) -> Key {
    let mut key = Key::new(region);
    give_a_past(dice, &mut key, now);
    give_a_state(dice, &mut key);
    let purpose = dice.pick(&PURPOSES);
    key.description = match dice.below(3) {
        0 => String::new(),
        1 => format!("{product} {purpose}"),
        _ => format!("Encrypts {purpose} of {product}"),
    };
    let aliases = match dice.below(100) {
        0..15 => 0,
        15..80 => 1,
        80..95 => 2,
        _ => 3,
    };
    key.aliases = (0..aliases)
        .map(|alias| match alias {
            0 => format!("alias/{product}-{purpose}-{number}"),
            1 => format!("alias/{product}/{purpose}/{number}"),
            _ => format!("alias/legacy-{purpose}-{number}"),
        })
        .collect();
    match dice.below(100) {
        0..45 => drop(
            key.tags
                .insert("owner".to_owned(), dice.pick(&TEAMS).to_owned()),
        ),
        45..60 => drop(
            key.tags
                .insert("team".to_owned(), dice.pick(&TEAMS).to_owned()),
        ),
        60..65 => drop(key.tags.insert(
            "Owner".to_owned(),
            format!("{}@example.com", dice.pick(&TEAMS)),
        )),
        _ => {}
    }
    if dice.percent(2) {
        key.tags
            .insert(EXEMPT.to_owned(), dice.pick(&REASONS).to_owned());
    }
    key
}

/// When it was created and last used.
fn give_a_past(dice: &mut Dice, key: &mut Key, now: Timestamp) {
    let tracked = (now.as_second() - tracking_began().as_second()) / SECONDS_A_DAY - 1;
    let used = |dice: &mut Dice, key: &mut Key, first: i64, last: i64| {
        let idle = dice.days(first, last).min(tracked).max(0);
        let created = if dice.percent(70) {
            dice.days(OLD, OLDEST)
        } else {
            dice.days(idle + 1, YOUNG.max(idle + 1))
        };
        key.created = ago(created);
        key.last_used = Some(ago(idle));
        key.operation =
            Some(dice.pick(&OPERATIONS).to_owned()).filter(|operation| operation != "Decrypt");
    };
    match dice.below(100) {
        0..20 => used(dice, key, 0, 0),
        20..45 => used(dice, key, 1, 6),
        45..60 => used(dice, key, 7, 89),
        60..72 => used(dice, key, 90, LONGEST_IDLE),
        72..80 => key.created = ago(dice.days(90, YOUNG)),
        80..90 => key.created = ago(dice.days(OLD, OLDEST)),
        _ => key.created = ago(dice.days(0, 60)),
    }
}

fn give_a_state(dice: &mut Dice, key: &mut Key) {
    match dice.below(100) {
        0..5 => key.state = KeyState::Disabled,
        5..8 => {
            key.state = KeyState::PendingDeletion;
            key.deletion_date = Some(Moment::days_and_hours(-dice.days(7, 29), -12));
        }
        // Without key material there never was a use.
        8..10 if key.last_used.is_none() => {
            key.state = KeyState::PendingImport;
            key.origin = Some("EXTERNAL".to_owned());
        }
        _ => {}
    }
}

/// The AWS managed keys of one account and Region; most in the account's home Region.
pub(super) fn aws_managed(dice: &mut Dice, region: &str, home: bool) -> Vec<Key> {
    let count = match home {
        true => 1 + dice.below(4),
        false => u64::from(dice.percent(20)),
    };
    AWS_MANAGED
        .into_iter()
        .take(usize::try_from(count).unwrap_or(0))
        .map(|service| Key {
            aliases: vec![format!("alias/aws/{service}")],
            manager: KeyManager::Aws,
            created: ago(dice.days(OLD, OLDEST)),
            description: format!(
                "Default key that protects my {service} data when no other key is defined"
            ),
            ..Key::new(region)
        })
        .collect()
}
