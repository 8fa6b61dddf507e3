//! The short form of the digest, on a topic for a chat channel.

use keycensus_sim::Message;
use serde_json::{Value, json};
use tests::{
    Run, Scenario,
    parts::{UNUSED, fault, keys, refusal},
    scheduled_event,
};

const PUBLISH: &str = "sns:Publish";
const CHAT: &str = "arn:aws:sns:us-east-1:111111111111:chat";

/// An organization with an unused key.
fn organization(head: &str) -> Scenario {
    let topic = format!("[[topic]]\narn = '{CHAT}'\n");
    // The first topic of the world is the digest's.
    Scenario::member(head, &format!("{}{topic}", keys([1], UNUSED)))
        .with("KEYCENSUS_CHAT_TOPIC_ARN", CHAT)
}

/// The messages on the topic for the channel.
fn to_chat(run: &Run) -> Vec<Message> {
    let messages = run.aws.messages().into_iter();
    messages
        .filter(|message| message.topic_arn == CHAT)
        .collect()
}

/// What the summary says of the message.
fn outcome(run: &Run) -> &Value {
    &run.summary()["digest"]["chat"]
}

#[tokio::test(start_paused = true)]
async fn the_channel_gets_the_short_form_after_the_digest() {
    let run = organization("").run().await;
    let topics: Vec<String> = run
        .aws
        .messages()
        .into_iter()
        .map(|message| message.topic_arn)
        .collect();
    assert_eq!(topics.len(), 2);
    assert_eq!(topics[1], CHAT);
    let [message] = to_chat(&run).try_into().unwrap();
    let notification: Value = serde_json::from_str(&message.body("https")).unwrap();
    assert_eq!(notification["version"], "1.0");
    assert_eq!(notification["source"], "custom");
    assert_eq!(notification["content"]["textType"], "client-markdown");
    let title = &notification["content"]["title"];
    assert_eq!(title, "Keycensus: 1 key unused for 90 days or more");
    let description = notification["content"]["description"].as_str().unwrap();
    assert!(
        description.starts_with("1 KMS key unused for 90 days or more"),
        "{description}"
    );
    let link = "Report: https://s3.console.aws.amazon.com/s3/object/";
    assert!(description.contains(link), "{description}");
    assert_eq!(
        [
            message.subject.as_str(),
            &message.attributes.len().to_string()
        ],
        ["", "0"]
    );
    assert_eq!(
        *outcome(&run),
        json!({"topic_arn": CHAT, "message_id": message.message_id, "failed": false, "may_be_lost": false})
    );
}

#[tokio::test(start_paused = true)]
async fn a_channel_alone_gets_its_message_too() {
    let event = scheduled_event("event-1");
    let scenario = organization("").with("KEYCENSUS_TOPIC_ARN", "");
    let run = scenario.invoke(event.clone()).await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(to_chat(&run).len(), 1);
    assert!(outcome(&run)["message_id"].is_string());
    let again = scenario.again("run-2").invoke(event).await;
    assert_eq!(again.aws.messages().len(), 1);
    assert!(outcome(&again)["message_id"].is_string());
}

#[tokio::test(start_paused = true)]
async fn the_channel_is_silent_where_no_digest_is_due() {
    for (setting, text) in [
        ("KEYCENSUS_DIGEST", "never"),
        ("KEYCENSUS_STALE_AFTER_DAYS", "3000"),
    ] {
        let run = organization("").with(setting, text).run().await;
        assert_eq!(run.aws.messages().len(), 0, "{setting}");
        assert_eq!(outcome(&run)["topic_arn"], Value::Null, "{setting}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_does_not_cost_the_digest() {
    let refused = refusal(PUBLISH, &format!("resource = '{CHAT}'"));
    let run = organization(&refused).run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(outcome(&run)["failed"], true);
    assert!(run.summary()["digest"]["message_id"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_may_be_out_is_not_sent_again() {
    let lost = fault(PUBLISH, "reset_after", "nth = 2");
    let run = organization(&lost).run().await;
    assert_eq!(to_chat(&run).len(), 1);
    assert_eq!(outcome(&run)["may_be_lost"], true);
    assert_eq!(run.sent(PUBLISH), 2);
}

#[tokio::test(start_paused = true)]
async fn a_digest_that_is_sent_late_goes_without_its_short_form_and_says_so() {
    let first = organization(&refusal(PUBLISH, "times = 1"));
    assert_eq!(first.run().await.error().0, "DigestNotSent");
    let run = first.run().await;
    assert_eq!(run.aws.messages().len(), 1);
    assert_eq!(to_chat(&run).len(), 0);
    assert_eq!(outcome(&run)["failed"], true);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_not_there_is_an_error_before_anything_is_read() {
    let missing = "arn:aws:sns:us-east-1:111111111111:missing";
    let run = organization("")
        .with("KEYCENSUS_CHAT_TOPIC_ARN", missing)
        .run()
        .await;
    let (kind, message) = run.error();
    assert_eq!(kind, "SettingsError");
    let expected = format!("KEYCENSUS_CHAT_TOPIC_ARN is {missing:?}: there is no such topic");
    assert!(message.starts_with(&expected), "{message}");
}
