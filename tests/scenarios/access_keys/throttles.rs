//! IAM throttles, and says of no rate how high it is: everything is read in the
//! end.

use super::{ACCOUNT, DEPLOY_KEY, IDLE_KEY, USERS, coverage, key_ids, world};

/// So many users with a key each.
fn many_users(users: usize) -> String {
    let user = |n| {
        format!(
            "[[account.user]]\nname = \"user-{n}\"\n[[account.user.access_key]]\nlast_used = \"1d 12h\"\nexpect = \"in_use\"\n"
        )
    };
    (0..users).map(user).collect()
}

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
        let fault = format!(
            "[[fault]]\noperation = \"iam:{operation}\"\naccount = \"{ACCOUNT}\"\neffect = \"throttle\"\nfirst = 20"
        );
        let run = world(&fault, USERS).run().await;
        run.verdicts_match_the_world();
        assert_eq!(coverage(&run), ["scanned", "", ""], "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_throttled_without_end_holds_up_no_user() {
    // Throttled, it takes one turn after the other: whenever users begin, it has the
    // turn that they wait for.
    let fault = format!(
        "[[fault]]\noperation = \"iam:GetCredentialReport\"\naccount = \"{ACCOUNT}\"\neffect = \"throttle\""
    );
    let account = USERS.replacen("expect", "# expect", 2);
    let run = world(&fault, &account).ending_after(120).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [DEPLOY_KEY, IDLE_KEY]);
    assert_eq!(
        coverage(&run),
        ["deferred", "", "no time left; root access keys not known"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_who_uses_most_of_the_quota_slows_the_census_and_costs_no_key() {
    let neighbour = format!(
        "quotas = true\n[[neighbour]]\noperation = \"iam:GetAccessKeyLastUsed\"\naccount = \"{ACCOUNT}\"\nrps = 20.0"
    );
    let run = world(&neighbour, &many_users(200)).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!(run.cell(ACCOUNT, "global")["keys"], "200");
}

#[tokio::test(start_paused = true)]
async fn at_the_pace_of_a_census_nothing_is_throttled() {
    for quotas in ["token_bucket", "fixed_window"] {
        let head = format!("quotas = \"{quotas}\"\nlatency_ms = 50");
        let run = world(&head, &many_users(200)).run().await;
        run.verdicts_match_the_world();
        assert_eq!(run.aws.calls().total().throttled, 0, "{quotas}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_there_is_no_time_for_are_unreadable() {
    let account = many_users(1_000).replace("expect", "# expect");
    let run = world("", &account).ending_after(60).run().await;
    let rows = run.rows("keys.csv");
    let read = rows.iter().filter(|row| row["verdict"] == "in_use").count();
    assert!((200..600).contains(&read), "{read}");
    let [status, _, detail] = coverage(&run);
    assert_eq!(status, "partial");
    assert!(detail.contains("no time left"), "{detail}");
    for row in rows.iter().filter(|row| row["verdict"] != "in_use") {
        assert_eq!(
            (&*row["verdict"], &*row["flagged"]),
            ("unreadable", "false")
        );
    }
    assert!(run.aws.elapsed_ms() < 60_000);
}
