//! An answer of success that says nothing is not the answer "there are none".

use serde_json::Value;

use super::{ACCOUNT, EXEMPT, OPERATIONS, UNUSED, is_honest, leaves_no_trace, night_with, world};

/// The forms of an answer that says nothing.
const EMPTY: [&str; 3] = ["empty_body", "no_content", "empty_answer"];

/// Whether an operation's answer is JSON, which has null.
fn has_null(operation: &str) -> bool {
    let services = ["account", "events", "kms", "organizations"];
    services.contains(&operation.split(':').next().unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_asked_for_again_whatever_was_asked() {
    for effect in EMPTY {
        leaves_no_trace(effect, &OPERATIONS).await;
    }
    let operations: Vec<&str> = OPERATIONS.into_iter().filter(|o| has_null(o)).collect();
    leaves_no_trace("null_answer", &operations).await;
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_stays_empty_is_a_gap_and_nothing_of_it_is_gone() {
    for operation in [
        "account:ListRegions",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "iam:ListAccessKeys",
        "iam:ListUserTags",
        "iam:ListUsers",
        "kms:ListAliases",
        "kms:ListGrants",
        "kms:ListKeys",
        "kms:ListResourceTags",
    ] {
        for effect in EMPTY.into_iter().chain(["null_answer"]) {
            if effect != "null_answer" || has_null(operation) {
                let run = night_with(effect, operation).await;
                is_honest(&run, &format!("{effect} {operation}"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cell_whose_listing_stays_empty_has_failed_and_no_number_of_keys() {
    for effect in EMPTY {
        let run = night_with(effect, "kms:ListKeys").await;
        let cell = run.cell(ACCOUNT, "us-east-1");
        let told = ["status", "error_code", "keys", "listed_whole"].map(|name| &*cell[name]);
        assert_eq!(told, ["failed", "UnreadableAnswer", "", ""], "{effect}");
        assert_eq!(run.summary()["coverage"]["complete"], false);
        assert_eq!(run.summary()["changes"]["unseen"], 3, "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_disabled_key_with_a_grant_is_never_to_be_deleted_because_no_grant_was_listed() {
    let first = world("");
    let run = first.run().await;
    assert_eq!(run.key(UNUSED)["recommendation"], "check_dependents");
    for effect in ["empty_body", "empty_answer", "null_answer"] {
        let fault = format!("operation = \"kms:ListGrants\"\neffect = \"{effect}\"");
        // The volume is gone by then: only the grant keeps the key.
        let mut tonight = world(&fault).aws.world().clone();
        tonight.accounts[1].volumes.clear();
        let tonight = tests::Scenario::in_world(tonight);
        let run = first.a_month_later(&tonight).run().await;
        let key = run.key(UNUSED);
        assert_eq!(key["disabled_since"], "2026-11-21", "{effect}");
        assert_eq!(key["dependents_checked"], "UnreadableAnswer", "{effect}");
        assert_ne!(key["recommendation"], "schedule_deletion", "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_that_stay_empty_are_not_known_rather_than_none() {
    let run = night_with("empty_answer", "kms:ListResourceTags").await;
    let key = run.key(EXEMPT);
    assert!(
        key["detail"].contains("kms:ListResourceTags UnreadableAnswer"),
        "{}",
        key["detail"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_report_is_asked_for_again_where_the_answer_is_empty() {
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    for effect in EMPTY {
        let fault = format!("operation = \"s3:GetObject\"\neffect = \"{effect}\"\nfirst = 2");
        let run = first.a_night_later(&world(&fault)).run().await;
        let changes = &run.summary()["changes"];
        assert_eq!(changes["first_census"], Value::Null, "{effect}");
        assert_eq!(changes["compared_with"], "2026-11-21", "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_organization_of_which_nothing_is_listed_is_an_error_and_no_empty_one() {
    for effect in EMPTY.into_iter().chain(["null_answer"]) {
        let fault = format!("operation = \"organizations:ListAccounts\"\neffect = \"{effect}\"");
        let run = world(&fault).run().await;
        let (kind, message) = run.error();
        assert_eq!(kind, "OrganizationUnreadable", "{effect}");
        assert!(message.contains("UnreadableAnswer"), "{message}");
    }
}
