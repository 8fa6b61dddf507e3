//! The last use of KMS keys that AWS manages, where it is to be read.

use tests::{
    Run, Scenario,
    parts::{IN_USE, MEMBER, UNUSED, key, key_id, keys, refusal},
};

const LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// A key with the ID of this number that AWS manages.
fn managed(number: usize, rest: &str) -> String {
    let rest = format!("manager = 'AWS'\naliases = ['alias/aws/n{number}']\n{rest}");
    key(&key_id(number), &rest)
}

fn world(head: &str, member: &str) -> Scenario {
    Scenario::member(head, member).with("KEYCENSUS_AWS_MANAGED", "on")
}

/// The IDs of the member's keys of which the last use was asked for, in order.
fn asked(run: &Run) -> Vec<String> {
    let log = run.aws.log().into_iter();
    let of_member = log.filter(|call| call.operation == LAST_USAGE && call.account == MEMBER);
    of_member.map(|call| call.resource).collect()
}

/// `status`, `unreadable`, `error_code` and `detail` of the member's cell.
fn coverage(run: &Run) -> [String; 4] {
    let cell = run.cell(MEMBER, "us-east-1");
    cell.values(["status", "unreadable", "error_code", "detail"])
        .map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn the_last_use_is_in_the_row_and_the_verdict_stays() {
    let member = managed(1, "last_used = '1d'\noperation = 'Decrypt'") + &managed(2, UNUSED);
    let run = world("", &(member + &managed(3, "created = '700d'")))
        .run()
        .await;
    for (number, last_used_at, operation) in [
        (1, "2026-11-20T02:00:00Z", "Decrypt"),
        (2, "2026-07-24T02:00:00Z", "Decrypt"),
        (3, "", ""),
    ] {
        let row = run.key(&key_id(number));
        let found = row.values(["last_used_at", "last_operation", "usage_read_at"]);
        assert_eq!(found, [last_used_at, operation, "2026-11-21T02:00:00Z"]);
        assert_ne!(row["tracked_since"], "");
        let same = row.values([
            "verdict",
            "flagged",
            "idle_days",
            "recommendation",
            "detail",
        ]);
        assert_eq!(same, ["aws_managed", "false", "", "none", ""]);
    }
    assert_eq!(coverage(&run), ["scanned", "0", "", ""]);
    assert_eq!(run.summary()["aws_managed"], "on");
    assert_eq!(run.summary()["keys"]["flagged"], 0);
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_for_after_the_last_uses_of_all_other_keys_of_the_cell() {
    // Those that AWS manages are listed first.
    let of_aws: String = (1..=20).map(|number| managed(number, IN_USE)).collect();
    let run = world("", &(of_aws + &keys(100..160, IN_USE))).run().await;
    let asked = asked(&run);
    assert_eq!(asked.len(), 80);
    let is_of_aws = |id: &String| (1..=20).any(|number| *id == key_id(number));
    assert!(!asked[..60].iter().any(is_of_aws), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn where_time_is_short_it_costs_no_verdict_and_its_row_says_so() {
    let of_aws: String = (1..=200).map(|number| managed(number, IN_USE)).collect();
    let world = world("", &(of_aws + &keys(300..600, IN_USE))).ending_after(100);
    let run = world.run().await;
    assert_eq!(coverage(&run), ["scanned", "0", "", ""]);
    assert!(run.is_complete());
    let rows = run.rows("keys.csv");
    let of_verdict = |verdict| rows.iter().filter(move |row| row["verdict"] == verdict);
    assert_eq!(of_verdict("in_use").count(), 300);
    assert_eq!(of_verdict("aws_managed").count(), 200);
    let unread: Vec<_> = of_verdict("aws_managed")
        .filter(|row| row["usage_read_at"].is_empty())
        .collect();
    assert!((1..200).contains(&unread.len()), "{}", unread.len());
    for row in unread {
        let found = row.values(["detail", "gap_cause", "recommendation"]);
        assert_eq!(found, ["no time left", "out_of_time", "none"]);
    }
    assert!(run.aws.elapsed_ms() < 100_000, "{}", run.aws.elapsed_ms());
    // The next night does not begin with them.
    let next = world.again("night-2").run().await;
    let asked = asked(&next);
    assert!(
        asked[..300].iter().all(|id| *id >= key_id(300)),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_is_refused_is_no_gap_and_its_row_says_which_call_and_why() {
    let refused = refusal(LAST_USAGE, &format!("key = '{}'", key_id(1)));
    let member = managed(1, IN_USE) + &managed(2, IN_USE);
    let run = world(&refused, &member).run().await;
    assert_eq!(coverage(&run), ["scanned", "0", "", ""]);
    let row = run.key(&key_id(1));
    let found = row.values(["verdict", "detail", "gap_cause", "recommendation"]);
    let detail = "kms:GetKeyLastUsage AccessDeniedException";
    assert_eq!(found, ["aws_managed", detail, "refused", "none"]);
    assert_ne!(run.key(&key_id(2))["last_used_at"], "");
}

#[tokio::test(start_paused = true)]
async fn it_is_read_when_it_is_due_as_that_of_a_customers_key() {
    let used = "created = '2026-01-01T00:00:00Z'\nlast_used = '2026-11-15T00:00:00Z'";
    let unused = "created = '2026-01-01T00:00:00Z'\nlast_used = '2026-05-15T00:00:00Z'";
    let due = |member: &str| {
        world("", member)
            .with("KEYCENSUS_READ", "due")
            .with("KEYCENSUS_READ_AGAIN_DAYS", "3650")
    };
    let member = managed(1, used) + &managed(2, unused);
    let first = due(&member);
    let before = first.run().await;
    assert_eq!(asked(&before).len(), 2);
    let run = first.a_night_later(&first).run().await;
    assert_eq!(asked(&run), [key_id(2)]);
    let columns = [
        "last_used_at",
        "usage_read_at",
        "last_operation",
        "tracked_since",
    ];
    let row = |run: &Run| run.key(&key_id(1)).values(columns).map(str::to_owned);
    assert_eq!(row(&run), row(&before));

    // Where it was not asked for the night before, it is read.
    let first = due(&member).with("KEYCENSUS_AWS_MANAGED", "off");
    assert_eq!(asked(&first.run().await), Vec::<String>::new());
    let run = first
        .a_night_later(&first)
        .with("KEYCENSUS_AWS_MANAGED", "on")
        .run()
        .await;
    assert_eq!(asked(&run).len(), 2);
}
