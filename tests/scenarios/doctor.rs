//! The stage `doctor` of an invocation: what a census needs, checked by the function itself.

use serde_json::{Value, json};
use tests::{
    Scenario,
    parts::{UNUSED, account, key, key_id, refusal},
};

fn scenario(head: &str) -> Scenario {
    let accounts = ["222222222222", "333333333333"];
    let accounts = accounts.map(|id| account(id, &key(&key_id(1), UNUSED)));
    Scenario::small(head, &accounts.concat())
}

/// The findings of each check: `account 222222222222`, and whether it is fine.
fn findings(answer: &Value) -> Vec<(String, bool)> {
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let check = finding["check"].as_str().unwrap();
            let account = finding["account_id"].as_str().unwrap_or_default();
            let is_fine = finding["ok"].as_bool().unwrap();
            (format!("{check} {account}").trim().to_owned(), is_fine)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_function_checks_with_its_own_permissions_and_reads_no_key() {
    let run = scenario("").invoke(json!({"stage": "doctor"})).await;
    let expected = [
        "credentials",
        "organization",
        "bucket",
        "topic",
        "account 111111111111",
        "account 222222222222",
        "account 333333333333",
    ];
    let expected = expected.map(|check| (check.to_owned(), true));
    assert_eq!(findings(run.summary()), expected, "{}", run.summary());
    assert_eq!(run.summary()["wrong"], 0);
    let calls = run.aws.log();
    let of_keys = calls
        .iter()
        .filter(|call| call.operation.starts_with("kms:"));
    assert_eq!(of_keys.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_in_one_account_is_said_with_its_remedy_and_costs_no_other_its_check() {
    let head = refusal(
        "account:ListRegions",
        "account = '222222222222'\ncode = 'AccessDeniedException'",
    );
    let run = scenario(&head).invoke(json!({"stage": "doctor"})).await;
    let answer = run.summary();
    let wrong: Vec<_> = findings(answer)
        .into_iter()
        .filter(|(_, is_fine)| !is_fine)
        .collect();
    assert_eq!(wrong, [("account 222222222222".to_owned(), false)]);
    let findings = answer["findings"].as_array().unwrap();
    let remedy = findings
        .iter()
        .find_map(|finding| finding["remedy"].as_str());
    assert_eq!(
        remedy,
        Some(
            "Regions not known: allow account:ListRegions to the role KeycensusReader, or name the Regions to read in KEYCENSUS_REGIONS"
        )
    );
}
