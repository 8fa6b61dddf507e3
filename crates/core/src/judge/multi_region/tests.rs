use super::MultiRegionCounts;
use crate::{
    examples::{account, first_report, kms_key, of_set, of_set_of_secrets, secret, with_keys},
    judge::detail,
    model::{
        gap::Gap,
        reading::{KeyReading, Usage},
    },
};

const STALE: &str = "2026-05-01T00:00:00Z";
const IN_USE: &str = "2026-11-20T00:00:00Z";

/// A key of a set with its primary in us-east-1 and replicas in eu-west-1 and eu-central-1.
fn member(region: &str, used: &str) -> KeyReading {
    let regions = ["us-east-1", "eu-west-1", "eu-central-1"];
    of_set(
        kms_key(&account(1, "one"), 1, used),
        "mrk-1",
        region,
        &regions,
    )
}

fn unread(region: &str) -> KeyReading {
    let mut key = member(region, STALE);
    key.usage = Usage::Unreadable(Gap::NoTimeLeft);
    key
}

fn details_and_counts(keys: Vec<KeyReading>) -> (Vec<String>, MultiRegionCounts) {
    let report = first_report(with_keys(keys));
    let details = report
        .keys()
        .filter(|key| key.is_flagged())
        .map(detail::describe)
        .collect();
    (details, report.summary.keys.multi_region)
}

fn counts(idle_sets: u64, idle_replicas: u64) -> MultiRegionCounts {
    MultiRegionCounts {
        idle_sets,
        idle_replicas,
    }
}

#[test]
fn an_idle_replica_of_a_set_in_use_differs_from_a_set_that_is_idle_as_a_whole() {
    let central = |used| member("eu-central-1", used);
    let west = |used| member("eu-west-1", used);
    let primary = |used| member("us-east-1", used);
    let mut young = primary(IN_USE);
    young.usage = Usage::NoneRecorded {
        tracked_since: IN_USE.parse().unwrap(),
        created_at: None,
    };
    let mut to_be_deleted = primary(IN_USE);
    to_be_deleted.state = Some("PendingReplicaDeletion".to_owned());
    let mut undescribed_replica = west(STALE);
    undescribed_replica.multi_region = None;
    let cases = [
        (
            vec![central(STALE), west(STALE), primary(IN_USE)],
            vec!["replica idle; set in use in us-east-1"; 2],
            counts(0, 2),
        ),
        (
            vec![central(IN_USE), west(IN_USE), primary(STALE)],
            vec!["primary idle; set in use in eu-central-1, eu-west-1"],
            counts(0, 1),
        ),
        (
            vec![central(STALE), west(STALE), primary(STALE)],
            vec![""; 3],
            counts(1, 0),
        ),
        (
            vec![central(STALE), west(STALE), to_be_deleted],
            vec![""; 2],
            counts(1, 0),
        ),
        (
            vec![central(STALE), unread("eu-west-1"), primary(STALE)],
            vec![
                "replica idle; whether the set is in use in eu-west-1 is not known",
                "primary idle; whether the set is in use in eu-west-1 is not known",
            ],
            counts(0, 2),
        ),
        (
            vec![central(STALE), unread("eu-west-1"), primary(IN_USE)],
            vec!["replica idle; set in use in us-east-1"],
            counts(0, 1),
        ),
        (
            vec![west(STALE)],
            vec!["replica idle; whether the set is in use in eu-central-1, us-east-1 is not known"],
            counts(0, 1),
        ),
        (
            vec![central(STALE), west(IN_USE), young.clone()],
            vec!["replica idle; set in use in eu-west-1"],
            counts(0, 1),
        ),
        (
            vec![central(STALE), west(STALE), young],
            vec!["replica idle; whether the set is in use in us-east-1 is not known"; 2],
            counts(0, 2),
        ),
        (
            vec![undescribed_replica],
            vec!["multi-Region key idle; its set is not known"],
            counts(0, 1),
        ),
        (
            vec![central(IN_USE), west(IN_USE), primary(IN_USE)],
            vec![],
            counts(0, 0),
        ),
    ];
    for (keys, details, numbers) in cases {
        let counted = details_and_counts(keys);
        assert_eq!(
            counted,
            (details.into_iter().map(str::to_owned).collect(), numbers)
        );
    }
}

#[test]
fn keys_of_another_account_or_set_do_not_count_for_a_set() {
    let alone = |mut key: KeyReading| {
        if let Some(set) = &mut key.multi_region {
            set.replica_regions = vec!["eu-west-1".to_owned()];
        }
        key
    };
    let mut elsewhere = alone(member("us-east-1", IN_USE));
    elsewhere.account = account(2, "two");
    let mut another = alone(member("us-east-1", IN_USE));
    another.key_id = "mrk-2".to_owned();
    let keys = vec![
        alone(member("eu-west-1", STALE)),
        alone(member("us-east-1", STALE)),
        elsewhere,
        another,
        kms_key(&account(1, "one"), 9, STALE),
    ];
    assert_eq!(
        details_and_counts(keys),
        (vec![String::new(); 3], counts(1, 0))
    );
}

#[test]
fn the_shared_key_id_names_the_set_also_where_the_key_could_not_be_described() {
    let described = member("eu-west-1", STALE);
    let mut undescribed = described.clone();
    undescribed.multi_region = None;
    let single = kms_key(&account(1, "one"), 1, STALE);
    assert_eq!(described.multi_region_set(), Some("mrk-1"));
    assert_eq!(undescribed.multi_region_set(), Some("mrk-1"));
    assert_eq!(single.multi_region_set(), None);
}

#[test]
fn replicas_of_secrets_are_judged_as_a_set_also_where_the_primary_does_not_say_that_it_is_one() {
    let of = |region: &str, used: &str| {
        let one = secret(&account(1, "one"), "prod/db", used);
        of_set_of_secrets(one, region, "us-east-1")
    };
    let silent = |used: &str| KeyReading {
        multi_region: None,
        ..of("us-east-1", used)
    };
    for (keys, expected) in [
        (vec![silent(STALE), of("eu-west-1", STALE)], vec!["", ""]),
        (
            vec![of("us-east-1", STALE), of("eu-west-1", STALE)],
            vec!["", ""],
        ),
        (
            vec![silent(IN_USE), of("eu-west-1", STALE)],
            vec!["replica idle; set in use in us-east-1"],
        ),
        (
            vec![silent(STALE), of("eu-west-1", IN_USE)],
            vec!["primary idle; set in use in eu-west-1"],
        ),
        (
            vec![of("eu-west-1", STALE)],
            vec!["replica idle; whether the set is in use in us-east-1 is not known"],
        ),
        // One that is in no set says nothing of one.
        (vec![silent(STALE)], vec![""]),
    ] {
        let (details, found) = details_and_counts(keys);
        assert_eq!(details, expected);
        // Only KMS keys are counted.
        assert_eq!(found, counts(0, 0));
    }
}
