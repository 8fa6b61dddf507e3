//! The topic that the digest goes to.

use aws_sdk_sns::types::MessageAttributeValue;
use keycensus_core::{
    aws_arn::TopicArn,
    digest::Digest,
    settings::{SettingsError, Source},
};

use crate::{
    call_error::{CallError, Failure, Place},
    connection::Aws,
    error::CensusError,
    operations::client,
    retry::retrying,
    session::Scanner,
};

fn place(aws: &Aws, scanner: &Scanner) -> Place {
    Place {
        account: Some(scanner.account),
        region: aws.region().clone(),
    }
}

/// Checks that the topic is there, before anything is scanned.
pub(crate) async fn check(
    aws: &Aws,
    scanner: &Scanner,
    topic: &TopicArn,
    source: Source,
) -> Result<(), CensusError> {
    let refused = |problem: String| SettingsError::refused(source, "topic_arn", topic, problem);
    let region = aws.region();
    if topic.region != *region {
        return Err(refused(format!(
            "the topic is in {}, but the census runs in {region}: name a topic in {region}",
            topic.region
        ))
        .into());
    }
    let client = client!(aws_sdk_sns, aws.config());
    let place = place(aws, scanner);
    let answer = retrying(|| {
        aws.send("sns:GetTopicAttributes", &place, || {
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

/// A digest that was not published, or may not have been.
#[derive(Debug)]
pub(crate) struct NotPublished {
    /// What to say of it.
    pub(crate) error: CensusError,
    /// Whether AWS said so. Where there was no answer, it may be out.
    pub(crate) is_certain: bool,
}

/// Publishes the digest, and gives SNS's ID of the message. A request that was
/// sent and not answered is not repeated: a second digest would be one too many.
pub(crate) async fn publish(
    aws: &Aws,
    scanner: &Scanner,
    topic: &TopicArn,
    digest: &Digest,
) -> Result<Option<String>, NotPublished> {
    let client = client!(aws_sdk_sns, aws.config());
    let place = place(aws, scanner);
    let answer = retrying(|| async {
        let answer = aws.send("sns:Publish", &place, || {
            let request = client
                .publish()
                .topic_arn(topic.as_str())
                .subject(&digest.subject)
                .message(&digest.message)
                .message_structure("json");
            digest
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
            // SNS took it; only the ID of the message is lost.
            Err(error) if matches!(error.status, Some(200..300)) => Ok(None),
            Err(error) if error.status.is_none() => Err(error.never_again()),
            Err(error) => Err(error),
        }
    })
    .await;
    answer.map_err(|error| NotPublished {
        is_certain: error.status.is_some(),
        error: not_sent(topic, &error),
    })
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
