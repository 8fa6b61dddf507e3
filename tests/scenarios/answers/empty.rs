//! An answer of success that says nothing is not the answer "there are none".

use serde_json::Value;
use tests::{Scenario, parts::fault};

use super::{EMPTY, EXEMPT, UNUSED, night_with, world};

#[tokio::test(start_paused = true)]
async fn a_disabled_key_with_a_grant_is_never_to_be_deleted_because_no_grant_was_listed() {
    let first = world("");
    let run = first.run().await;
    assert_eq!(run.key(UNUSED)["recommendation"], "check_dependents");
    for effect in ["empty_body", "empty_answer", "null_answer"] {
        // The volume is gone by then: only the grant keeps the key.
        let mut tonight = world(&fault("kms:ListGrants", effect, ""))
            .aws
            .world()
            .clone();
        tonight.accounts[1].volumes.clear();
        let tonight = Scenario::in_world(tonight);
        let key = first.a_month_later(&tonight).run().await.key(UNUSED);
        let found = key.values(["disabled_since", "dependents_checked"]);
        assert_eq!(found, ["2026-11-21", "UnreadableAnswer"], "{effect}");
        assert_ne!(key["recommendation"], "schedule_deletion", "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_listing_of_tags_stays_empty_the_tags_are_unknown_and_not_none() {
    let run = night_with("empty_answer", "kms:ListResourceTags").await;
    let detail = &run.key(EXEMPT)["detail"];
    let unread = "kms:ListResourceTags UnreadableAnswer";
    assert!(detail.contains(unread), "{detail}");
}

#[tokio::test(start_paused = true)]
async fn the_last_report_is_asked_for_again_where_the_answer_is_empty() {
    let first = world("");
    assert!(first.run().await.outcome.is_ok());
    for effect in EMPTY {
        let tonight = world(&fault("s3:GetObject", effect, "first = 2"));
        let run = first.a_night_later(&tonight).run().await;
        let changes = &run.summary()["changes"];
        assert_eq!(changes["first_census"], Value::Null, "{effect}");
        assert_eq!(changes["compared_with"], "2026-11-21", "{effect}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_organization_of_which_nothing_is_listed_is_an_error_and_no_empty_one() {
    for effect in EMPTY.into_iter().chain(["null_answer"]) {
        let scenario = world(&fault("organizations:ListAccounts", effect, ""));
        let run = scenario.run().await;
        let (kind, message) = run.error();
        assert_eq!(kind, "OrganizationUnreadable", "{effect}");
        assert!(message.contains("UnreadableAnswer"), "{message}");
    }
}
