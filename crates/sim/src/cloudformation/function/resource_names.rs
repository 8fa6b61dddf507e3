//! Names and ARNs of a template's resources.

use serde_json::Value;

use super::{
    super::{error::TemplateError, parameters::as_text, stack::Stack},
    resolve,
};
use crate::aws::regions::partition;

/// What `Ref` gives for a resource.
pub(in super::super) fn reference(stack: &Stack, logical: &str) -> Result<String, TemplateError> {
    if let Some(given) = stack.input.names.get(logical) {
        return Ok(given.clone());
    }
    let kind = kind(stack, logical)?;
    let name = name(stack, logical, kind)?;
    Ok(match kind {
        "AWS::SNS::Topic" => arn(stack, "sns", &name),
        "AWS::Serverless::StateMachine" => arn(stack, "states", &format!("stateMachine:{name}")),
        _ => name,
    })
}

/// What `Fn::GetAtt` gives for a resource.
pub(in super::super) fn attribute(
    stack: &Stack,
    logical: &str,
    attribute: &str,
) -> Result<String, TemplateError> {
    let kind = kind(stack, logical)?;
    if attribute != "Arn" {
        return Err(TemplateError::unsupported(format!("{logical}.{attribute}")));
    }
    let name = reference(stack, logical)?;
    Ok(match kind {
        "AWS::Serverless::StateMachine" => name,
        "AWS::IAM::Role" => {
            let path = text(stack, logical, "Path")?.unwrap_or_else(|| "/".to_owned());
            let partition = partition(&stack.input.region);
            format!(
                "arn:{partition}:iam::{}:role{path}{name}",
                stack.input.account
            )
        }
        "AWS::S3::Bucket" => format!("arn:{}:s3:::{name}", partition(&stack.input.region)),
        "AWS::SQS::Queue" => arn(stack, "sqs", &name),
        "AWS::Serverless::Function" => arn(stack, "lambda", &format!("function:{name}")),
        "AWS::Scheduler::ScheduleGroup" => {
            arn(stack, "scheduler", &format!("schedule-group/{name}"))
        }
        other => return Err(TemplateError::unsupported(format!("the ARN of a {other}"))),
    })
}

/// The type of a resource, whose condition must hold.
fn kind<'a>(stack: &'a Stack, logical: &str) -> Result<&'a str, TemplateError> {
    let resource = stack.resource(logical)?;
    let kind = resource["Type"].as_str();
    kind.ok_or_else(|| TemplateError::wrong(format!("{logical} has no Type")))
}

/// The name that the template gives a resource, or one that CloudFormation might generate.
fn name(stack: &Stack, logical: &str, kind: &str) -> Result<String, TemplateError> {
    let property = match kind {
        "AWS::IAM::Role" => "RoleName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::SNS::Topic" => "TopicName",
        // `Ref` gives its URL, which nothing here needs: the name will do.
        "AWS::SQS::Queue" => "QueueName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::Scheduler::ScheduleGroup" | "AWS::Serverless::StateMachine" => "Name",
        other => return Err(TemplateError::unsupported(format!("the name of a {other}"))),
    };
    let given = text(stack, logical, property)?;
    Ok(given.unwrap_or_else(|| format!("{}-{logical}", stack.input.name)))
}

/// A property of a resource that is a text, if it is there.
fn text(stack: &Stack, logical: &str, property: &str) -> Result<Option<String>, TemplateError> {
    let value = match stack.resource(logical)?["Properties"].get(property) {
        Some(value) => resolve(stack, value)?,
        None => None,
    };
    match value.as_ref().map(|value| (value, as_text(value))) {
        None | Some((Value::Null, _)) => Ok(None),
        Some((_, Some(text))) => Ok(Some(text)),
        Some((_, None)) => Err(TemplateError::wrong(format!(
            "{logical}.{property} is no text"
        ))),
    }
}

fn arn(stack: &Stack, service: &str, resource: &str) -> String {
    let (region, account) = (&stack.input.region, &stack.input.account);
    format!(
        "arn:{}:{service}:{region}:{account}:{resource}",
        partition(region)
    )
}
