//! What reading access keys costs: a new credential report says which users have none.

use std::collections::BTreeMap;

use tests::parts::{MEMBER, user};

use super::{DEPLOY_KEY, IDLE_KEY, sent, users, world};

#[tokio::test(start_paused = true)]
async fn with_a_new_report_a_user_without_keys_costs_no_call_and_a_key_exactly_one() {
    let more_users = (0..50).map(|n| user(&format!("person-{n}"), ""));
    let run = users(&more_users.collect::<String>()).run().await;
    run.verdicts_match_the_world();
    for (operation, calls) in [
        ("iam:ListUsers", 1),
        ("iam:ListAccessKeys", 2),
        ("iam:GetAccessKeyLastUsed", 2),
        ("iam:ListUserTags", 2),
    ] {
        assert_eq!(sent(&run, operation), calls, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_users_with_keys_are_asked_for_tags_whatever_the_report() {
    let run = users("[account.credential_report]\nage = '1h'").run().await;
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for call in run.aws.log() {
        if call.account == MEMBER {
            asked.entry(call.operation).or_default().push(call.resource);
        }
    }
    asked.values_mut().for_each(|resources| resources.sort());
    let (users, keys) = (["deploy-bot", "idle-bot"], [DEPLOY_KEY, IDLE_KEY]);
    let all_users = ["deploy-bot", "idle-bot", "keyless"];
    assert_eq!(asked["iam:ListAccessKeys"], all_users);
    assert_eq!(asked["iam:ListUserTags"], users);
    assert_eq!(asked["iam:GetAccessKeyLastUsed"], keys);
}

#[tokio::test(start_paused = true)]
async fn an_account_without_users_costs_one_listing_and_its_report() {
    let run = world("", "credential_report = { age = '1h' }").run().await;
    let mut in_account = run.aws.log();
    in_account.retain(|call| call.account == MEMBER && call.operation.starts_with("iam:"));
    assert_eq!(in_account.len(), 3);
    assert_eq!(run.cell(MEMBER, "global")["keys"], "0");
}
