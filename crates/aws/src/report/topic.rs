//! The topic that the digest goes to.

use aws_sdk_sns::types::MessageAttributeValue;
use keycensus_core::{
    render::digest::{Attribute, Digest},
    settings::{SettingsError, Source, topic_arn::TopicArn},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    error::CensusError,
    services::aws::Aws,
    transport::{
        call_error::{CallError, CallSite, Failure, NOT_SENT},
        retry::retrying,
        sdk_client::client,
        session::Scanner,
    },
};

fn site(aws: &Aws, scanner: &Scanner) -> CallSite {
    CallSite {
        account: Some(scanner.account),
        region: aws.region().clone(),
    }
}

/// Checks that the topic that `setting` names is there and takes a message, before anything is scanned.
///
/// A FIFO topic takes no message without a group, and delivers to queues only
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html>).
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    topic: &TopicArn,
    setting: &str,
    source: Source,
) -> Result<(), CensusError> {
    let refused = |problem: String| SettingsError::refused(source, setting, topic, problem);
    let region = aws.region();
    if topic.region != *region {
        return Err(refused(format!(
            "the topic is in {}, but the census runs in {region}: name a topic in {region}",
            topic.region
        ))
        .into());
    }
    if topic.is_fifo() {
        return Err(refused(
            "digests cannot be sent to a FIFO topic: name a standard topic".to_owned(),
        )
        .into());
    }
    let client = client!(aws_sdk_sns, aws.config());
    let site = site(aws, scanner);
    let answer = retrying(|| {
        aws.send("sns:GetTopicAttributes", &site, || {
            client
                .get_topic_attributes()
                .topic_arn(topic.as_str())
                .send()
        })
    })
    .await;
    match answer {
        Ok(_) => Ok(()),
        Err(error) if matches!(&*error.code, "NotFound" | "NotFoundException") => Err(refused(
            "there is no such topic: create it, or name one that exists".to_owned(),
        )
        .into()),
        Err(error) if error.failure == Failure::Refused => Err(refused(
            "access is refused: allow sns:GetTopicAttributes and sns:Publish on it".to_owned(),
        )
        .into()),
        Err(error) => Err(not_sent(topic, &error)),
    }
}

/// A message as it is published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    subject: Option<&'a str>,
    text: &'a str,
    /// Whether the text is a JSON object with a text for each protocol.
    is_by_protocol: bool,
    attributes: &'a [Attribute],
}

impl<'a> Message<'a> {
    /// A digest.
    pub(crate) fn of(digest: &'a Digest) -> Self {
        Self {
            subject: Some(&digest.subject),
            text: &digest.message,
            is_by_protocol: true,
            attributes: &digest.attributes,
        }
    }

    /// The same text for every protocol, and nothing more.
    pub(crate) fn plain(text: &'a str) -> Self {
        Self {
            subject: None,
            text,
            is_by_protocol: false,
            attributes: &[],
        }
    }
}

/// What became of a message that was to be published, where it was not refused.
#[derive(Debug)]
pub(crate) enum Published {
    /// It is out; this is SNS's ID of it.
    Out(String),
    /// It may be out: this is what was answered.
    MayBeLost(String),
}

/// Publishes a message, until `until` at the latest. A request that was sent and not
/// answered is not repeated: a second digest would be one too many. An answer is one
/// if it has the message's ID, which SNS always gives
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>): what is without may
/// come from something in between.
///
/// # Errors
/// The message was surely not published.
pub(crate) async fn publish(
    aws: &Aws,
    scanner: &Scanner,
    topic: &TopicArn,
    message: Message<'_>,
    until: Option<Instant>,
) -> Result<Published, CensusError> {
    let publishing = ask(aws, scanner, topic, message);
    let answer = match until {
        Some(until) => match timeout_at(until, publishing).await {
            Ok(answer) => answer,
            Err(_) => {
                let reason = "there was no answer before the run had to end";
                return Ok(Published::MayBeLost(reason.to_owned()));
            }
        },
        None => publishing.await,
    };
    match answer {
        Ok(Some(message_id)) if !message_id.is_empty() => Ok(Published::Out(message_id)),
        Ok(_) => Ok(Published::MayBeLost(
            "sns:Publish was answered without a message ID".to_owned(),
        )),
        Err(error) if was_refused(&error) => Err(not_sent(topic, &error)),
        Err(error) => Ok(Published::MayBeLost(error.to_string())),
    }
}

/// Whether a request was surely not carried out: it was refused, or never sent.
fn was_refused(error: &CallError) -> bool {
    let is_answer = |status| !(200..300).contains(&status);
    error.status.map_or(&*error.code == NOT_SENT, is_answer)
}

/// Makes the request; gives the ID in its answer.
async fn ask(
    aws: &Aws,
    scanner: &Scanner,
    topic: &TopicArn,
    message: Message<'_>,
) -> Result<Option<String>, CallError> {
    let client = client!(aws_sdk_sns, aws.config());
    let site = site(aws, scanner);
    retrying(|| async {
        let answer = aws.send("sns:Publish", &site, || {
            let request = client
                .publish()
                .topic_arn(topic.as_str())
                .set_subject(message.subject.map(str::to_owned))
                .message(message.text)
                .set_message_structure(message.is_by_protocol.then(|| "json".to_owned()));
            message
                .attributes
                .iter()
                .fold(request, |request, attribute| {
                    let value = MessageAttributeValue::builder()
                        .data_type(&attribute.data_type)
                        .string_value(&attribute.value)
                        .build();
                    match value {
                        Ok(value) => request.message_attributes(&attribute.name, value),
                        // A data type is set, the only thing that is required.
                        Err(_) => request,
                    }
                })
                .send()
        });
        match answer.await {
            Ok(answer) => Ok(answer.message_id),
            Err(error) if was_refused(&error) => Err(error),
            Err(error) => Err(error.never_again()),
        }
    })
    .await
}

fn not_sent(topic: &TopicArn, error: &CallError) -> CensusError {
    let remedy = match error.failure {
        Failure::Refused => {
            "; allow sns:Publish on the topic, and the use of its KMS key if it has one"
        }
        _ => "",
    };
    CensusError::DigestNotSent {
        topic: topic.to_string(),
        reason: format!("{error}{remedy}"),
    }
}
