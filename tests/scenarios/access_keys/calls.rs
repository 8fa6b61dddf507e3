//! What reading access keys costs: a new credential report tells who has none.

use std::collections::BTreeMap;

use super::{ACCOUNT, USERS, sent, world};

#[tokio::test(start_paused = true)]
async fn with_a_new_report_a_user_without_keys_costs_no_call_and_a_key_exactly_one() {
    let more_users: String = (0..50)
        .map(|n| format!("[[account.user]]\nname = \"person-{n}\"\n"))
        .collect();
    let run = world("", &format!("{USERS}{more_users}")).run().await;
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
    let old = format!("[account.credential_report]\nage = \"1h\"\n{USERS}");
    let run = world("", &old).run().await;
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for call in run
        .aws
        .log()
        .into_iter()
        .filter(|call| call.account == ACCOUNT)
    {
        asked.entry(call.operation).or_default().push(call.resource);
    }
    asked.values_mut().for_each(|resources| resources.sort());
    assert_eq!(
        asked["iam:ListAccessKeys"],
        ["deploy-bot", "idle-bot", "nobody"]
    );
    assert_eq!(asked["iam:ListUserTags"], ["deploy-bot", "idle-bot"]);
    assert_eq!(
        asked["iam:GetAccessKeyLastUsed"],
        [super::DEPLOY_KEY, super::IDLE_KEY]
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_without_users_costs_one_listing_and_its_report() {
    let run = world("", "[account.credential_report]\nage = \"1h\"")
        .run()
        .await;
    let in_account = run
        .aws
        .log()
        .into_iter()
        .filter(|call| call.account == ACCOUNT && call.operation.starts_with("iam:"));
    assert_eq!(in_account.count(), 3);
    assert_eq!(run.cell(ACCOUNT, "global")["keys"], "0");
}
