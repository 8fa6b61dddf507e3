//! The credential report: whether there is one, and how a new one comes about.

use tests::{
    Scenario,
    parts::{MEMBER, access_key, fault, table, user},
};

use super::{IDLE_KEY, ROOT_KEY, is_read_whole, lacks, refused, sent, users, world};

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";

/// The account whose report is as `report` says.
fn with_report(report: &str) -> Scenario {
    users(&format!("[account.credential_report]\n{report}"))
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_report_one_is_made_and_waited_for() {
    let run = with_report("takes_ms = 5000").run().await;
    is_read_whole(&run, "");
    assert_eq!(run.key(ROOT_KEY)["detail"], "");
    assert!(sent(&run, GET) > 1);
    assert!(run.aws.elapsed_ms() >= 5_000);
}

#[tokio::test(start_paused = true)]
async fn users_are_asked_one_by_one_where_it_is_not_known_when_the_report_was_begun() {
    // The report is begun, but the answer that says so is lost.
    let of_account = format!("account = '{MEMBER}'\nnth = 1");
    let run = users(&fault(GENERATE, "reset_after", &of_account))
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_two_hours_is_used_as_it_is_and_says_how_old_it_is() {
    let run = with_report("age = '2h'").run().await;
    is_read_whole(&run, "");
    assert_eq!([sent(&run, GENERATE), sent(&run, GET)], [1, 1]);
    let age = "credential report of 2026-11-21T00:00:00Z";
    assert_eq!(run.key(ROOT_KEY)["detail"], age);
    assert_eq!(run.key(IDLE_KEY)["detail"], "");
}

#[tokio::test(start_paused = true)]
async fn a_key_created_since_the_report_has_its_row() {
    let more = access_key("created = '1h'\nexpect = 'undecided'")
        + &user("newcomer", "created = '1h'")
        + &access_key("expect = 'undecided'");
    let report = "[account.credential_report]\nage = '2h'";
    let run = users(&format!("{more}{report}")).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.rows("keys.csv").len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_user_created_since_the_new_report_was_begun_is_asked() {
    // The report lacks a user who is listed.
    let content = "user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n<root_account>,arn:aws:iam::222222222222:root,false,N/A,N/A,false,N/A,N/A\nkeyless,arn:aws:iam::222222222222:user/keyless,false,N/A,N/A,false,N/A,N/A\n";
    let account = format!("credential_report = {{ content = '''{content}''' }}\n")
        + &user("newcomer", "")
        + &access_key("created = '300d'\nexpect = 'never_used'")
        + &user("keyless", "");
    let run = world("", &account).run().await;
    is_read_whole(&run, "");
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 1, "all but keyless");
}

#[tokio::test(start_paused = true)]
async fn an_expired_report_is_replaced() {
    let run = with_report("age = '5h'").run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.key(ROOT_KEY)["detail"], "");
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2);
}

#[tokio::test(start_paused = true)]
async fn reports_that_are_in_progress_or_asked_for_too_often_are_waited_for() {
    for [operation, code, status, times] in table(
        "
        iam:GetCredentialReport      | ReportInProgress | 404 | times = 5
        iam:GenerateCredentialReport | LimitExceeded    | 409 | times = 3
        iam:GenerateCredentialReport | LimitExceeded    | 409 |
        ",
    ) {
        let rest = format!("code = '{code}'\nstatus = {status}\n{times}");
        // Where none may ever be asked for again, the one that is there is used.
        let is_there = if times.is_empty() { "age = '3h'" } else { "" };
        let scenario = with_report(&format!("{is_there}\n{}", refused(operation, &rest)));
        is_read_whole(&scenario.run().await, &rest);
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_never_ready_leaves_the_root_keys_unknown_and_the_users_read() {
    let never = with_report("takes_ms = 36000000");
    let run = never.run().await;
    let why = "iam:GetCredentialReport ReportInProgress: root access keys not known";
    lacks(&run, &[ROOT_KEY], ["partial", "ReportInProgress", why]);
    assert!(run.aws.elapsed_ms() < 180_000, "{}", run.aws.elapsed_ms());
    let scenario = with_report("takes_ms = 36000000").ending_after(60);
    let run = scenario.run().await;
    let why = "no time left; root access keys not known";
    lacks(&run, &[ROOT_KEY], ["deferred", "", why]);
}

#[tokio::test(start_paused = true)]
async fn the_last_use_of_a_root_key_is_known_to_a_quarter_of_an_hour() {
    let root_key =
        "[[account.root_access_key]]\nlast_used = '2026-11-20T09:44:59Z'\nexpect = 'in_use'";
    let run = world("", root_key).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.key(ROOT_KEY)["last_used_at"], "2026-11-20T09:30:00Z");
}
