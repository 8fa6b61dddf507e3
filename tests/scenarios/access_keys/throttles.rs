//! IAM throttles, and documents no rate: everything is read in the end.

use tests::parts::{self, MEMBER, fault};

use super::{ROOT_KEY, coverage, is_read_whole, lacks, users, world};

#[tokio::test(start_paused = true)]
async fn throttles_that_pass_leave_no_trace() {
    for operation in [
        "*",
        "GenerateCredentialReport",
        "GetCredentialReport",
        "ListUsers",
        "ListAccessKeys",
        "ListUserTags",
        "GetAccessKeyLastUsed",
    ] {
        let of_account = format!("account = '{MEMBER}'\nfirst = 20");
        let fault = fault(&format!("iam:{operation}"), "throttle", &of_account);
        is_read_whole(&users(&fault).run().await, operation);
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_throttled_without_end_holds_up_no_user() {
    // Throttled, it takes one turn after the other: whenever users begin, it has the
    // turn that they wait for.
    let of_account = format!("account = '{MEMBER}'");
    let throttled = users(&fault("iam:GetCredentialReport", "throttle", &of_account));
    let run = throttled.ending_after(120).run().await;
    let why = "no time left; root access keys not known";
    lacks(&run, &[ROOT_KEY], ["deferred", "", why]);
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_that_uses_most_of_the_quota_slows_the_census_and_costs_no_key() {
    let neighbour = format!(
        "quotas = true\n[[neighbour]]\noperation = 'iam:GetAccessKeyLastUsed'\naccount = '{MEMBER}'\nrps = 20.0"
    );
    let run = world(&neighbour, &parts::users(200)).run().await;
    is_read_whole(&run, "");
    assert_eq!(run.cell(MEMBER, "global")["keys"], "200");
}

#[tokio::test(start_paused = true)]
async fn at_the_pace_of_a_census_nothing_is_throttled() {
    for quotas in ["token_bucket", "fixed_window"] {
        let head = format!("quotas = '{quotas}'\nlatency_ms = 50");
        let run = world(&head, &parts::users(200)).run().await;
        run.verdicts_match_the_world();
        assert_eq!(run.aws.calls().total().throttled, 0, "{quotas}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_there_is_no_time_for_are_unreadable() {
    let run = world("", &parts::users(1_000)).ending_after(60).run().await;
    let mut rows = run.rows("keys.csv");
    let all = rows.len();
    rows.retain(|row| row["verdict"] != "in_use");
    let read = all - rows.len();
    assert!((200..600).contains(&read), "{read}");
    let [status, _, detail] = coverage(&run);
    assert_eq!(status, "partial");
    assert!(detail.contains("no time left"), "{detail}");
    for row in rows {
        let found = row.values(["verdict", "flagged"]);
        assert_eq!(found, ["unreadable", "false"]);
    }
    assert!(run.aws.elapsed_ms() < 60_000);
}
