use crate::request::scanner;

const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:keycensus";
const FIFO_TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:keycensus.fifo";
const WORLD: &str = r#"
    [[topic]]
    arn = "arn:aws:sns:eu-west-1:111111111111:keycensus"
    [[topic]]
    arn = "arn:aws:sns:eu-west-1:111111111111:keycensus.fifo"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
"#;

#[tokio::test]
async fn a_published_message_is_kept_whole() {
    let client = scanner(WORLD);
    let fields = [
        ("TopicArn", TOPIC),
        ("Subject", "3 keys to review"),
        ("Message", r#"{"default": "line 1\nline 2", "sqs": "{}"}"#),
        ("MessageStructure", "json"),
        ("MessageAttributes.entry.1.Name", "flagged"),
        ("MessageAttributes.entry.1.Value.DataType", "Number"),
        ("MessageAttributes.entry.1.Value.StringValue", "3"),
    ];
    let answer = client.query("sns", "Publish", &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let messages = client.simulator.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].message_id, answer.element("MessageId"));
    assert_eq!(
        messages[0].attributes["flagged"],
        ("Number".to_owned(), "3".to_owned())
    );
    assert_eq!(
        messages[0].text(),
        "Subject: 3 keys to review\n\nline 1\nline 2"
    );
    assert_eq!(messages[0].body("sqs"), "{}");
}

#[tokio::test]
async fn messages_are_kept_in_order_each_with_its_own_attributes() {
    let client = scanner(WORLD);
    for account in ["222222222222", "111111111111", "333333333333"] {
        let fields = [
            ("TopicArn", TOPIC),
            ("Message", account),
            ("MessageAttributes.entry.1.Name", "account_id"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", account),
            ("MessageAttributes.entry.2.Name", "regions"),
            ("MessageAttributes.entry.2.Value.DataType", "String.Array"),
            (
                "MessageAttributes.entry.2.Value.StringValue",
                "[\"eu-west-1\"]",
            ),
        ];
        client.query("sns", "Publish", &fields).await;
    }
    let messages = client.simulator.messages();
    let told: Vec<_> = messages
        .iter()
        .map(|message| (&*message.message, &*message.attributes["account_id"].1))
        .collect();
    assert_eq!(
        told,
        ["222222222222", "111111111111", "333333333333"].map(|account| (account, account))
    );
    let array = ("String.Array".to_owned(), "[\"eu-west-1\"]".to_owned());
    assert_eq!(messages[2].attributes["regions"], array);
    assert_ne!(messages[0].message_id, messages[1].message_id);
}

#[tokio::test]
async fn a_message_that_sns_would_not_take_is_refused() {
    let client = scanner(WORLD);
    let (long, subject) = ("x".repeat(262_145), "x".repeat(100));
    for fields in [
        vec![("Message", long.as_str())],
        vec![
            ("Message", &long[3..]),
            ("MessageAttributes.entry.1.Name", "a"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "b"),
        ],
        vec![("Message", "x"), ("Subject", &subject)],
        vec![("Message", "x"), ("Subject", "two\nlines")],
        vec![("Message", "x"), ("MessageStructure", "json")],
        vec![("Message", "")],
    ] {
        let mut fields = fields;
        fields.push(("TopicArn", TOPIC));
        let answer = client.query("sns", "Publish", &fields).await;
        assert_eq!(answer.failure(), (400, "InvalidParameter".to_owned()));
    }
    assert!(client.simulator.messages().is_empty());
    let longest = [("Message", &long[1..]), ("TopicArn", TOPIC)];
    assert_eq!(client.query("sns", "Publish", &longest).await.status, 200);
}

#[tokio::test]
async fn a_fifo_topic_takes_no_message_without_a_group() {
    let client = scanner(WORLD);
    let message = [("TopicArn", FIFO_TOPIC), ("Message", "x")];
    let answer = client.query("sns", "Publish", &message).await;
    assert_eq!(answer.failure(), (400, "InvalidParameter".to_owned()));
    assert!(answer.text().contains("MessageGroupId"));
}

#[tokio::test]
async fn a_topic_lives_in_its_region_and_belongs_to_its_account() {
    let client = scanner(WORLD);
    let attributes = client
        .query("sns", "GetTopicAttributes", &[("TopicArn", TOPIC)])
        .await;
    assert!(attributes.text().contains("<key>TopicArn</key>"));
    let gone = client
        .query(
            "sns",
            "GetTopicAttributes",
            &[("TopicArn", &format!("{TOPIC}2"))],
        )
        .await;
    assert_eq!(gone.failure(), (404, "NotFound".to_owned()));
    let message = [("TopicArn", TOPIC), ("Message", "x")];
    let elsewhere = client
        .in_region("us-east-1")
        .query("sns", "Publish", &message)
        .await;
    assert_eq!(elsewhere.failure(), (400, "InvalidParameter".to_owned()));
    let member = client
        .enter("222222222222")
        .await
        .query("sns", "Publish", &message)
        .await;
    assert_eq!(member.failure(), (403, "AuthorizationError".to_owned()));
}
