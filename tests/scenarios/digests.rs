//! The digest, as SNS receives it.

use serde_json::Value;
use tests::{Scenario, TOPIC};

#[tokio::test(start_paused = true)]
async fn people_get_text_and_programs_get_the_summary() {
    let run = Scenario::named("every_verdict").run().await;
    let digest = run.digest();
    assert_eq!(digest.message_structure.as_deref(), Some("json"));
    for protocol in ["default", "email"] {
        assert!(
            digest
                .body(protocol)
                .starts_with("7 keys unused for 90 days or more in 1 account"),
            "{protocol}"
        );
    }
    let latest: Value = serde_json::from_str(&run.latest("summary.json")).unwrap();
    for protocol in ["sqs", "lambda", "https", "http"] {
        let summary: Value = serde_json::from_str(&digest.body(protocol)).unwrap();
        assert_eq!(summary, latest, "{protocol}");
    }
}

#[tokio::test(start_paused = true)]
async fn attributes_let_subscriptions_filter() {
    let run = Scenario::named("every_verdict").run().await;
    let attributes = run.digest().attributes;
    assert_eq!(attributes["flagged"], ("Number".to_owned(), "7".to_owned()));
    assert_eq!(
        attributes["coverage"],
        ("String".to_owned(), "partial".to_owned())
    );
    let kms_only = Scenario::named("every_verdict").with("KEYCENSUS_KINDS", "kms");
    let attributes = kms_only.run().await.digest().attributes;
    assert_eq!(attributes["flagged"], ("Number".to_owned(), "3".to_owned()));
    assert_eq!(
        attributes["coverage"],
        ("String".to_owned(), "complete".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn the_returned_summary_names_the_message_that_was_sent() {
    let run = Scenario::named("every_verdict").run().await;
    assert_eq!(
        run.summary()["digest"]["message_id"],
        run.digest().message_id
    );
    assert_eq!(
        run.summary()["digest"]["reason"],
        "flagged keys: 7, root access keys: 2, coverage is not complete"
    );
}

#[tokio::test(start_paused = true)]
async fn no_digest_is_sent_when_none_is_wanted() {
    let run = Scenario::named("every_verdict")
        .with("KEYCENSUS_DIGEST", "never")
        .run()
        .await;
    assert_eq!(run.aws.messages(), []);
    assert_eq!(run.summary()["digest"]["message_id"], Value::Null);
    assert_eq!(
        run.summary()["digest"]["reason"],
        "the digest is set to never"
    );
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_cannot_be_sent_fails_the_invocation_with_the_report_written() {
    let run = Scenario::small("[[refuse]]\noperation = \"sns:Publish\"", "")
        .with("KEYCENSUS_DIGEST", "always")
        .run()
        .await;
    let (kind, message) = run.error();
    assert_eq!(kind, "DigestNotSent");
    assert!(message.contains(TOPIC), "{message}");
    assert!(message.contains("allow sns:Publish"), "{message}");
    assert!(run.latest("summary.json").contains("\"message_id\": null"));
}
