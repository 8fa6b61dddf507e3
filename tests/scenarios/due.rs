//! Nights on which only those last uses are read that are due.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario,
    parts::{MEMBER, access_key, account, key, key_id, keys, multi_region_set, refusal, user},
    same_report, scheduled_event,
};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";
const TAGS: &str = "kms:ListResourceTags";
const ACCESS_KEY_LAST_USED: &str = "iam:GetAccessKeyLastUsed";
const USER_TAGS: &str = "iam:ListUserTags";
const DESCRIBE: &str = "kms:DescribeKey";

/// A key that was used at this moment, and created long before.
fn used(at: &str) -> String {
    format!("created = '2026-01-01T00:00:00Z'\nlast_used = '{at}'")
}

/// In use on all three nights.
fn in_use() -> String {
    used("2026-11-15T00:00:00Z")
}

/// Unused for more than 90 days on all three nights.
fn unused() -> String {
    used("2026-05-15T00:00:00Z")
}

/// The organization with this member, of which no key's own night comes.
fn world(head: &str, member: &str) -> Scenario {
    Scenario::member(head, member)
        .with("KEYCENSUS_READ", "due")
        .with("KEYCENSUS_READ_AGAIN_DAYS", "3650")
}

/// The run on the night after one of `first`, when the member has become `second`.
async fn second_night(first: &str, second: &str) -> Run {
    let before = world("", first);
    before.run().await;
    before.a_night_later(&world("", second)).run().await
}

/// The last characters of what the calls of an operation were about.
fn asked<'a>(run: &'a Run, operation: &'a str) -> Vec<String> {
    let log = run.aws.log().into_iter();
    let of_member = log.filter(|call| call.operation == operation && call.account == MEMBER);
    let mut asked: Vec<String> = of_member.map(|call| call.resource).collect();
    asked.sort();
    asked
}

fn key_ids(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|n| key_id(*n)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_is_listed_and_described_but_neither_its_last_use_nor_its_tags_are_read() {
    let owned = format!(
        "{}\ntags = {{ owner = 'shop' }}\nevent_id = 'a-1'",
        in_use()
    );
    let member = keys([1, 2], &owned) + &keys([3], &unused());
    let before = world("", &member);
    let first = before.run().await;
    assert_eq!(asked(&first, LAST_USAGE), key_ids(&[1, 2, 3]));
    let run = before.a_night_later(&before).run().await;
    assert_eq!(asked(&run, LAST_USAGE), key_ids(&[3]));
    assert_eq!(asked(&run, TAGS), key_ids(&[3]));
    assert_eq!(asked(&run, DESCRIBE), key_ids(&[1, 2, 3]));
    let known = run.key(&key_id(1));
    let same = [
        "verdict",
        "last_used_at",
        "last_operation",
        "cloudtrail_event_id",
        "kms_request_id",
        "tracked_since",
        "owner",
        "usage_read_at",
    ];
    assert_eq!(known.values(same), first.key(&key_id(1)).values(same));
    assert_eq!(known["usage_read_at"], "2026-11-21T02:00:00Z");
    let read = run.key(&key_id(3));
    assert_eq!(read["usage_read_at"], "2026-11-22T02:00:00Z");
    assert_eq!(known["owner"], "shop");
    let sentence = "A key in use was used at least as recently as shown";
    assert!(run.digest().text().contains(sentence));
    assert!(run.latest("report.html").contains(sentence));
    assert!(run.is_complete());
}

#[tokio::test(start_paused = true)]
async fn with_all_every_last_use_is_read_every_night() {
    let before = world("", &keys([1, 2], &in_use())).with("KEYCENSUS_READ", "all");
    before.run().await;
    let run = before.a_night_later(&before).run().await;
    assert_eq!(asked(&run, LAST_USAGE), key_ids(&[1, 2]));
    assert!(!run.latest("report.html").contains("at least as recently"));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_read_that_is_new_disabled_since_or_comes_to_d_plus_t() {
    let before = keys([1, 2], &in_use()) + &keys([3], &used("2026-08-24T01:00:00Z"));
    let disabled = format!("{}\nstate = 'Disabled'", in_use());
    let tonight = keys([1], &in_use())
        + &keys([2], &disabled)
        + &keys([3], &used("2026-08-24T01:00:00Z"))
        + &keys([4], &in_use());
    let run = second_night(&before, &tonight).await;
    assert_eq!(asked(&run, LAST_USAGE), key_ids(&[2, 3, 4]));
    assert_eq!(
        run.column("keys.csv", "change"),
        ["same", "state_changed", "newly_flagged", "new"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_exemption_of_a_key_that_would_be_flagged_is_never_missed() {
    let idle = used("2026-08-24T01:00:00Z");
    let exempt = format!("{idle}\ntags = {{ 'keycensus:exempt' = 'legal' }}");
    let run = second_night(&keys([1], &idle), &keys([1], &exempt)).await;
    let found = run.key(&key_id(1));
    let found = found.values(["verdict", "flagged", "exempt_reason"]);
    assert_eq!(found, ["stale", "false", "legal"]);
}

#[tokio::test(start_paused = true)]
async fn everything_is_read_where_t_was_lowered_or_another_tag_exempts() {
    for (variable, text) in [
        ("KEYCENSUS_STALE_AFTER_DAYS", "89"),
        ("KEYCENSUS_EXEMPT_TAG", "keep"),
        ("KEYCENSUS_OWNER_TAGS", "who"),
    ] {
        let before = world("", &keys([1, 2], &in_use()));
        before.run().await;
        let tonight = before.a_night_later(&before).with(variable, text);
        let run = tonight.run().await;
        assert_eq!(asked(&run, LAST_USAGE), key_ids(&[1, 2]), "{variable}");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_is_read_where_the_last_report_is_older_than_half_of_t() {
    for (stale_after_days, read) in [("59", &[1, 2][..]), ("60", &[][..])] {
        let of_that = used("2026-11-20T00:00:00Z");
        let before =
            world("", &keys([1, 2], &of_that)).with("KEYCENSUS_STALE_AFTER_DAYS", stale_after_days);
        before.run().await;
        let run = before.a_month_later(&before).run().await;
        assert_eq!(asked(&run, LAST_USAGE), key_ids(read), "{stale_after_days}");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_is_read_where_the_last_report_is_missing_or_damaged() {
    for file in ["keys.csv", "summary.json"] {
        let before = world("", &keys([1, 2], &in_use()));
        let first = before.run().await;
        let tonight = before.a_night_later(&before);
        let mut text = first.latest(file).replace("2026-11-15", "2026-11-16");
        // A changed keys.csv looks whole.
        if file == "summary.json" {
            text.truncate(text.len() - 9);
        }
        for path in ["latest/", "keys/date=2026-11-21/"] {
            let path = format!("keycensus/{path}{file}");
            tonight.aws.put_object(BUCKET, &path, text.clone());
        }
        let run = tonight.run().await;
        assert_eq!(asked(&run, LAST_USAGE), key_ids(&[1, 2]), "{file}");
        let last_used = run.column("keys.csv", "last_used_at");
        assert_eq!(last_used, ["2026-11-15T00:00:00Z"; 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_tags_could_not_be_read_is_read_again() {
    let of_key = format!("key = '{}'", key_id(1));
    let before = world(&refusal(TAGS, &of_key), &keys([1, 2], &in_use()));
    before.run().await;
    let run = before
        .a_night_later(&world("", &keys([1, 2], &in_use())))
        .run()
        .await;
    assert_eq!(asked(&run, TAGS), key_ids(&[1]));
}

#[tokio::test(start_paused = true)]
async fn every_key_is_read_once_in_the_days_after_which_it_is_read_again() {
    let before = world("", &keys(1..=60, &in_use())).with("KEYCENSUS_READ_AGAIN_DAYS", "2");
    before.run().await;
    let second = before.a_night_later(&before);
    let second_run = second.run().await;
    let third = second.a_night_later(&before).run().await;
    let asked = [&second_run, &third].map(|run| asked(run, LAST_USAGE));
    assert!(asked.iter().all(|night| (15..45).contains(&night.len())));
    let all: BTreeSet<&String> = asked.iter().flatten().collect();
    assert_eq!(all.len(), 60);
    let read_at = third.column("keys.csv", "usage_read_at");
    assert!(read_at.iter().all(|at| at.as_str() >= "2026-11-22"));
}

#[tokio::test(start_paused = true)]
async fn the_set_of_an_idle_replica_is_in_use_by_a_primary_that_is_not_read_again() {
    let regions = "regions = ['eu-west-1', 'us-east-1']\n";
    let member = format!("{regions}{}", multi_region_set(&in_use(), &unused()));
    let run = second_night(&member, &member).await;
    assert_eq!(asked(&run, LAST_USAGE).len(), 1);
    assert_eq!(
        run.column("keys.csv", "detail"),
        ["", "replica idle; set in use in eu-west-1"]
    );
}

/// A key that AWS manages, with its reserved alias or another.
fn managed(alias: &str) -> String {
    let created = "created = '2025-01-01T00:00:00Z'";
    key(
        &key_id(9),
        &format!("manager = 'AWS'\n{created}\naliases = ['{alias}']"),
    )
}

#[tokio::test(start_paused = true)]
async fn a_key_that_aws_manages_by_its_alias_is_not_described_again_every_night() {
    let member = managed("alias/aws/ebs") + &keys([1], &in_use());
    let before = world("", &member);
    let first = before.run().await;
    assert_eq!(asked(&first, DESCRIBE), key_ids(&[1, 9]));
    let tonight = before.a_night_later(&before);
    let run = tonight.run().await;
    assert_eq!(asked(&run, DESCRIBE), key_ids(&[1]));
    let row = |run: &Run| {
        let row = run.key(&key_id(9));
        let columns = ["verdict", "state", "created_at", "manager", "name", "arn"];
        row.values(columns).map(str::to_owned)
    };
    assert_eq!(row(&run), row(&first));
    assert_eq!(row(&run)[0], "aws_managed");
    // Without names, nothing says that AWS manages it still.
    let no_names = world(&refusal("kms:ListAliases", ""), &member);
    let run = tonight.a_night_later(&no_names).run().await;
    assert_eq!(asked(&run, DESCRIBE), key_ids(&[1, 9]));
}

/// A user with these access keys, each by ID and what else there is to say.
fn with_keys(name: &str, rest: &str, keys: &[(&str, &str)]) -> String {
    let keys = keys
        .iter()
        .map(|(id, rest)| access_key(&format!("id = '{id}'\n{rest}")));
    user(name, &format!("{rest}\n{}", keys.collect::<String>()))
}

const FIRST_KEY: &str = "AKIAFIRST00000000001";
const SECOND_KEY: &str = "AKIASECOND0000000001";

#[tokio::test(start_paused = true)]
async fn an_access_key_in_use_is_not_read_nor_its_user_s_tags_unless_another_key_of_the_user_is() {
    let recently = in_use();
    let one = [(FIRST_KEY, &*recently)];
    let tags = "tags = { owner = 'ci' }";
    let run = second_night(
        &with_keys("anna", tags, &one),
        &with_keys("anna", tags, &one),
    )
    .await;
    assert_eq!(asked(&run, ACCESS_KEY_LAST_USED).len(), 0);
    assert_eq!(asked(&run, USER_TAGS).len(), 0);
    let row = run.key(FIRST_KEY);
    assert_eq!(
        row.values(["verdict", "owner", "usage_read_at"]),
        ["in_use", "ci", "2026-11-21T02:00:00Z"]
    );
    let idle = unused();
    let two = [(FIRST_KEY, &*recently), (SECOND_KEY, &*idle)];
    let exempt = "tags = { 'keycensus:exempt' = 'legal' }";
    let run = second_night(
        &with_keys("anna", "", &two),
        &with_keys("anna", exempt, &two),
    )
    .await;
    assert_eq!(asked(&run, ACCESS_KEY_LAST_USED).len(), 1);
    for id in [FIRST_KEY, SECOND_KEY] {
        assert_eq!(run.key(id)["exempt_reason"], "legal", "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_tags_of_a_user_whose_password_becomes_unused_are_read_although_its_access_key_is_not()
{
    let recently = in_use();
    let one = [(FIRST_KEY, &*recently)];
    let password = |last_used: &str| {
        let created = "created = '2026-01-01T00:00:00Z'";
        format!(
            "{created}\npassword = {{ changed = '2026-01-01T00:00:00Z', last_used = '{last_used}' }}"
        )
    };
    let idle = password("2026-08-24T01:00:00Z");
    let exempt = format!("{idle}\ntags = {{ 'keycensus:exempt' = 'legal' }}");
    let run = second_night(
        &with_keys("anna", &idle, &one),
        &with_keys("anna", &exempt, &one),
    )
    .await;
    assert_eq!(asked(&run, USER_TAGS).len(), 1);
    let row = run.key("anna");
    assert_eq!(row.values(["verdict", "flagged"]), ["stale", "false"]);
    let steady = password("2026-11-15T00:00:00Z");
    let member = with_keys(
        "anna",
        &format!("{steady}\ntags = {{ owner = 'ci' }}"),
        &one,
    );
    let run = second_night(&member, &member).await;
    assert_eq!(asked(&run, USER_TAGS).len(), 0);
    assert_eq!(run.key("anna")["owner"], "ci");
}

fn stage(stage: &str) -> Value {
    json!({"stage": stage, "run": "night-2", "event": scheduled_event("event-2")})
}

#[tokio::test(start_paused = true)]
async fn one_run_in_any_number_of_slices_gives_the_same_report_of_what_is_due() {
    const KEYS: usize = 240;
    let member = keys(1..=KEYS, &in_use()) + &keys(1000..1090, &unused());
    let others = account(
        "333333333333",
        &(keys(2000..2003, &in_use()) + &managed("alias/aws/ebs")),
    );
    let of_two = |member: &str| {
        let both = account(MEMBER, member) + &others;
        Scenario::small("latency_ms = 20", &both)
            .with("KEYCENSUS_READ", "due")
            .with("KEYCENSUS_READ_AGAIN_DAYS", "3")
    };
    let second_night = || async {
        let before = of_two(&member).as_request("night-1");
        before.run().await;
        before.a_night_later(&before).as_request("night-2")
    };
    let whole = second_night()
        .await
        .invoke(scheduled_event("event-2"))
        .await;
    let asked_in_one = asked(&whole, LAST_USAGE);
    assert!(
        (120..230).contains(&asked_in_one.len()),
        "{}",
        asked_in_one.len()
    );
    for (seconds, at_least) in [(900, 1), (32, 2), (10, 8)] {
        let scenario = second_night().await.ending_after(seconds);
        scenario.invoke(stage("plan")).await;
        let mut slices = 0;
        loop {
            slices += 1;
            assert!(slices < 100, "nothing ends");
            if scenario.invoke(stage("read")).await.summary()["done"] == true {
                break;
            }
        }
        let run = scenario.ending_after(900).invoke(stage("report")).await;
        assert!(slices >= at_least, "{slices} slices of {seconds} s");
        same_report(&run, &whole);
        assert_eq!(asked(&run, LAST_USAGE), asked_in_one);
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_report_that_does_not_come_is_not_waited_for_and_everything_is_read() {
    let before = world("", &keys([1, 2], &in_use()));
    before.run().await;
    let hangs = tests::parts::fault(
        "s3:GetObject",
        "hang",
        "resource = 'keycensus/latest/keys.csv'",
    );
    let tonight = before.a_night_later(&world(&hangs, &keys([1, 2], &in_use())));
    let run = tonight.ending_after(300).run().await;
    assert_eq!(asked(&run, LAST_USAGE), key_ids(&[1, 2]));
    assert!(run.is_complete());
}
