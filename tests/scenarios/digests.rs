//! The digest, as SNS receives it.

use serde_json::Value;
use tests::{Scenario, TOPIC, parts::refusal};

#[tokio::test(start_paused = true)]
async fn people_get_text_and_programs_get_the_summary() {
    let run = Scenario::named("every_verdict").run().await;
    let digest = run.digest();
    assert_eq!(digest.message_structure.as_deref(), Some("json"));
    let begins = "7 keys unused for 90 days or more in 1 account";
    for protocol in ["default", "email"] {
        assert!(digest.body(protocol).starts_with(begins), "{protocol}");
    }
    let latest: Value = serde_json::from_str(&run.latest("summary.json")).unwrap();
    for protocol in ["sqs", "lambda", "https", "http"] {
        let summary: Value = serde_json::from_str(&digest.body(protocol)).unwrap();
        assert_eq!(summary, latest, "{protocol}");
    }
    let returned = &run.summary()["digest"];
    assert_eq!(returned["message_id"], digest.message_id);
    let reason = "flagged keys: 7, root access keys: 2, coverage is not complete";
    assert_eq!(returned["reason"], reason);
}

#[tokio::test(start_paused = true)]
async fn attributes_let_subscriptions_filter() {
    for (kinds, flagged, coverage) in [("kms,iam", "7", "partial"), ("kms", "3", "complete")] {
        let scenario = Scenario::named("every_verdict").with("KEYCENSUS_KINDS", kinds);
        let attributes = scenario.run().await.digest().attributes;
        let typed = |kind: &str, value: &str| (kind.to_owned(), value.to_owned());
        assert_eq!(attributes["flagged"], typed("Number", flagged));
        assert_eq!(attributes["coverage"], typed("String", coverage));
    }
}

#[tokio::test(start_paused = true)]
async fn no_digest_is_sent_when_none_is_wanted() {
    let scenario = Scenario::named("every_verdict").with("KEYCENSUS_DIGEST", "never");
    let run = scenario.run().await;
    assert_eq!(run.aws.messages(), []);
    let returned = &run.summary()["digest"];
    assert_eq!(returned["message_id"], Value::Null);
    assert_eq!(returned["reason"], "the digest is set to never");
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_cannot_be_sent_fails_the_invocation_with_the_report_written() {
    let scenario = Scenario::small(&refusal("sns:Publish", ""), "");
    let run = scenario.with("KEYCENSUS_DIGEST", "always").run().await;
    let (kind, message) = run.error();
    assert_eq!(kind, "DigestNotSent");
    assert!(message.contains(TOPIC), "{message}");
    assert!(message.contains("allow sns:Publish"), "{message}");
    assert!(run.latest("summary.json").contains("\"message_id\": null"));
}
