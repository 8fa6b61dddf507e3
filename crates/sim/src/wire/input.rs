//! Parses requests: the operation's name and its parameters.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use serde_json::Value;

use super::{
    AwsError,
    form::Form,
    header_text,
    s3::{self, ObjectRequest},
};
use crate::aws::operation::Service;

/// The parameters of a call, in the protocol of its service.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Json(Value),
    Form(Form),
    Object(ObjectRequest),
}

impl Input {
    /// A text parameter that is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Json(value) => value.get(name)?.as_str(),
            Self::Form(form) => form.get(name),
            Self::Object(_) => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// A parameter that is a list; empty when it is absent, and in the query protocol, which numbers items.
    pub(crate) fn list(&self, name: &str) -> &[Value] {
        match self {
            Self::Json(value) => value.get(name).and_then(Value::as_array),
            Self::Form(_) | Self::Object(_) => None,
        }
        .map_or(&[], Vec::as_slice)
    }

    /// A text parameter, to be changed.
    pub(crate) fn text_mut(&mut self, name: &str) -> Option<&mut String> {
        match self {
            Self::Json(body) => match body.get_mut(name) {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            Self::Form(form) => form.get_mut(name),
            Self::Object(_) => None,
        }
    }

    /// The same parameters with one of them set; `None` for requests to S3.
    pub(crate) fn with_text(&self, name: &str, text: String) -> Option<Self> {
        match self {
            Self::Json(body) => {
                let mut body = body.clone();
                body[name] = text.into();
                Some(Self::Json(body))
            }
            Self::Form(form) => Some(Self::Form(form.with(name, text))),
            Self::Object(_) => None,
        }
    }

    /// A text parameter that the operation requires.
    pub(crate) fn required(&self, name: &str) -> Result<&str, AwsError> {
        self.text(name).ok_or_else(|| {
            let camel: String = name
                .chars()
                .enumerate()
                .map(|(at, c)| if at == 0 { c.to_ascii_lowercase() } else { c })
                .collect();
            self.invalid(format!(
                "1 validation error detected: Value null at '{camel}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    /// A whole number from 1 to `most`, or `default` when it is absent.
    pub(crate) fn limit(&self, name: &str, most: usize, default: usize) -> Result<usize, AwsError> {
        let given = match self {
            Self::Json(value) => match value.get(name) {
                None | Some(Value::Null) => return Ok(default),
                Some(given) => given.to_string(),
            },
            Self::Form(form) => match form.get(name) {
                None => return Ok(default),
                Some(given) => given.to_owned(),
            },
            Self::Object(_) => return Ok(default),
        };
        match given.parse() {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            _ => {
                let bound = if given.parse().is_ok_and(|n: usize| n > most) {
                    format!("less than or equal to {most}")
                } else {
                    "greater than or equal to 1".to_owned()
                };
                Err(self.invalid(format!(
                    "1 validation error detected: Value '{given}' at '{name}' failed to satisfy constraint: Member must have value {bound}"
                )))
            }
        }
    }

    /// The protocol's answer to a parameter outside its constraint.
    fn invalid(&self, message: String) -> AwsError {
        match self {
            Self::Form(_) => AwsError::new("ValidationError", 400, message),
            Self::Json(_) | Self::Object(_) => AwsError::validation(message),
        }
    }
}

pub(super) const CLOUD_TRAIL: &str = "CloudTrail_20131101.";
pub(super) const SECRETS_MANAGER: &str = "secretsmanager.";
/// A prefix of [`CLOUD_TRAIL`] that some SDKs send.
pub(super) const CLOUD_TRAIL_PACKAGE: &str = "com.amazonaws.cloudtrail.v20131101.";

/// Reads a request to `service`: the operation's name and its parameters.
pub(crate) fn read(
    service: Service,
    head: &Parts,
    body: Bytes,
) -> Result<(Cow<'static, str>, Input), AwsError> {
    match service {
        Service::Kms
        | Service::Organizations
        | Service::Events
        | Service::CloudTrail
        | Service::SecretsManager => {
            let target = header_text(&head.headers, "x-amz-target");
            let prefix = match service {
                Service::Kms => "TrentService.",
                Service::Events => "AWSEvents.",
                Service::CloudTrail => CLOUD_TRAIL,
                Service::SecretsManager => SECRETS_MANAGER,
                _ => "AWSOrganizationsV20161128.",
            };
            let word = target
                .map(|target| target.strip_prefix(CLOUD_TRAIL_PACKAGE).unwrap_or(target))
                .and_then(|target| target.strip_prefix(prefix))
                .map(|word| Cow::Owned(word.to_owned()))
                .unwrap_or_else(|| Cow::Owned(format!("{} {}", head.method, head.uri.path())));
            Ok((word, json(&body)?))
        }
        Service::Account | Service::SecurityHub => {
            let word = match (head.method.as_str(), head.uri.path()) {
                ("POST", "/listRegions") => Cow::Borrowed("ListRegions"),
                ("POST", "/findings/import") => Cow::Borrowed("BatchImportFindings"),
                (method, path) => Cow::Owned(format!("{method} {path}")),
            };
            Ok((word, json(&body)?))
        }
        Service::Iam | Service::Sts | Service::Sns | Service::Ec2 => {
            let form = Form::parse(&body);
            let word = form.get("Action").unwrap_or("(no Action)").to_owned();
            Ok((Cow::Owned(word), Input::Form(form)))
        }
        Service::S3 => {
            let request = s3::read(head, body)?;
            Ok((request.word(), Input::Object(request)))
        }
    }
}

fn json(body: &[u8]) -> Result<Input, AwsError> {
    if body.is_empty() {
        return Ok(Input::Json(Value::Null));
    }
    serde_json::from_slice(body)
        .map(Input::Json)
        .map_err(|error| AwsError::new("SerializationException", 400, error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_limit_outside_its_range_is_refused_with_the_bound() {
        for (given, expected) in [
            (json!({}), Ok(100)),
            (json!({"Limit": 7}), Ok(7)),
            (json!({"Limit": 0}), Err("greater than or equal to 1")),
            (json!({"Limit": -3}), Err("greater than or equal to 1")),
            (json!({"Limit": 1001}), Err("less than or equal to 1000")),
        ] {
            let found = Input::Json(given.clone()).limit("Limit", 1000, 100);
            match expected {
                Ok(limit) => assert_eq!(found, Ok(limit), "{given}"),
                Err(bound) => assert!(found.unwrap_err().message.ends_with(bound), "{given}"),
            }
        }
    }
}
