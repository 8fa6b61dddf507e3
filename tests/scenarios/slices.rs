//! A census in slices: an invocation that plans, as many that read as it takes, and one that
//! reports.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{
    BUCKET, Run, Scenario,
    parts::{MEMBER, UNUSED, account, key, key_id, keys, refusal, users},
    same_report, scheduled_event,
};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";
const ACCESS_KEY_LAST_USED: &str = "iam:GetAccessKeyLastUsed";
const KEYS_OF_ONE_CELL: usize = 150;

fn world(head: &str) -> Scenario {
    let few = account("333333333333", &(keys(1..=3, UNUSED) + &users(3)));
    let many = account(MEMBER, &keys(10..10 + KEYS_OF_ONE_CELL, UNUSED));
    let none = account("444444444444", "");
    Scenario::small(&format!("latency_ms = 20\n{head}"), &(few + &many + &none))
}

/// The run in one invocation.
async fn in_one_go() -> Run {
    let function = world("").as_request("night-1");
    function.invoke(scheduled_event("event-1")).await
}

fn stage(stage: &str) -> Value {
    json!({"stage": stage, "run": "night-1", "event": scheduled_event("event-1")})
}

fn shard(number: u32, of: u32) -> Value {
    let mut event = stage("read");
    event["shard"] = number.into();
    event["shards"] = of.into();
    event
}

/// Plans, reads in slices of so many seconds, with so many requests a second for a cell, until
/// nothing is left, and reports. Gives how many slices there were.
async fn in_slices(seconds: u64, rps: &str) -> (usize, Run) {
    let scenario = world("").with("KEYCENSUS_LAST_USAGE_RPS", rps);
    let scenario = scenario.ending_after(seconds);
    let planned = scenario.invoke(stage("plan")).await;
    assert_eq!(planned.summary()["accounts"], 4);
    read_and_report(&scenario).await
}

/// The same, with what was planned and read already.
async fn read_and_report(scenario: &Scenario) -> (usize, Run) {
    let mut slices = 0;
    loop {
        slices += 1;
        assert!(slices < 100, "nothing ends");
        let read = scenario.invoke(stage("read")).await;
        if read.summary()["done"] == true {
            let report = scenario.clone().ending_after(900);
            return (slices, report.invoke(stage("report")).await);
        }
    }
}

/// How often each KMS key was asked for.
fn asked(run: &Run) -> BTreeMap<String, usize> {
    asked_by(run, LAST_USAGE)
}

/// How often each key was asked for by calls of this operation.
fn asked_by(run: &Run, operation: &str) -> BTreeMap<String, usize> {
    let mut asked = BTreeMap::new();
    for call in run.aws.log() {
        if call.operation == operation {
            *asked.entry(call.resource).or_default() += 1;
        }
    }
    asked
}

#[tokio::test(start_paused = true)]
async fn one_run_in_any_number_of_slices_gives_the_same_report_and_asks_for_no_key_twice() {
    let whole = in_one_go().await;
    assert!(whole.is_complete());
    for (seconds, rps, at_least) in [(900, "5", 1), (32, "5", 2), (10, "0.75", 25)] {
        let (slices, run) = in_slices(seconds, rps).await;
        assert!(slices >= at_least, "{slices} slices of {seconds} s");
        same_report(&run, &whole);
        let asked = asked(&run);
        assert_eq!(asked.len(), 3 + KEYS_OF_ONE_CELL);
        let twice: Vec<_> = asked.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{slices} slices: {twice:?}");
        let calls = &run.summary()["calls"];
        assert_eq!(calls[LAST_USAGE]["sent"], 3 + KEYS_OF_ONE_CELL);
        let listed = &whole.summary()["calls"]["organizations:ListAccounts"];
        assert_eq!(calls["organizations:ListAccounts"], *listed);
        assert_eq!(run.summary()["keys"], whole.summary()["keys"]);
        assert_eq!(run.summary()["coverage"], whole.summary()["coverage"]);
        assert_eq!(run.aws.messages().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_aws_manages_and_one_slice_has_no_time_for_are_read_by_the_next() {
    const OF_AWS: usize = 60;
    let with_managed = |rps: &str| {
        let managed: String = (100..100 + OF_AWS)
            .map(|number| key(&key_id(number), &format!("manager = 'AWS'\n{UNUSED}")))
            .collect();
        let account = account(MEMBER, &(managed + &keys(200..260, UNUSED)));
        let world = Scenario::small("latency_ms = 20", &account);
        let world = world.with("KEYCENSUS_AWS_MANAGED", "on");
        world.with("KEYCENSUS_LAST_USAGE_RPS", rps)
    };
    let whole = with_managed("5").as_request("night-1");
    let whole = whole.invoke(scheduled_event("event-1")).await;
    let sliced = with_managed("0.75").ending_after(12);
    sliced.invoke(stage("plan")).await;
    let (slices, run) = read_and_report(&sliced).await;
    assert!(slices > 10, "{slices} slices");
    same_report(&run, &whole);
    let asked = asked(&run);
    assert_eq!(asked.len(), OF_AWS + 60);
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    for number in 100..100 + OF_AWS {
        assert_ne!(run.key(&key_id(number))["last_used_at"], "");
    }
}

#[tokio::test(start_paused = true)]
async fn users_that_one_slice_has_no_time_for_are_read_by_the_next_and_no_access_key_twice() {
    const USERS: usize = 900;
    let of_many_users = || {
        let account = account(MEMBER, &users(USERS));
        Scenario::small("latency_ms = 300", &account)
    };
    let whole = of_many_users().as_request("night-1");
    let whole = whole.invoke(scheduled_event("event-1")).await;
    let scenario = of_many_users().ending_after(32);
    scenario.invoke(stage("plan")).await;
    let (slices, run) = read_and_report(&scenario).await;
    assert!(slices > 1, "everything was read in one slice");
    same_report(&run, &whole);
    let asked = asked_by(&run, ACCESS_KEY_LAST_USED);
    assert_eq!(asked.len(), USERS);
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn three_thousand_accounts_are_read_in_slices_and_what_a_stage_returns_stays_small() {
    const ACCOUNTS: usize = 3_000;
    // What a state machine may carry from state to state is 256 KiB, of which the plan takes nothing.
    const LARGEST_ANSWER: usize = 1_000;
    let of_many_accounts = || {
        let accounts = (0..ACCOUNTS).map(|number| {
            let content = if number % 100 == 0 {
                keys(number + 1..=number + 2, UNUSED)
            } else {
                String::new()
            };
            account(&format!("5{number:011}"), &content)
        });
        Scenario::small("latency_ms = 100", &accounts.collect::<String>())
    };
    let whole = of_many_accounts().as_request("night-1");
    let whole = whole.invoke(scheduled_event("event-1")).await;
    assert!(whole.is_complete());
    let scenario = of_many_accounts().ending_after(60);
    let planned = scenario.invoke(stage("plan")).await;
    assert_eq!(planned.summary()["accounts"], ACCOUNTS + 1);
    assert!(planned.summary().to_string().len() < LARGEST_ANSWER);
    let (slices, run) = read_and_report(&scenario.ending_after(10)).await;
    assert!(slices > 1, "everything was read in one slice");
    same_report(&run, &whole);
    assert!(asked(&run).values().all(|times| *times == 1));
}

#[tokio::test(start_paused = true)]
async fn shards_are_read_at_once_and_no_cell_is_in_two() {
    let whole = in_one_go().await;
    let scenario = world("").ending_after(900);
    scenario.invoke(stage("plan")).await;
    let (first, second, third) = tokio::join!(
        scenario.invoke(shard(0, 3)),
        scenario.invoke(shard(1, 3)),
        scenario.invoke(shard(2, 3)),
    );
    let accounts = [&first, &second, &third].map(|run| run.summary()["accounts"].as_u64());
    assert_eq!(accounts, [Some(2), Some(1), Some(1)]);
    let report = scenario.invoke(stage("report")).await;
    same_report(&report, &whole);
    assert!(asked(&report).values().all(|times| *times == 1));
}

#[tokio::test(start_paused = true)]
async fn two_slices_of_the_same_run_at_once_give_the_same_report() {
    let whole = in_one_go().await;
    let scenario = world("").ending_after(900);
    scenario.invoke(stage("plan")).await;
    let (first, second) = tokio::join!(
        scenario.invoke(stage("read")),
        scenario.invoke(stage("read"))
    );
    for run in [first, second] {
        assert_eq!(run.summary()["done"], true);
    }
    let report = scenario.invoke(stage("report")).await;
    same_report(&report, &whole);
}

#[tokio::test(start_paused = true)]
async fn a_report_before_everything_is_read_says_what_is_missing() {
    let scenario = world("").ending_after(25);
    scenario.invoke(stage("plan")).await;
    let read = scenario.invoke(stage("read")).await;
    assert_eq!(read.summary()["done"], false);
    let run = scenario.ending_after(900).invoke(stage("report")).await;
    assert!(!run.is_complete());
    let verdicts = run.column("keys.csv", "verdict");
    assert_eq!(verdicts.len(), 6 + KEYS_OF_ONE_CELL);
    let unread = verdicts
        .iter()
        .filter(|verdict| *verdict == "unreadable")
        .count();
    assert!(unread > KEYS_OF_ONE_CELL / 4, "{unread}");
    let cell = run.cell(MEMBER, "us-east-1");
    assert_eq!(cell["status"], "partial");
    assert_eq!(cell["unreadable"], unread.to_string());
    assert_eq!(
        run.key(&key_id(9 + KEYS_OF_ONE_CELL))["detail"],
        "no time left"
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_of_a_plan_of_which_nothing_was_read_has_a_row_for_every_account() {
    let scenario = world("").ending_after(900);
    scenario.invoke(stage("plan")).await;
    let run = scenario.ending_after(900).invoke(stage("report")).await;
    let rows = run.rows("coverage.csv");
    let rows: Vec<_> = rows
        .iter()
        .map(|row| row.values(["account_id", "status", "region"]))
        .collect();
    let ids = ["111111111111", MEMBER, "333333333333", "444444444444"];
    assert_eq!(rows, ids.map(|id| [id, "deferred", "*"]));
}

#[tokio::test(start_paused = true)]
async fn a_stage_without_a_plan_or_with_other_settings_than_those_of_the_plan_says_so() {
    let scenario = world("").ending_after(900);
    for name in ["read", "report"] {
        let run = scenario.invoke(stage(name)).await;
        assert_eq!(
            run.error(),
            (
                "NoPlan",
                "there is no plan of run night-1 with these settings: the stage plan comes first, with the same run"
            )
        );
    }
    scenario.invoke(stage("plan")).await;
    let other = scenario.clone().with("KEYCENSUS_WATCH_DAYS", "31");
    let run = other.invoke(stage("read")).await;
    assert_eq!(
        run.error().1,
        "there is no plan of run night-1 with these settings: \
         s3://keycensus-reports/keycensus/runs/night-1/plan.jsonl: its census had other settings"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_damaged_or_could_not_be_kept_is_made_again() {
    let plan = "keycensus/runs/night-1/plan.jsonl";
    let refused = refusal("s3:PutObject", &format!("resource = '{plan}'\ntimes = 1"));
    let scenario = world(&refused).ending_after(900);
    assert_eq!(scenario.invoke(stage("plan")).await.error().0, "NoPlan");
    scenario.invoke(stage("plan")).await;
    scenario.aws.put_object(BUCKET, plan, "cut");
    let read = scenario.invoke(stage("read")).await;
    assert!(read.error().1.ends_with("it is cut or damaged"));
    scenario.invoke(stage("plan")).await;
    let (_, run) = read_and_report(&scenario).await;
    same_report(&run, &in_one_go().await);
}

#[tokio::test(start_paused = true)]
async fn another_run_for_the_same_event_ends_at_once() {
    let scenario = world("").ending_after(900);
    scenario.invoke(stage("plan")).await;
    let mut other = stage("plan");
    other["run"] = "night-1-again".into();
    let run = scenario.invoke(other).await;
    assert_eq!(run.summary()["duplicate"], true);
    assert_eq!(
        run.summary()["reason"],
        "run night-1 of the same event is under way"
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_that_cannot_be_entered_again_keeps_what_was_read_and_says_why_there_is_no_more()
{
    let before = world("").ending_after(25);
    before.invoke(stage("plan")).await;
    before.invoke(stage("read")).await;
    let refuses = refusal("sts:AssumeRole", &format!("account = '{MEMBER}'"));
    let scenario = before.the_same_night(&world(&refuses)).ending_after(900);
    let read = scenario.invoke(stage("read")).await;
    assert_eq!(read.summary()["done"], true);
    let run = scenario.invoke(stage("report")).await;
    let cell = run.cell(MEMBER, "us-east-1");
    assert_eq!(cell["status"], "partial");
    assert!(
        cell["detail"]
            .contains("the account could not be entered again: sts:AssumeRole AccessDenied"),
        "{cell:?}"
    );
    let verdicts = run.column("keys.csv", "verdict");
    assert_eq!(verdicts.len(), 6 + KEYS_OF_ONE_CELL);
}

#[tokio::test(start_paused = true)]
async fn where_parts_are_missing_what_rests_on_them_is_not_used_and_no_key_is_left_out() {
    let whole = in_one_go().await;
    for lost in 0..2 {
        let scenario = world("").ending_after(40);
        scenario.invoke(stage("plan")).await;
        scenario.invoke(stage("read")).await;
        let parts = scenario.aws.objects(BUCKET).into_iter();
        let parts: Vec<String> = parts.filter(|key| key.contains("/parts/")).collect();
        scenario.aws.put_object(BUCKET, &parts[lost], "");
        let (_, run) = read_and_report(&scenario.ending_after(900)).await;
        same_report(&run, &whole);
        assert!(run.is_complete());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slice_whose_parts_cannot_be_written_fails_and_the_next_one_reads_again() {
    let part = "resource = 'keycensus/runs/night-1/parts/000000-000000.jsonl'\ntimes = 1";
    let scenario = world(&refusal("s3:PutObject", part)).ending_after(900);
    scenario.invoke(stage("plan")).await;
    let read = scenario.invoke(stage("read")).await;
    assert_eq!(read.error().0, "ReportNotWritten");
    let read = scenario.invoke(stage("read")).await;
    assert_eq!(read.summary()["done"], true);
    let report = scenario.invoke(stage("report")).await;
    let whole = in_one_go().await;
    same_report(&report, &whole);
}
