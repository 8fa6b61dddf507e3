//! What IAM refuses is told, and costs nothing that can be read all the same.

use super::{DEPLOY_KEY, IDLE_KEY, USERS, coverage, key_ids, refusing, sent, world};

const DENIED: &str = "AccessDenied";

fn refuse(operation: &str) -> String {
    format!("[[refuse]]\naccount = \"222222222222\"\noperation = \"iam:{operation}\"\n")
}

/// [`USERS`] without what is expected of the root key.
fn users() -> String {
    USERS.replacen("expect", "# expect", 2)
}

const NO_REPORT: [&str; 3] = [
    "partial",
    DENIED,
    "iam:GenerateCredentialReport AccessDenied: root access keys not known",
];

#[tokio::test(start_paused = true)]
async fn without_the_report_keys_are_read_by_listing_and_the_root_keys_are_not_known() {
    let refusals = refuse("GenerateCredentialReport") + &refuse("GetCredentialReport");
    let run = world(&refusals, &users()).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [DEPLOY_KEY, IDLE_KEY]);
    assert_eq!(coverage(&run), NO_REPORT);
    assert_eq!(sent(&run, "iam:ListAccessKeys"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_nobody_may_ask_for_but_is_there_is_used() {
    let account = format!("[account.credential_report]\nage = \"1h\"\n{USERS}");
    let run = world(&refuse("GenerateCredentialReport"), &account)
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), ["scanned", "", ""]);
    assert_eq!(
        run.key("root_access_key_1")["detail"],
        "credential report of 2026-11-21T01:00:00Z"
    );
}

#[tokio::test(start_paused = true)]
async fn where_no_report_is_there_and_none_may_be_asked_for_that_is_what_is_said() {
    let run = world(&refuse("GenerateCredentialReport"), &users())
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(coverage(&run), NO_REPORT);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_is_made_and_may_not_be_read_leaves_the_root_keys_unknown() {
    let run = world(&refuse("GetCredentialReport"), &users()).run().await;
    run.verdicts_match_the_world();
    assert_eq!(
        coverage(&run),
        [
            "partial",
            DENIED,
            "iam:GetCredentialReport AccessDenied: root access keys not known"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn users_who_may_not_be_listed_are_known_from_the_report() {
    let run = world(&refuse("ListUsers"), USERS).run().await;
    run.verdicts_match_the_world();
    assert_eq!(
        coverage(&run),
        [
            "partial",
            DENIED,
            "iam:ListUsers AccessDenied: not all users are known"
        ]
    );
    assert_eq!(run.key(DEPLOY_KEY)["owner"], "platform");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_refuses_everything_of_iam_is_one_denied_row() {
    let account = users().replace("expect", "# expect");
    let run = world(&refuse("*"), &account).run().await;
    assert_eq!(key_ids(&run), Vec::<String>::new());
    assert_eq!(
        coverage(&run),
        [
            "denied",
            DENIED,
            "iam:ListUsers AccessDenied; iam:GenerateCredentialReport AccessDenied"
        ]
    );
    assert_eq!(run.cell("222222222222", "global")["keys"], "");
    assert_eq!(run.summary()["coverage"]["cells"]["denied"], 1);
    assert!(
        run.digest().text().contains(
            "- 222222222222 shop, IAM access keys: denied: iam:ListUsers AccessDenied; iam:GenerateCredentialReport AccessDenied"
        ),
        "{}",
        run.digest().text()
    );
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_keys_may_not_be_listed_leaves_the_others_read_and_is_named() {
    let account = USERS.replacen("expect = \"stale\"\nexpect_flagged", "# ", 1);
    let refusal = refuse("ListAccessKeys") + "key = \"idle-bot\"";
    let run = world(&refusal, &account).run().await;
    run.verdicts_match_the_world();
    assert_eq!(key_ids(&run), [DEPLOY_KEY, "root_access_key_1"]);
    assert_eq!(
        coverage(&run),
        [
            "partial",
            DENIED,
            "iam:ListAccessKeys AccessDenied: users whose keys are not known: 1 (idle-bot)"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_last_use_is_refused_or_throttled_for_ever_is_unreadable_and_never_unused() {
    for (code, status, cause, recommendation) in [
        (DENIED, 403, "refused", "grant_access"),
        ("Throttling", 400, "throttled", "none"),
        ("ServiceFailure", 500, "fault", "none"),
    ] {
        let account = format!(
            "[[account.user]]\nname = \"young\"\n[[account.user.access_key]]\nid = \"{IDLE_KEY}\"\nexpect = \"unreadable\"\nexpect_flagged = false\n"
        );
        let refusal = format!(
            "[[refuse]]\noperation = \"iam:GetAccessKeyLastUsed\"\nkey = \"{IDLE_KEY}\"\ncode = \"{code}\"\nstatus = {status}"
        );
        let run = world(&refusal, &account).run().await;
        run.verdicts_match_the_world();
        let key = run.key(IDLE_KEY);
        assert_eq!(key["detail"], format!("iam:GetAccessKeyLastUsed {code}"));
        let said = (&*key["gap_cause"], &*key["recommendation"]);
        assert_eq!(said, (cause, recommendation));
        assert_eq!((&*key["idle_days"], &*key["tracked_since"]), ("", ""));
        let [status, error_code, detail] = coverage(&run);
        assert_eq!((&*status, &*error_code), ("partial", code));
        assert_eq!(detail, format!("iam:GetAccessKeyLastUsed {code} (1 key)"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_users_tags_are_refused_is_judged_and_says_that_its_owner_is_not_known() {
    let run = refusing("operation = \"iam:ListUserTags\"\nkey = \"idle-bot\"")
        .run()
        .await;
    run.verdicts_match_the_world();
    assert_eq!(
        run.key(IDLE_KEY)["detail"],
        "iam:ListUserTags AccessDenied: owner and exemption not known"
    );
    assert_eq!(
        coverage(&run),
        [
            "partial",
            DENIED,
            "keys whose user's tags are not known: 1; \
             iam:ListUserTags AccessDenied (1 key): it is flagged and may be exempt"
        ]
    );
    assert_eq!(run.summary()["coverage"]["complete"], false);
}

#[tokio::test(start_paused = true)]
async fn tags_of_a_user_whose_keys_are_in_use_decide_nothing_and_are_no_gap() {
    let run = refusing("operation = \"iam:ListUserTags\"\nkey = \"deploy-bot\"")
        .run()
        .await;
    assert_eq!(
        coverage(&run),
        ["scanned", "", "keys whose user's tags are not known: 1"]
    );
}
