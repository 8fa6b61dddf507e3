//! The credential report: whether there is one, and how a new one comes about.

use super::{ACCOUNT, USERS, coverage, key_ids, refusing, sent, world};

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";
const ROOT: &str = "root_access_key_1";

/// An account whose report is as `report` says.
fn with_report(report: &str) -> String {
    format!("[account.credential_report]\n{report}\n{USERS}")
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_report_one_is_made_and_waited_for() {
    let run = world("", &with_report("takes_ms = 5000")).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!(run.key(ROOT)["detail"], "");
    assert!(sent(&run, GET) > 1);
    assert!(run.aws.elapsed_ms() >= 5_000);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_which_it_is_not_known_who_asked_for_it_excuses_nobody_from_being_asked() {
    // The report is begun, but the answer that says so is lost.
    let lost = format!(
        "[[fault]]\noperation = \"{GENERATE}\"\naccount = \"{ACCOUNT}\"\neffect = \"reset_after\"\nnth = 1"
    );
    let run = world(&lost, USERS).run().await;
    run.verdicts_match_the_world();
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_report_of_two_hours_is_used_as_it_is_and_says_how_old_it_is() {
    let run = world("", &with_report("age = \"2h\"")).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!((sent(&run, GENERATE), sent(&run, GET)), (1, 1));
    assert_eq!(
        run.key(ROOT)["detail"],
        "credential report of 2026-11-21T00:00:00Z"
    );
    assert_eq!(run.key(super::IDLE_KEY)["detail"], "");
}

#[tokio::test(start_paused = true)]
async fn a_key_created_since_the_report_has_its_row() {
    let account = with_report("age = \"2h\"")
        + "[[account.user.access_key]]\nid = \"AKIANEW0000000000001\"\ncreated = \"1h\"\nexpect = \"undecided\"\n\
           [[account.user]]\nname = \"newcomer\"\ncreated = \"1h\"\n\
           [[account.user.access_key]]\nid = \"AKIANEW0000000000002\"\nexpect = \"undecided\"\n";
    let run = world("", &account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_user_created_since_the_new_report_was_begun_is_asked() {
    // What a report contains that lacks a user who is listed.
    let report = "content = \"\"\"user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date\n<root_account>,arn:aws:iam::222222222222:root,false,N/A,N/A,false,N/A,N/A\nnobody,arn:aws:iam::222222222222:user/nobody,false,N/A,N/A,false,N/A,N/A\n\"\"\"";
    let users = USERS.replace(
        "[[account.root_access_key]]",
        "[[account.user]]\nname = \"x\"\n[[account.user.access_key]]",
    );
    let run = world(
        "",
        &format!("[account.credential_report]\n{report}\n{users}"),
    )
    .run()
    .await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3, "all but nobody");
}

#[tokio::test(start_paused = true)]
async fn an_expired_report_is_replaced() {
    let run = world("", &with_report("age = \"5h\"")).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.key(ROOT)["detail"], "");
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_in_progress_for_a_while_is_waited_for() {
    let refusal =
        format!("operation = \"{GET}\"\ncode = \"ReportInProgress\"\nstatus = 404\ntimes = 5");
    let run = refusing(&refusal).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
}

#[tokio::test(start_paused = true)]
async fn too_many_requests_for_reports_pass() {
    let refusal =
        format!("operation = \"{GENERATE}\"\ncode = \"LimitExceeded\"\nstatus = 409\ntimes = 3");
    let run = refusing(&refusal).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
}

#[tokio::test(start_paused = true)]
async fn where_a_report_may_never_be_asked_for_again_the_one_that_is_there_is_used() {
    let refusal =
        format!("[[refuse]]\noperation = \"{GENERATE}\"\ncode = \"LimitExceeded\"\nstatus = 409");
    let run = world(&refusal, &with_report("age = \"3h\"")).run().await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_never_ready_leaves_the_root_keys_unknown_and_the_users_read() {
    let account = with_report("takes_ms = 36000000").replacen("expect", "# expect", 2);
    let run = world("", &account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [super::DEPLOY_KEY, super::IDLE_KEY]);
    assert_eq!(
        coverage(&run),
        [
            "partial",
            "ReportInProgress",
            "iam:GetCredentialReport ReportInProgress: root access keys not known"
        ]
    );
    assert!(run.aws.elapsed_ms() < 180_000, "{}", run.aws.elapsed_ms());
}

#[tokio::test(start_paused = true)]
async fn users_are_read_in_time_though_the_report_is_not_there_in_time() {
    let account = with_report("takes_ms = 36000000").replacen("expect", "# expect", 2);
    let run = world("", &account).ending_after(60).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [super::DEPLOY_KEY, super::IDLE_KEY]);
    assert_eq!(
        coverage(&run),
        ["deferred", "", "no time left; root access keys not known"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_use_of_a_root_key_is_known_to_a_quarter_of_an_hour() {
    let account =
        "[[account.root_access_key]]\nlast_used = \"2026-11-20T09:44:59Z\"\nexpect = \"in_use\"";
    let run = world("", account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(run.key(ROOT)["last_used_at"], "2026-11-20T09:30:00Z");
}
