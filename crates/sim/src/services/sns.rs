//! Amazon Simple Notification Service.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    aws::operation::Operation,
    call::{Call, Subject},
    lock::lock,
    state::{State, message::Message},
    wire::{AwsError, Reply, input::Input, xml::element},
    world::uuid,
};

/// Bytes of a message and its attributes at most
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
const LONGEST_MESSAGE: usize = 262_144;
/// Characters of a subject at most: fewer than 100 (same page).
const LONGEST_SUBJECT: usize = 99;

/// What a call is about: the topic.
pub(crate) fn subject<'a>(call: &'a Call<'_>) -> Subject<'a> {
    Subject::of_caller(call, topic_arn(call))
}

/// The topic that a call names; empty where it names none.
pub(crate) fn topic_arn<'a>(call: &'a Call<'_>) -> &'a str {
    call.input
        .text("TopicArn")
        .or_else(|| call.input.text("TargetArn"))
        .unwrap_or_default()
}

/// Answers a call.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    let arn = topic_arn(call);
    check_topic(state, call, arn)?;
    match call.operation {
        Operation::Publish => publish(state, call, arn),
        _ => Ok(get_topic_attributes(arn)),
    }
}

/// Answers a call without saying the ID of the message.
pub(crate) fn answer_without_id(state: &State, call: &Call<'_>) -> Result<Reply, AwsError> {
    answer(state, call).map(|_| Reply::Xml(String::new()))
}

fn invalid(what: &str) -> AwsError {
    AwsError::new(
        "InvalidParameter",
        400,
        format!("Invalid parameter: {what}"),
    )
}

/// The topic must exist, in the Region that the call was signed for, and be the caller's.
fn check_topic(state: &State, call: &Call<'_>, arn: &str) -> Result<(), AwsError> {
    let parts: Vec<_> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "sns", region, owner, _] if region == call.region => {
            if !state.world.topics.iter().any(|topic| topic.arn == arn) {
                return Err(AwsError::new("NotFound", 404, "Topic does not exist"));
            }
            let is_own = owner == call.caller.account;
            is_own.then_some(()).ok_or_else(|| call.denied(arn))
        }
        _ => Err(invalid("TopicArn")),
    }
}

fn get_topic_attributes(arn: &str) -> Reply {
    let owner = arn.split(':').nth(4).unwrap_or_default();
    let mut inner = "<Attributes>".to_owned();
    for (name, value) in [
        ("TopicArn", arn),
        ("Owner", owner),
        ("SubscriptionsConfirmed", "1"),
    ] {
        inner.push_str("<entry>");
        element(&mut inner, "key", name);
        element(&mut inner, "value", value);
        inner.push_str("</entry>");
    }
    inner.push_str("</Attributes>");
    Reply::Xml(inner)
}

fn publish(state: &State, call: &Call<'_>, arn: &str) -> Result<Reply, AwsError> {
    let subject = call.input.text("Subject").unwrap_or_default();
    check_subject(subject)?;
    let message = call
        .input
        .text("Message")
        .ok_or_else(|| invalid("Empty message"))?;
    // <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>, `MessageGroupId`
    if arn.ends_with(".fifo") && call.input.text("MessageGroupId").is_none() {
        return Err(invalid(
            "The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    let attributes = attributes(&call.input)?;
    let of_attributes: usize = attributes
        .iter()
        .map(|(name, (kind, value))| name.len() + kind.len() + value.len())
        .sum();
    if message.len() + of_attributes > LONGEST_MESSAGE {
        return Err(invalid("Message too long"));
    }
    let structure = call.input.text("MessageStructure");
    match structure {
        None => {}
        Some("json") => check_structure(message)?,
        Some(_) => return Err(invalid("MessageStructure")),
    }
    let mut messages = lock(&state.messages);
    let message_id = uuid(&format!("{arn}/message/{}", messages.len()));
    messages.push(Message {
        topic_arn: arn.to_owned(),
        subject: subject.to_owned(),
        message: message.to_owned(),
        message_structure: structure.map(str::to_owned),
        attributes,
        message_id: message_id.clone(),
    });
    let mut inner = String::new();
    element(&mut inner, "MessageId", &message_id);
    Ok(Reply::Xml(inner))
}

/// ASCII, fewer than 100 characters, no line breaks or control characters, begins with no space.
fn check_subject(subject: &str) -> Result<(), AwsError> {
    let right = subject.len() <= LONGEST_SUBJECT
        && subject
            .chars()
            .all(|c| c.is_ascii() && !c.is_ascii_control())
        && !subject.starts_with(' ');
    right.then_some(()).ok_or_else(|| invalid("Subject"))
}

fn check_structure(message: &str) -> Result<(), AwsError> {
    match serde_json::from_str(message) {
        Ok(Value::Object(texts)) => match texts.get("default") {
            Some(Value::String(_)) => Ok(()),
            _ => Err(invalid(
                "Message Structure - No default entry in JSON message body",
            )),
        },
        _ => Err(invalid(
            "Message Structure - JSON message body failed to parse",
        )),
    }
}

/// `MessageAttributes.entry.1.Name` and its companions.
fn attributes(input: &Input) -> Result<BTreeMap<String, (String, String)>, AwsError> {
    let mut attributes = BTreeMap::new();
    for number in 1.. {
        let field = |name: &str| input.text(&format!("MessageAttributes.entry.{number}.{name}"));
        let Some(name) = field("Name") else { break };
        let value = field("Value.StringValue").or_else(|| field("Value.BinaryValue"));
        let wrong = |what: &str| {
            AwsError::new(
                "InvalidParameterValue",
                400,
                format!("The message attribute '{name}' {what}"),
            )
        };
        let kind = field("Value.DataType")
            .ok_or_else(|| wrong("must contain a non-empty message attribute type."))?;
        let value =
            value.ok_or_else(|| wrong("must contain a non-empty message attribute value."))?;
        if kind == "Number" && value.parse::<f64>().is_err() {
            return Err(wrong(&format!("has an invalid number value: {value}")));
        }
        attributes.insert(name.to_owned(), (kind.to_owned(), value.to_owned()));
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_short_plain_and_one_line() {
        for (subject, right) in [
            ("", true),
            ("12 keys to review", true),
            (&*"x".repeat(99), true),
            (&*"x".repeat(100), false),
            ("two\nlines", false),
            ("caf\u{e9}", false),
            (" indented", false),
            ("tab\there", false),
        ] {
            assert_eq!(check_subject(subject).is_ok(), right, "{subject:?}");
        }
    }

    #[test]
    fn a_json_structure_needs_a_default_text() {
        for (message, right) in [
            (r#"{"default": "text"}"#, true),
            (r#"{"email": "text"}"#, false),
            (r#"{"default": {}}"#, false),
            ("[]", false),
            ("text", false),
        ] {
            assert_eq!(check_structure(message).is_ok(), right, "{message}");
        }
    }
}
