//! What IAM refuses is reported, and costs nothing that can be read all the same.

use tests::parts::{access_key, table, user};

use super::{
    DEPLOY_KEY, IDLE_KEY, ROOT_KEY, coverage, is_read_whole, lacks, refused, sent, users, world,
};

const DENIED: &str = "AccessDenied";
const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";

#[tokio::test(start_paused = true)]
async fn without_the_report_keys_are_read_by_listing_and_the_root_keys_are_not_known() {
    for (operations, named) in [
        (&[GENERATE, GET][..], GENERATE),
        (&[GENERATE], GENERATE),
        (&[GET], GET),
    ] {
        let refusals = operations.iter().map(|operation| refused(operation, ""));
        let run = users(&refusals.collect::<String>()).run().await;
        let why = format!("{named} AccessDenied: root access keys not known");
        lacks(&run, &[ROOT_KEY], ["partial", DENIED, &why]);
        assert_eq!(sent(&run, "iam:ListAccessKeys"), 3, "{operations:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_may_not_be_asked_for_but_is_there_is_used() {
    let report = "[account.credential_report]\nage = '1h'\n";
    let run = users(&format!("{report}{}", refused(GENERATE, "")))
        .run()
        .await;
    is_read_whole(&run, "");
    let age = "credential report of 2026-11-21T01:00:00Z";
    assert_eq!(run.key(ROOT_KEY)["detail"], age);
}

#[tokio::test(start_paused = true)]
async fn users_who_may_not_be_listed_are_known_from_the_report() {
    let run = users(&refused("iam:ListUsers", "")).run().await;
    let why = "iam:ListUsers AccessDenied: not all users are known";
    lacks(&run, &[], ["partial", DENIED, why]);
    assert_eq!(run.key(DEPLOY_KEY)["owner"], "platform");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_refuses_everything_of_iam_is_one_denied_row() {
    let run = users(&refused("iam:*", "")).run().await;
    let why = "iam:ListUsers AccessDenied; iam:GenerateCredentialReport AccessDenied";
    let all = [ROOT_KEY, DEPLOY_KEY, IDLE_KEY];
    lacks(&run, &all, ["denied", DENIED, why]);
    assert_eq!(run.cell("222222222222", "global")["keys"], "");
    assert_eq!(run.summary()["coverage"]["cells"]["denied"], 1);
    let line = format!("- 222222222222 shop, IAM access keys: denied: {why}");
    run.digest_of_gaps_has(&[&line]);
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_keys_may_not_be_listed_leaves_the_others_read_and_is_named() {
    let run = users(&refused("iam:ListAccessKeys", "key = 'idle-bot'"))
        .run()
        .await;
    let why = "iam:ListAccessKeys AccessDenied: users whose keys are not known: 1 (idle-bot)";
    lacks(&run, &[IDLE_KEY], ["partial", DENIED, why]);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_last_use_is_refused_or_throttled_for_ever_is_unreadable_and_never_unused() {
    for [code, status, cause, recommendation] in table(
        "
        AccessDenied   | 403 | refused   | grant_access
        Throttling     | 400 | throttled | none
        ServiceFailure | 500 | fault     | none
        ",
    ) {
        let expected = "expect = 'unreadable'\nexpect_flagged = false";
        let account = user("young", "") + &access_key(&format!("id = '{IDLE_KEY}'\n{expected}"));
        let rest = format!("key = '{IDLE_KEY}'\ncode = '{code}'\nstatus = {status}");
        let scenario = world(&refused("iam:GetAccessKeyLastUsed", &rest), &account);
        let run = scenario.run().await;
        run.verdicts_match_the_world();
        let detail = format!("iam:GetAccessKeyLastUsed {code}");
        let key = run.key(IDLE_KEY);
        let found = key.values(["detail", "gap_cause", "recommendation"]);
        assert_eq!(found, [&detail, cause, recommendation]);
        assert_eq!(key.values(["idle_days", "tracked_since"]), ["", ""]);
        let detail = format!("{detail} (1 key)");
        assert_eq!(coverage(&run), ["partial", code, &detail]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_tags_are_refused_is_a_gap_where_a_flag_rests_on_them() {
    let run = users(&refused("iam:ListUserTags", "key = 'idle-bot'"))
        .run()
        .await;
    let unknown = "iam:ListUserTags AccessDenied: owner and exemption not known";
    assert_eq!(run.key(IDLE_KEY)["detail"], unknown);
    let why = "keys whose user's tags are not known: 1; \
               iam:ListUserTags AccessDenied (1 key): it is flagged and may be exempt";
    lacks(&run, &[], ["partial", DENIED, why]);
    assert!(!run.is_complete());
    let run = users(&refused("iam:ListUserTags", "key = 'deploy-bot'"))
        .run()
        .await;
    let unknown = "keys whose user's tags are not known: 1";
    lacks(&run, &[], ["scanned", "", unknown]);
}
